//! What the simulation reads of the plan's columns: roots resolved once, and a list per step of who has a signal.
//!
//! Most symbols do nothing at most steps. The conditions are scanned once, symbol by symbol, and turned into one list
//! per step, so that a step visits only symbols with a signal, a position or a working order.

use crate::plan::{NodeId, Plan, Scope};
use crate::simulate::market::Market;

/// The computed columns of a plan's market-stage nodes. Symbols are indices into the panel.
pub trait Signals {
    /// One value per bar of the symbol.
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64];
    /// One value per step.
    fn market(&self, node: NodeId) -> &[f64];
}

/// A root's values by symbol and time.
#[derive(Debug, Clone)]
pub(super) enum Root<'a> {
    /// By panel symbol, then by bar; empty for symbols outside the universe.
    Symbol(Vec<&'a [f64]>),
    /// By step.
    Market(&'a [f64]),
    /// Known only per open position.
    Position(NodeId),
}

impl<'a> Root<'a> {
    pub fn new<S: Signals + ?Sized>(node: NodeId, plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        match plan.nodes[node].scope {
            Scope::Market => Self::Market(signals.market(node)),
            Scope::Position => Self::Position(node),
            Scope::Symbol => {
                let mut columns: Vec<&[f64]> = vec![&[]; market.symbols()];
                for &symbol in &market.members {
                    columns[symbol] = signals.symbol(node, symbol);
                }
                Self::Symbol(columns)
            }
        }
    }

    /// NaN where there is no value; a position-stage root has none here.
    #[inline]
    pub fn value(&self, symbol: usize, bar: usize, step: usize) -> f64 {
        match self {
            Self::Symbol(columns) => columns[symbol].get(bar).copied().unwrap_or(f64::NAN),
            Self::Market(column) => column.get(step).copied().unwrap_or(f64::NAN),
            Self::Position(_) => f64::NAN,
        }
    }

    /// Missing is false.
    #[inline]
    pub fn is_true(&self, symbol: usize, bar: usize, step: usize) -> bool {
        self.value(symbol, bar, step) > 0.5
    }
}

const LONG: u32 = 1 << 29;
const SHORT: u32 = 1 << 30;
const RISES: u32 = 1 << 31;

/// One symbol's signal at one step, packed: the symbol in 29 bits, which side, and whether the bar before had none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue(u32);

impl Cue {
    pub const fn symbol(self) -> usize {
        (self.0 & (LONG - 1)) as usize
    }

    pub const fn is_long(self) -> bool {
        self.0 & LONG != 0
    }

    pub const fn rises(self) -> bool {
        self.0 & RISES != 0
    }
}

/// For each step, the symbols with a signal, ascending.
#[derive(Debug, Default)]
pub(super) struct Cues {
    starts: Vec<u32>,
    cues: Vec<Cue>,
}

impl Cues {
    /// From conditions per symbol and bar; `side` answers +1, -1 or 0.
    pub fn gather(market: &Market<'_>, mut scan: impl FnMut(usize, &mut Vec<i8>)) -> Self {
        let mut counts = vec![0u32; market.steps() + 1];
        let mut found: Vec<(u32, Cue)> = Vec::new();
        let mut sides: Vec<i8> = Vec::new();
        for &symbol in &market.members {
            sides.clear();
            scan(symbol, &mut sides);
            let mut before = 0;
            for (bar, &side) in sides.iter().enumerate() {
                if side != 0 {
                    let step = market.step_of(symbol, bar);
                    counts[step] += 1;
                    let rises = if side == before { 0 } else { RISES };
                    let flag = if side > 0 { LONG } else { SHORT };
                    found.push((step as u32, Cue(symbol as u32 | flag | rises)));
                }
                before = side;
            }
        }
        let mut starts = Vec::with_capacity(counts.len());
        let mut sum = 0u32;
        for count in &counts {
            starts.push(sum);
            sum += count;
        }
        let mut next = starts.clone();
        let mut cues = vec![Cue(0); found.len()];
        for (step, cue) in found {
            let place = &mut next[step as usize];
            cues[*place as usize] = cue;
            *place += 1;
        }
        Self { starts, cues }
    }

    pub fn at(&self, step: usize) -> &[Cue] {
        match (self.starts.get(step), self.starts.get(step + 1)) {
            (Some(&from), Some(&to)) => &self.cues[from as usize..to as usize],
            _ => &[],
        }
    }
}
