//! What evaluation hands out: columns by node and symbol, and the list of symbols for which a condition holds.

use super::lanes::{Bars, Steps};
use super::program::Program;
use super::run::LaneColumns;
use super::stages::Kind;
use super::truths::Truths;
use crate::bars::{Panel, Placement};
use crate::logic::holds;
use crate::plan::{NodeId, Plan, Scope};
use std::sync::{Arc, OnceLock};

/// A node's column in the course of evaluation.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Absent,
    /// By lane of the node's context.
    PerLane(Vec<Vec<f64>>),
    /// A condition, by lane of the node's context.
    Truths(Vec<Truths>),
    /// One value per timeline step.
    Market(Vec<f64>),
    /// Of an evaluation before this one.
    Given(Arc<Stored>),
}

impl Stored {
    /// The column itself, wherever it was computed.
    pub(super) fn own(&self) -> &Self {
        match self {
            Self::Given(column) => column.own(),
            _ => self,
        }
    }
}

/// A column to be read again by later evaluations on the same panel.
#[derive(Debug, Clone)]
pub struct Kept(Arc<Stored>);

impl Kept {
    /// Memory that it holds.
    pub fn bytes(&self) -> usize {
        match self.0.own() {
            Stored::PerLane(lanes) => lanes.iter().map(|lane| size_of_val(lane.as_slice())).sum(),
            Stored::Truths(lanes) => lanes.iter().map(Truths::bytes).sum(),
            Stored::Market(column) => size_of_val(column.as_slice()),
            Stored::Absent | Stored::Given(_) => 0,
        }
    }

    pub(super) fn of(column: Stored) -> Self {
        Self(match column {
            Stored::Given(column) => column,
            column => Arc::new(column),
        })
    }

    pub(super) fn give(&self) -> Stored {
        Stored::Given(Arc::clone(&self.0))
    }
}

/// Puts the columns that a program wrote, by lane, where other nodes find them.
pub(super) fn store(stored: &mut [Stored], program: &Program, lanes: Vec<LaneColumns>, kind: Kind) {
    let mut values: Vec<Vec<Vec<f64>>> = program.columns.iter().map(|_| Vec::with_capacity(lanes.len())).collect();
    let mut truths: Vec<Vec<Truths>> = program.truths.iter().map(|_| Vec::with_capacity(lanes.len())).collect();
    for lane in lanes {
        values.iter_mut().zip(lane.values).for_each(|(columns, column)| columns.push(column));
        truths.iter_mut().zip(lane.truths).for_each(|(columns, column)| columns.push(column));
    }
    for (&node, mut columns) in program.columns.iter().zip(values) {
        stored[node] = match kind {
            Kind::Market => columns.pop().map_or(Stored::Absent, Stored::Market),
            Kind::Symbols(_) => Stored::PerLane(columns),
        };
    }
    for (&node, columns) in program.truths.iter().zip(truths) {
        stored[node] = Stored::Truths(columns);
    }
}

/// Columns of the roots and of the nodes that were asked for. Symbols are indices into `Panel::symbols`; booleans are
/// 1, 0 and NaN.
#[derive(Debug)]
pub struct Columns<'p> {
    panel: &'p Panel<'p>,
    stored: Vec<Stored>,
    /// Values by lane of nodes that are stored otherwise, made when first asked for.
    written_out: Vec<OnceLock<Vec<Vec<f64>>>>,
    /// Panel index of each member with bars, in name order.
    members: Vec<usize>,
    /// Lane of each panel symbol.
    lane_of: Vec<Option<usize>>,
    /// What a person should know: members of the universe without any bar.
    pub warnings: Vec<String>,
}

impl<'p> Columns<'p> {
    pub(super) fn new(plan: &Plan, panel: &'p Panel<'p>, bars: Bars, mut stored: Vec<Stored>) -> Self {
        for (column, node) in stored.iter_mut().zip(&plan.nodes) {
            // Columns on other bars have been read through their bridges.
            if node.scope == Scope::Symbol && node.context != 0 {
                *column = Stored::Absent;
            }
        }
        let mut lane_of = vec![None; panel.symbols.len()];
        for (lane, &symbol) in bars.members.iter().enumerate() {
            lane_of[symbol] = Some(lane);
        }
        let written_out = stored.iter().map(|_| OnceLock::new()).collect();
        Self { panel, stored, written_out, members: bars.members, lane_of, warnings: bars.warnings }
    }

    /// Panel indices of the members that have bars, in name order.
    pub fn members(&self) -> &[usize] {
        &self.members
    }

    fn lane(&self, symbol: usize) -> Option<usize> {
        self.lane_of.get(symbol).copied().flatten()
    }

