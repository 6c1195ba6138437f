//! What a run leaves behind, as columns. Amounts are fixed-point: millionths of a dollar, of a dollar per share, of a
//! share. Symbols are indices into `symbols`.

use crate::kernel::ledger::Entry;
use crate::kernel::{FillReport, Order, Trade};
use crate::risk::Verdict;
use crate::units::{Money, Price, Shares, Side, append_worth};

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

impl Fills {
    /// Adds an execution of an order at a moment, which had so much slippage.
    #[inline]
    pub(super) fn push(&mut self, order: &Order, filled_ns: i64, fill: &FillReport) {
        self.order_id.push(order.id);
        self.symbol.push(order.symbol);
        self.side.push(order.side);
        self.quantity.push(fill.quantity);
        self.price.push(fill.price);
        self.fee.push(fill.fee);
        self.slippage.push(fill.slippage);
        self.filled_ns.push(filled_ns);
        self.reason.push(order.reason.as_str());
    }
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
///
/// A long run has millions of rows, so what follows from little is kept as little: cash by the rows at which it changes,
/// gross exposure only once a short has been held (before that it is the value of the positions).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Equity {
    /// Index of the first row's step on the panel's timeline; row i is step `first_step + i`.
    pub first_step: usize,
    pub equity: Vec<Money>,
    /// First row, and the cash from there on.
    cash_from: Vec<(usize, Money)>,
    /// By row; empty without shorts.
    gross: Vec<Money>,
    /// Rows at these steps alone, ascending, and how many of them are there; `None` has a row for every step.
    only: Option<Vec<usize>>,
    /// Equity at the last close, with a row or without.
    last: Option<Money>,
}

impl Equity {
    /// Begins anew at a step, with rows at the steps of `only`, or at all.
    pub(super) fn restart(&mut self, first_step: usize, only: Option<Vec<usize>>) {
        self.equity.clear();
        self.cash_from.clear();
        self.gross.clear();
        (self.first_step, self.only, self.last) = (first_step, only, None);
    }

    /// The steps that rows are kept at, to be handed to the next run.
    pub(super) fn take_steps(&mut self) -> Option<Vec<usize>> {
        self.only.take()
    }

    /// Equity at the last close.
    pub fn last(&self) -> Option<Money> {
        self.last
    }

    /// Whether a step has a row; steps come in order.
    fn keeps(&self, step: usize) -> bool {
        self.only.as_ref().is_none_or(|steps| steps.get(self.equity.len()) == Some(&step))
    }

    pub fn len(&self) -> usize {
        self.equity.len()
    }

    pub fn is_empty(&self) -> bool {
        self.equity.is_empty()
    }

    /// Cash by row.
    pub fn cash(&self) -> Vec<Money> {
        let mut rows = Vec::with_capacity(self.len());
        for (place, &(_, cash)) in self.cash_from.iter().enumerate() {
            let end = self.cash_from.get(place + 1).map_or(self.len(), |&(row, _)| row);
            rows.resize(end, cash);
        }
        rows
    }

    /// Equity less cash, by row.
    pub fn positions_value(&self) -> Vec<Money> {
        self.equity.iter().zip(self.cash()).map(|(&equity, cash)| equity - cash).collect()
    }

    /// Sum of the absolute values of positions, by row.
    pub fn gross_exposure(&self) -> Vec<Money> {
        if self.gross.is_empty() { self.positions_value() } else { self.gross.clone() }
    }

    /// The same for some rows, ascending.
    pub fn gross_exposure_at(&self, rows: &[usize]) -> impl Iterator<Item = Money> {
        let mut changes = self.cash_from.iter().peekable();
        let mut cash = Money::ZERO;
        rows.iter().map(move |&row| {
            while let Some(&(_, after)) = changes.next_if(|&&(from, _)| from <= row) {
                cash = after;
            }
            self.gross.get(row).copied().unwrap_or_else(|| self.equity[row] - cash)
        })
    }

