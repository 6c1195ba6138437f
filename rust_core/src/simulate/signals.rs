//! What the simulation reads of the plan's columns: roots resolved once, and a list per step of who has a signal.
//!
//! Most symbols do nothing at most steps. The conditions are scanned once, symbol by symbol, and turned into one list
//! per step, so that a step visits only symbols with a signal, a position or a working order.

use crate::logic::holds;
use crate::plan::evaluate::{Columns, Truths};
use crate::plan::position::{PositionValues, Program};
use crate::plan::{NodeId, Plan, Scope};
use crate::simulate::market::Market;

/// The computed columns of a plan's market-stage nodes. Symbols are indices into the panel.
pub trait Signals {
    /// One value per bar of the symbol.
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64];
    /// One value per step.
    fn market(&self, node: NodeId) -> &[f64];
    /// A condition in bits, one per bar of the symbol, where it is kept so.
    fn truths(&self, _node: NodeId, _symbol: usize) -> Option<&Truths> {
        None
    }
}

impl Signals for Columns<'_> {
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        Columns::symbol(self, node, symbol)
    }

    fn market(&self, node: NodeId) -> &[f64] {
        Columns::market(self, node)
    }

    fn truths(&self, node: NodeId, symbol: usize) -> Option<&Truths> {
        Columns::truths(self, node, symbol)
    }
}

/// A symbol's own column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column<'a> {
    Values(&'a [f64]),
    Bits(&'a Truths),
}

impl Column<'_> {
    /// Missing is false.
    #[inline]
    pub fn holds(self, bar: usize) -> bool {
        match self {
            Self::Values(values) => values.get(bar).is_some_and(|&value| holds(value)),
            Self::Bits(truths) => truths.holds(bar),
        }
    }

    /// Which of the bars from `64 * index` on hold, the first in the lowest bit.
    pub fn word(self, index: usize) -> u64 {
        match self {
            Self::Values(values) => {
                let from = (index * 64).min(values.len());
                let word = &values[from..values.len().min(from + 64)];
                word.iter().enumerate().fold(0, |word, (bit, &value)| word | u64::from(holds(value)) << bit)
            }
            Self::Bits(truths) => truths.word(index),
        }
    }
}