    /// A node's values on a member's own bars, market-wide nodes included. Empty for a symbol outside the universe
    /// and for a node that was not asked for or lies on other bars. Conditions are written out on the first call; `true_at`, `truths` and
    /// `value` do without.
    pub fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        let Some(lane) = self.lane(symbol) else { return &[] };
        let bars = &self.panel.symbols[symbol];
        match (self.stored.get(node).map(Stored::own), &bars.placement) {
            (Some(Stored::PerLane(lanes)), _) => lanes.get(lane).map_or(&[], Vec::as_slice),
            (Some(Stored::Market(column)), Placement::Dense { first }) => {
                column.get(*first..first + bars.len()).unwrap_or(&[])
            }
            (Some(Stored::Market(_) | Stored::Truths(_)), _) => {
                let lanes = self.written_out[node].get_or_init(|| self.write_out(node));
                lanes.get(lane).map_or(&[], Vec::as_slice)
            }
            _ => &[],
        }
    }

    fn write_out(&self, node: NodeId) -> Vec<Vec<f64>> {
        let lane = |(lane, &symbol): (usize, &usize)| {
            let bars = &self.panel.symbols[symbol];
            match self.stored[node].own() {
                Stored::Truths(lanes) => lanes[lane].values(0..bars.len()).collect(),
                Stored::Market(column) => (0..bars.len()).map(|bar| column[bars.step_of(bar)]).collect(),
                _ => Vec::new(),
            }
        };
        self.members.iter().enumerate().map(lane).collect()
    }

    /// The same as `symbol`, for conditions: one truth per bar of the member.
    pub fn signal(&self, node: NodeId, symbol: usize) -> &[f64] {
        self.symbol(node, symbol)
    }

    /// A condition of a member in bits, one per bar; `None` for what is not a condition of each member.
    pub fn truths(&self, node: NodeId, symbol: usize) -> Option<&Truths> {
        match self.stored.get(node).map(Stored::own) {
            Some(Stored::Truths(lanes)) => lanes.get(self.lane(symbol)?),
            _ => None,
        }
    }

    /// A market-wide node's values, one per timeline step; empty for any other node.
    pub fn market(&self, node: NodeId) -> &[f64] {
        match self.stored.get(node).map(Stored::own) {
            Some(Stored::Market(column)) => column,
            _ => &[],
        }
    }

    /// A node's value for a member at a timeline step; NaN where it has no bar.
    pub fn value(&self, node: NodeId, symbol: usize, step: usize) -> f64 {
        let at = || {
            let lane = self.lane(symbol)?;
            let bar = self.panel.symbols[symbol].bar_at(step)?;
            match self.stored.get(node)?.own() {
                Stored::PerLane(lanes) => lanes.get(lane)?.get(bar).copied(),
                Stored::Truths(lanes) => lanes.get(lane).map(|truths| truths.value(bar)),
                Stored::Market(column) => column.get(step).copied(),
                Stored::Absent | Stored::Given(_) => None,
            }
        };
        at().unwrap_or(f64::NAN)
    }

    /// Whether a condition is known to hold for a member at a timeline step.
    pub fn holds(&self, node: NodeId, symbol: usize, step: usize) -> bool {
        holds(self.value(node, symbol, step))
    }

    /// The members for which a condition holds, by step; missing does not hold. Membership (`where`) is not part of
    /// it: that is a node of its own.
    pub fn true_at(&self, node: NodeId) -> TrueAt {
        let steps = self.panel.timeline.len();
        // One place further on than usual, so that filling moves each start to where it belongs.
        let mut starts = vec![0_u32; steps + 2];
        self.for_each_true(node, |step, _| starts[step + 2] += 1);
        for step in 0..steps {
            starts[step + 2] += starts[step + 1];
        }
        let mut symbols = vec![0; starts[steps + 1] as usize];
        self.for_each_true(node, |step, symbol| {
            symbols[starts[step + 1] as usize] = symbol;
            starts[step + 1] += 1;
        });
        TrueAt { starts, symbols }
    }

    /// Visits (step, symbol) of every true value, symbol by symbol in name order.
    fn for_each_true(&self, node: NodeId, mut visit: impl FnMut(usize, u32)) {
        for (lane, &symbol) in self.members.iter().enumerate() {
            let steps = Steps::of(&self.panel.symbols[symbol].placement);
            if let Some(Stored::Truths(lanes)) = self.stored.get(node).map(Stored::own) {
                lanes[lane].holding().for_each(|bar| visit(steps.at(bar), symbol as u32));
                continue;
            }
            for (bar, &value) in self.symbol(node, symbol).iter().enumerate() {
                if holds(value) {
                    visit(steps.at(bar), symbol as u32);
                }
            }
        }
    }
}

/// Symbols for which a condition holds, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueAt {
    /// Where each step's symbols begin in `symbols`, and where the last step's end.
    starts: Vec<u32>,
    symbols: Vec<u32>,
}

impl TrueAt {
    /// Panel indices of the symbols at a step, in name order.
    pub fn at(&self, step: usize) -> &[u32] {
        match (self.starts.get(step), self.starts.get(step + 1)) {
            (Some(&from), Some(&to)) => &self.symbols[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Over all steps together.
    pub fn total(&self) -> usize {
        self.symbols.len()
    }
}

impl std::ops::Index<usize> for TrueAt {
    type Output = [u32];

    fn index(&self, step: usize) -> &[u32] {
        self.at(step)
    }
}
