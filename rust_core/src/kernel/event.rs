//! What can happen to the kernel.

use crate::kernel::accrual::Accrual;
use crate::kernel::order::{Order, OrderId};
use crate::units::{Money, Price, Shares};

/// When an event took place, told by whoever drives the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// UTC nanoseconds since 1970.
    pub ns: i64,
    /// Index of the exchange session.
    pub session: u32,
    /// Exchange date, days since 1970-01-01.
    pub date: i32,
}

/// One execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillReport {
    pub order: OrderId,
    pub quantity: Shares,
    pub price: Price,
    pub fee: Money,
    /// What it adds to the order's `by_schedule`.
    pub by_schedule: Money,
    /// What the price was worse than its reference by, over the whole quantity.
    pub slippage: Money,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A decided order, before any broker has seen it. The kernel numbers it.
    Decided(Order),
    Accepted(OrderId),
    Rejected(OrderId),
    /// A stop has been touched.
    Triggered(OrderId),
    Fill(FillReport),
    Cancelled(OrderId),
    Expired(OrderId),
    /// New shares per old one, in force from the open.
    Split {
        symbol: usize,
        ratio: f64,
    },
    /// Cash per share held before the open, on the basis after any split of that day.
    Dividend {
        symbol: usize,
        per_share: Price,
    },
    /// The symbol trades no more; what is held of it closes at its last mark.
    Delisted {
        symbol: usize,
    },
    /// Cash that came into the account, or left it where negative, without an order or a position behind it.
    CashMoved(Money),
    SessionOpen,
    /// The nights since the session before are paid for: on the positions and the cash of its close.
    Accrue(Accrual),
    /// A close: the new mark, and the moment at which trailing stops move.
    Mark {
        symbol: usize,
        close: Price,
    },
    SessionClose,
    /// A person (in a simulation, the configured wait) resets a breach of drawdown: the high-water mark starts anew.
    DrawdownReset,
    /// The kill switch: everything working is cancelled and no order is taken any more.
    Kill,
}
