//! What evaluation hands out: columns by node and symbol, and the list of symbols for which a condition holds.

use super::lanes::{Bars, Steps};
use super::program::Written;
use super::stages::{Kind, Stages};
use crate::bars::{Panel, Placement};
use crate::logic::holds;
use crate::plan::NodeId;
use std::collections::BTreeMap;

/// A node's column in the course of evaluation.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Absent,
    /// By lane of the node's context.
    PerLane(Vec<Vec<f64>>),
    /// One value per timeline step.
    Market(Vec<f64>),
}

/// Puts the columns that a program wrote, by lane, where other nodes find them.
pub(super) fn store(stored: &mut [Stored], written: &[Written], lanes: Vec<Vec<Vec<f64>>>, kind: Kind) {
    let mut by_node: Vec<Vec<Vec<f64>>> = written.iter().map(|_| Vec::with_capacity(lanes.len())).collect();
    for lane in lanes {
        for (columns, column) in by_node.iter_mut().zip(lane) {
            columns.push(column);
        }
    }
    for (node, mut columns) in written.iter().zip(by_node) {
        stored[node.id] = match kind {
            Kind::Market => columns.pop().map_or(Stored::Absent, Stored::Market),
            Kind::Symbols(_) => Stored::PerLane(columns),
        };
    }
}

/// Columns of the roots and of the nodes that were asked for. Symbols are indices into `Panel::symbols`; booleans are
/// 1, 0 and NaN.
#[derive(Debug)]
pub struct Columns<'p> {
    panel: &'p Panel<'p>,
    stored: Vec<Stored>,
    /// Market columns laid on the bars of members that have gaps.
    spread: BTreeMap<NodeId, Vec<Vec<f64>>>,
    /// Panel index of each member with bars, in name order.
    members: Vec<usize>,
    /// Lane of each panel symbol.
    lane_of: Vec<Option<usize>>,
    /// What a person should know: members of the universe without any bar.
    pub warnings: Vec<String>,
}

impl<'p> Columns<'p> {
    pub(super) fn new(panel: &'p Panel<'p>, bars: &Bars, stages: &Stages, stored: Vec<Stored>) -> Self {
        let mut lane_of = vec![None; panel.symbols.len()];
        for (lane, &symbol) in bars.members.iter().enumerate() {
            lane_of[symbol] = Some(lane);
        }
        let spread_out = |column: &Vec<f64>| -> Vec<Vec<f64>> {
            let members = bars.members.iter().map(|&symbol| match &panel.symbols[symbol].placement {
                Placement::Dense { .. } => Vec::new(),
                Placement::Sparse { step_of, .. } => step_of.iter().map(|&step| column[step as usize]).collect(),
            });
            members.collect()
        };
        let kept = stored.iter().enumerate().filter(|(id, _)| stages.kept[*id]);
        let spread = kept
            .filter_map(|(id, stored)| match stored {
                Stored::Market(column) => Some((id, spread_out(column))),
                _ => None,
            })
            .collect();
        Self { panel, stored, spread, members: bars.members.clone(), lane_of, warnings: bars.warnings.clone() }
    }

    /// Panel indices of the members that have bars, in name order.
    pub fn members(&self) -> &[usize] {
        &self.members
    }

    /// A node's values on a member's own bars, market-wide nodes included. Empty for a symbol outside the universe
    /// and for a node that was not asked for.
    pub fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        let Some(lane) = self.lane_of.get(symbol).copied().flatten() else { return &[] };
        match (self.stored.get(node), &self.panel.symbols[symbol].placement) {
            (Some(Stored::PerLane(lanes)), _) => lanes.get(lane).map_or(&[], Vec::as_slice),
            (Some(Stored::Market(column)), Placement::Dense { first }) => {
                column.get(*first..first + self.panel.symbols[symbol].len()).unwrap_or(&[])
            }
            (Some(Stored::Market(_)), Placement::Sparse { .. }) => {
                self.spread.get(&node).and_then(|lanes| lanes.get(lane)).map_or(&[], Vec::as_slice)
            }
            _ => &[],
        }
    }

    /// The same as `symbol`, for conditions: one truth per bar of the member.
    pub fn signal(&self, node: NodeId, symbol: usize) -> &[f64] {
        self.symbol(node, symbol)
    }

    /// A market-wide node's values, one per timeline step; empty for any other node.
    pub fn market(&self, node: NodeId) -> &[f64] {
        match self.stored.get(node) {
            Some(Stored::Market(column)) => column,
            _ => &[],
        }
    }

    /// A node's value for a member at a timeline step; NaN where it has no bar.
    pub fn value(&self, node: NodeId, symbol: usize, step: usize) -> f64 {
        let Some(bars) = self.panel.symbols.get(symbol) else { return f64::NAN };
        let bar = bars.bar_at(step);
        bar.and_then(|bar| self.symbol(node, symbol).get(bar)).copied().unwrap_or(f64::NAN)
    }

    /// The members for which a condition holds, by step; missing does not hold.
    pub fn true_at(&self, node: NodeId) -> TrueAt {
        let steps = self.panel.timeline.len();
        let mut ends = vec![0_u32; steps + 1];
        self.for_each_true(node, |step, _| ends[step + 1] += 1);
        for step in 0..steps {
            ends[step + 1] += ends[step];
        }
        let mut symbols = vec![0; ends[steps] as usize];
        let mut next = ends.clone();
        self.for_each_true(node, |step, symbol| {
            symbols[next[step] as usize] = symbol;
            next[step] += 1;
        });
        TrueAt { ends, symbols }
    }

    /// Visits (step, symbol) of every true value, symbol by symbol in name order.
    fn for_each_true(&self, node: NodeId, mut visit: impl FnMut(usize, u32)) {
        for &symbol in &self.members {
            let steps = Steps::of(&self.panel.symbols[symbol].placement);
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
    /// Where each step's symbols begin in `symbols`; the last entry is their number.
    ends: Vec<u32>,
    symbols: Vec<u32>,
}

impl TrueAt {
    /// Panel indices of the symbols at a step, in name order.
    pub fn at(&self, step: usize) -> &[u32] {
        match (self.ends.get(step), self.ends.get(step + 1)) {
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
