//! The cash ledger: every movement of cash is one entry, and their sum is the cash.

use crate::kernel::order::OrderId;
use crate::units::Money;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Starting capital, and what else came into the account; negative for what left it.
    Deposit,
    /// Price times quantity of a fill: negative for a purchase.
    Trade,
    Fee,
    /// Received by long positions, paid by short ones.
    Dividend,
    /// For the part of a share that a split leaves over.
    CashInLieu,
    /// For the shares that short positions have borrowed.
    BorrowFee,
    /// On cash: received, or paid where it is owed.
    Interest,
    /// A position closed at the last close of a symbol that trades no more.
    Delisting,
}

impl EntryKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Trade => "trade",
            Self::Fee => "fee",
            Self::Dividend => "dividend",
            Self::CashInLieu => "cash_in_lieu",
            Self::BorrowFee => "borrow_fee",
            Self::Interest => "interest",
            Self::Delisting => "delisting",
        }
    }
}

/// One movement of cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub ns: i64,
    pub kind: EntryKind,
    pub symbol: Option<usize>,
    pub order: Option<OrderId>,
    pub amount: Money,
    /// After this entry.
    pub cash: Money,
}
