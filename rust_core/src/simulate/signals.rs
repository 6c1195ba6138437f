//! What the simulation reads of the plan's columns: roots resolved once, read by bar or by words of 64 bars.

use crate::logic::holds;
use crate::plan::evaluate::{Columns, Truths};
use crate::plan::position::{PositionValues, Program};
use crate::plan::{NodeId, Plan, Scope};
use crate::simulate::market::Market;
use std::ops::Range;

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

pub(super) const WORD: usize = u64::BITS as usize;

/// Which of up to 64 values hold, the first in the lowest bit.
#[inline(never)]
fn word_of(values: impl Iterator<Item = f64>) -> u64 {
    values.enumerate().fold(0, |word, (bit, value)| word | u64::from(holds(value)) << bit)
}

/// The same for those of a column from `64 * index` on.
#[inline(never)]
fn word_at(values: &[f64], index: usize) -> u64 {
    let from = (index * WORD).min(values.len());
    word_of(values[from..values.len().min(from + WORD)].iter().copied())
}

/// The bits of a word that begins at bar `from`, from bar `first` on.
pub(super) const fn bits_from(first: usize, from: usize) -> u64 {
    match first.saturating_sub(from) {
        skipped if skipped < WORD => u64::MAX << skipped,
        _ => 0,
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
    #[inline]
    pub fn word(self, index: usize) -> u64 {
        match self {
            Self::Values(values) => word_at(values, index),
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
    /// Known only per open position: a program, and the columns it reads, by place.
    Position { program: Program, columns: Vec<Root<'a>> },
}

impl<'a> Root<'a> {
    pub fn new<S: Signals + ?Sized>(node: NodeId, plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        match plan.nodes[node].scope {
            Scope::Market => Self::Market(signals.market(node)),
            Scope::Position => {
                let program = Program::new(plan, node);
                let columns = program.columns().iter();
                let columns = columns.map(|&node| Self::new(node, plan, market, signals)).collect();
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

    /// The values at some of a symbol's bars: the column's own where there is one, else written into `room`.
    pub fn read<'r>(
        &'r self,
        market: &Market<'a>,
        symbol: usize,
        bars: Range<usize>,
        room: &'r mut [f64],
    ) -> &'r [f64] {
        if let Self::Symbol(columns) = self
            && let Column::Values(column) = columns[symbol]
            && let Some(column) = column.get(bars.clone())
        {
            return column;
        }
        for (value, bar) in room.iter_mut().zip(bars) {
            *value = self.value(symbol, bar, market.step_of(symbol, bar));
        }
        room
    }

    /// Missing is false.
    #[inline]
    pub fn is_true(&self, symbol: usize, bar: usize, step: usize) -> bool {
        match self {
            Self::Symbol(columns) => columns[symbol].holds(bar),
            _ => holds(self.value(symbol, bar, step)),
        }
    }

    /// Combines words, one for each 64 of a symbol's bars, with those of the condition.
    pub fn combine(&self, market: &Market<'a>, symbol: usize, words: &mut [u64], with: impl Fn(u64, u64) -> u64) {
        if let Self::Symbol(columns) = self
            && let Column::Bits(truths) = columns[symbol]
        {
            debug_assert!(words.len() <= truths.words().len(), "a bit for every bar");
            return words.iter_mut().zip(truths.words()).for_each(|(word, &own)| *word = with(*word, own));
        }
        for (index, word) in words.iter_mut().enumerate() {
            *word = with(*word, self.word(market, symbol, index));
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
        holds(program.run(slots, &|place| columns[place].value(symbol, bar, step), position))
    }

    /// At which of the symbol's bars from `64 * index` on the condition holds, the first in the lowest bit; none for a
    /// position-stage condition.
    pub fn word(&self, market: &Market<'a>, symbol: usize, index: usize) -> u64 {
        match self {
            Self::Symbol(columns) => columns[symbol].word(index),
            Self::Market(column) => {
                let bars = market.bars(symbol);
                let from = (index * WORD).min(bars.len());
                let steps = (from..bars.len().min(from + WORD)).map(|bar| bars.step_of(bar));
                word_of(steps.map(|step| column.get(step).copied().unwrap_or(f64::NAN)))
            }
            Self::Position { .. } => 0,
        }
    }

    pub const fn is_of_position(&self) -> bool {
        matches!(self, Self::Position { .. })
    }
}