/// A root's values by symbol and time.
#[derive(Debug, Clone)]
pub(super) enum Root<'a> {
    /// By panel symbol, then by bar; empty for symbols outside the universe.
    Symbol(Vec<Column<'a>>),
    /// By step.
    Market(&'a [f64]),
    /// Known only per open position: a program, and the columns it reads.
    Position { program: Program, columns: Vec<(NodeId, Root<'a>)> },
}

impl<'a> Root<'a> {
    pub fn new<S: Signals + ?Sized>(node: NodeId, plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        match plan.nodes[node].scope {
            Scope::Market => Self::Market(signals.market(node)),
            Scope::Position => {
                let program = Program::new(plan, node);
                let columns = program.columns().iter();
                let columns = columns.map(|&node| (node, Self::new(node, plan, market, signals))).collect();
                Self::Position { program, columns }
            }
            Scope::Symbol => {
                let mut columns = vec![Column::Values(&[]); market.symbols()];
                for &symbol in &market.members {
                    columns[symbol] = match signals.truths(node, symbol) {
                        Some(truths) => Column::Bits(truths),
                        None => Column::Values(signals.symbol(node, symbol)),
                    };
                }
                Self::Symbol(columns)
            }
        }
    }

    /// NaN where there is no value; a position-stage root has none here.
    #[inline]
    pub fn value(&self, symbol: usize, bar: usize, step: usize) -> f64 {
        match self {
            Self::Symbol(columns) => match columns[symbol] {
                Column::Values(values) => values.get(bar).copied().unwrap_or(f64::NAN),
                Column::Bits(truths) => truths.value(bar),
            },
            Self::Market(column) => column.get(step).copied().unwrap_or(f64::NAN),
            Self::Position { .. } => f64::NAN,
        }
    }

    /// Missing is false.
    #[inline]
    pub fn is_true(&self, symbol: usize, bar: usize, step: usize) -> bool {
        match self {
            Self::Symbol(columns) => columns[symbol].holds(bar),
            _ => holds(self.value(symbol, bar, step)),
        }
    }

    /// The symbol's own column; `None` for what is not one.
    pub fn column(&self, symbol: usize) -> Option<Column<'a>> {
        match self {
            Self::Symbol(columns) => Some(columns[symbol]),
            _ => None,
        }
    }

    /// Whether a position-stage condition holds; `slots` is scratch space.
    pub fn is_true_of(
        &self,
        position: &PositionValues,
        symbol: usize,
        bar: usize,
        step: usize,
        slots: &mut Vec<f64>,
    ) -> bool {
        let Self::Position { program, columns } = self else { return self.is_true(symbol, bar, step) };
        let read = |node: NodeId| {
            let column = columns.binary_search_by_key(&node, |(id, _)| *id);
            column.map_or(f64::NAN, |place| columns[place].1.value(symbol, bar, step))
        };
        holds(program.run(slots, &read, position))
    }

    /// At which of the symbol's bars from `64 * index` on the condition holds, the first in the lowest bit. Known of
    /// the symbol's own columns alone.
    pub fn word(&self, symbol: usize, index: usize) -> u64 {
        self.column(symbol).map_or(0, |column| column.word(index))
    }

    pub const fn is_of_market(&self) -> bool {
        matches!(self, Self::Market(_))
    }

    pub const fn is_of_position(&self) -> bool {
        matches!(self, Self::Position { .. })
    }

    /// Visits the bars of a symbol at which the condition holds, in order.
    fn for_each_true(&self, market: &Market<'a>, symbol: usize, mut visit: impl FnMut(usize)) {
        match self {
            Self::Symbol(columns) => match columns[symbol] {
                Column::Values(values) => {
                    values.iter().enumerate().filter(|(_, value)| holds(**value)).for_each(|(bar, _)| visit(bar));
                }
                Column::Bits(truths) => truths.holding().for_each(visit),
            },
            Self::Market(column) => {
                let is_true = |bar: &usize| column.get(market.step_of(symbol, *bar)).is_some_and(|&value| holds(value));
                (0..market.bars(symbol).len()).filter(is_true).for_each(visit);
            }
            Self::Position { .. } => {}
        }
    }
}

const LONG: u32 = 1 << 29;
const SHORT: u32 = 1 << 30;
const RISES: u32 = 1 << 31;

/// One symbol's signal at one step, packed: the symbol in 29 bits, which side, and whether the bar before had none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue(u32);

impl Cue {
    pub const fn new(symbol: usize, is_long: bool, rises: bool) -> Self {
        Self(symbol as u32 | if is_long { LONG } else { SHORT } | if rises { RISES } else { 0 })
    }

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
    /// From the conditions of each side; a bar at which `admits` (symbol, bar, step, is long) says no has no cue.
    pub fn gather<'a>(
        market: &Market<'a>,
        sides: [Option<&Root<'a>>; 2],
        admits: impl Fn(usize, usize, usize, bool) -> bool,
    ) -> Self {
        // One place further on than usual, so that filling moves each start to where it belongs.
        let mut starts = vec![0u32; market.steps() + 2];
        let mut found: Vec<(u32, Cue)> = Vec::new();
        for &symbol in &market.members {
            for (root, flag) in sides.into_iter().zip([LONG, SHORT]) {
                let Some(root) = root else { continue };
                // Bar 0 follows no bar.
                let mut after_last = usize::MAX;
                root.for_each_true(market, symbol, |bar| {
                    let step = market.step_of(symbol, bar);
                    if admits(symbol, bar, step, flag == LONG) {
                        found.push((step as u32, Cue::new(symbol, flag == LONG, bar != after_last)));
                        starts[step + 2] += 1;
                        after_last = bar + 1;
                    }
                });
            }
        }
        Self::by_step(starts, found)
    }

    /// The same from conditions in words of 64 bars: `word` (symbol, index, is long) tells at which bars there is a cue.
    pub fn gather_words(market: &Market<'_>, sides: [bool; 2], word: impl Fn(usize, usize, bool) -> u64) -> Self {
        let mut starts = vec![0u32; market.steps() + 2];
        let mut found: Vec<(u32, Cue)> = Vec::new();
        for &symbol in &market.members {
            for (_, is_long) in sides.into_iter().zip([true, false]).filter(|(is_asked, _)| *is_asked) {
                let mut before = 0;
                for index in 0..market.bars(symbol).len().div_ceil(64) {
                    let mut rest = word(symbol, index, is_long);
                    let rises = rest & !(rest << 1 | before);
                    before = rest >> 63;
                    while rest != 0 {
                        let bit = rest.trailing_zeros();
                        rest &= rest - 1;
                        let step = market.step_of(symbol, index * 64 + bit as usize);
                        found.push((step as u32, Cue::new(symbol, is_long, rises >> bit & 1 == 1)));
                        starts[step + 2] += 1;
                    }
                }
            }
        }
        Self::by_step(starts, found)
    }

    /// Sorts what was found symbol by symbol into steps; `starts` counts them, two places further on.
    fn by_step(mut starts: Vec<u32>, found: Vec<(u32, Cue)>) -> Self {
        for step in 2..starts.len() {
            starts[step] += starts[step - 1];
        }
        let mut cues = vec![Cue(0); found.len()];
        for (step, cue) in found {
            let place = &mut starts[step as usize + 1];
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

/// The cues of one step: a part of the list, or the only member's own.
pub(super) enum CuesAt<'c> {
    Listed(&'c [Cue]),
    Lone(Option<Cue>),
}

impl std::ops::Deref for CuesAt<'_> {
    type Target = [Cue];

    fn deref(&self) -> &[Cue] {
        match self {
            Self::Listed(cues) => cues,
            Self::Lone(cue) => cue.as_slice(),
        }
    }
}
