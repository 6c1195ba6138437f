//! What the kernel asks of the world, and what it reports.

use crate::kernel::ledger::Entry;
use crate::kernel::order::{OrderId, Reason};
use crate::units::{Money, Price, Shares};

/// A closed (or, at the end of a run, still open) round trip of one lot.
///
/// Prices and quantity are on the basis of the closing day: a split between entry and exit restates the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    pub symbol: usize,
    pub is_long: bool,
    pub quantity: Shares,
    pub entry_ns: i64,
    pub entry_price: Price,
    /// 0 while open.
    pub exit_ns: i64,
    /// The last mark while open.
    pub exit_price: Price,
    /// What was paid for a long, received for a short.
    pub cost: Money,
    /// After entry and exit fees; dividends, borrow fees and interest stand in the ledger, not here.
    pub pnl: Money,
    pub fees: Money,
    pub sessions_held: u32,
    pub entry_reason: Reason,
    /// `None` while open.
    pub exit_reason: Option<Reason>,
}

/// Something that the broker is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Send this order.
    Submit(OrderId),
    Cancel(OrderId),
    /// Quantity, limit or stop of a working order changed.
    Amend(OrderId),
}

/// What events come to, each list in order: whoever drives the kernel carries out what it asks for, and keeps what it
/// reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    pub asks: Vec<Ask>,
    /// Movements of cash.
    pub booked: Vec<Entry>,
    /// Round trips.
    pub closed: Vec<Trade>,
}