    pub(super) fn push(&mut self, step: usize, cash: Money, value: Money, gross: Money) {
        self.note_cash(cash);
        self.last = Some(cash + value);
        if !self.keeps(step) {
            return;
        }
        if gross != value || !self.gross.is_empty() {
            self.open_gross();
            self.gross.push(gross);
        }
        self.equity.push(cash + value);
    }

    /// The row of the last step anew, where it has one.
    pub(super) fn restate(&mut self, step: usize, cash: Money, value: Money, gross: Money) {
        let row = self.len().saturating_sub(1);
        let has_row = !self.is_empty() && self.only.as_ref().is_none_or(|steps| steps.get(row) == Some(&step));
        if has_row {
            self.equity.pop();
            self.gross.truncate(row);
            self.cash_from.retain(|&(from, _)| from < row);
        }
        self.push(step, cash, value, gross);
    }

    /// Rows of one amount of cash and one position: one at each close from `step` on, in dollars per share. Answers the
    /// last close; one that is not finite repeats the one before it, `mark` at first.
    pub(super) fn hold(&mut self, step: usize, cash: Money, held: Shares, closes: &[f64], mark: Price) -> Price {
        self.note_cash(cash);
        if self.only.is_some() {
            return self.hold_some(step, cash, held, closes, mark);
        }
        let has_gross = held.0 < 0 || !self.gross.is_empty();
        let from = self.len();
        if has_gross {
            self.open_gross();
        }
        let mark = if held.0 == 0 {
            self.equity.resize(from + closes.len(), cash);
            mark
        } else {
            append_worth(&mut self.equity, cash, held, closes, mark)
        };
        if has_gross {
            self.gross.extend(self.equity[from..].iter().map(|&equity| Money((equity - cash).0.abs())));
        }
        self.last = self.equity.last().copied();
        mark
    }

    /// Keeps gross exposure from here on.
    #[inline(never)]
    fn open_gross(&mut self) {
        if self.gross.is_empty() {
            self.gross = self.positions_value();
        }
    }

    /// The same where some steps have rows.
    #[inline(never)]
    fn hold_some(&mut self, step: usize, cash: Money, held: Shares, closes: &[f64], mark: Price) -> Price {
        let mut at = 0;
        let mut mark = mark;
        while at < closes.len() {
            let next = self.only.as_ref().and_then(|steps| steps.get(self.equity.len())).copied();
            let until = next.map_or(closes.len(), |next| (next - step).min(closes.len() - 1) + 1);
            let price = closes[at..until].iter().rev().find_map(|&close| Price::from_f64(close));
            mark = price.unwrap_or(mark);
            let value = mark.times(held);
            self.push(step + until - 1, cash, value, Money(value.0.abs()));
            at = until;
        }
        mark
    }

    fn note_cash(&mut self, cash: Money) {
        if self.cash_from.last().is_none_or(|&(_, last)| last != cash) {
            self.cash_from.push((self.len(), cash));
        }
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
    /// Index into the run's groups, for a member that a group of a target portfolio chose.
    pub group: Option<u16>,
}

impl SignalRow {
    pub const fn new(ns: i64, symbol: usize, direction: Direction, strength: f64) -> Self {
        Self { ns, symbol, direction, strength, group: None }
    }
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

impl RunOutput {
    /// Begins anew in the memory that is there.
    pub(super) fn restart(&mut self, first_step: usize, only: Option<Vec<usize>>) {
        let Fills { order_id, symbol, side, quantity, price, fee, slippage, filled_ns, reason } = &mut self.fills;
        order_id.clear();
        symbol.clear();
        side.clear();
        quantity.clear();
        price.clear();
        fee.clear();
        slippage.clear();
        filled_ns.clear();
        reason.clear();
        self.warnings.clear();
        self.orders.rows.clear();
        self.trades.clear();
        self.verdicts.clear();
        self.signals.clear();
        self.ledger.clear();
        self.counters = Counters::default();
        self.equity.restart(first_step, only);
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunOutput {
    pub symbols: Vec<String>,
    /// Paths of the portfolio's groups, such as `defensive.gold`.
    pub groups: Vec<String>,
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
