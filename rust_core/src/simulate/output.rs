//! What a run leaves behind, as columns. Amounts are fixed-point: millionths of a dollar, of a dollar per share, of a
//! share. Symbols are indices into `symbols`.

use crate::kernel::ledger::Entry;
use crate::kernel::{Order, Trade};
use crate::risk::Verdict;
use crate::units::{Money, Price, Shares, Side};

/// One row per order, protective children included, in the order of their ids (1, 2, ...).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Orders {
    pub rows: Vec<Order>,
}

/// One row per execution.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fills {
    pub order_id: Vec<u64>,
    pub symbol: Vec<usize>,
    pub side: Vec<Side>,
    pub quantity: Vec<Shares>,
    pub price: Vec<Price>,
    pub fee: Vec<Money>,
    /// What the price was worse than its reference by, over the quantity.
    pub slippage: Vec<Money>,
    pub filled_ns: Vec<i64>,
    pub reason: Vec<&'static str>,
}

/// One verdict, on an order that was sent or on a candidate that was not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerdictRow {
    pub ns: i64,
    /// `None` for a candidate that was refused.
    pub order_id: Option<u64>,
    pub symbol: usize,
    pub side: Side,
    pub verdict: Verdict,
}

/// One row per step of the run: the first is the close at which the first decision is taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Equity {
    /// Index of the first row's step on the panel's timeline; row i is step `first_step + i`.
    pub first_step: usize,
    pub equity: Vec<Money>,
    pub cash: Vec<Money>,
    /// Sum of the absolute values of positions.
    pub gross_exposure: Vec<Money>,
}

impl Equity {
    pub fn len(&self) -> usize {
        self.equity.len()
    }

    pub fn is_empty(&self) -> bool {
        self.equity.is_empty()
    }

    /// Equity less cash, by row.
    pub fn positions_value(&self) -> impl Iterator<Item = Money> {
        self.equity.iter().zip(&self.cash).map(|(&equity, &cash)| equity - cash)
    }
}

/// Which way a signal points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Long,
    Short,
    Flat,
}

/// A signal: an entry condition that turned true, a member that was chosen, or an exit that fired on an open position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalRow {
    pub ns: i64,
    pub symbol: usize,
    pub direction: Direction,
    /// The priority, or the target weight; NaN where neither is declared.
    pub strength: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Breaches of drawdown that were reset.
    pub resumes: u32,
    /// Positions closed because their symbol trades no more.
    pub forced_closes: u32,
    /// Decisions that the skip passed over; 0 on the general path.
    pub steps_skipped: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOutput {
    pub symbols: Vec<String>,
    /// What a person should know, such as members without any bar.
    pub warnings: Vec<String>,
    pub orders: Orders,
    pub fills: Fills,
    /// Round trips in the order in which they closed, then what is still open at its last mark.
    pub trades: Vec<Trade>,
    pub verdicts: Vec<VerdictRow>,
    pub equity: Equity,
    pub signals: Vec<SignalRow>,
    pub ledger: Vec<Entry>,
    pub counters: Counters,
}
