//! Orders: what they ask for, and the table of states they may pass through.

use crate::kernel::protection::Protection;
use crate::units::{Money, Price, Shares, Side};
use serde::Serialize;

/// Counts from 1 in the order of creation; the n-th order stands at index n - 1.
pub type OrderId = u64;

/// Which strategy of the account an order or lot belongs to.
pub type StrategyId = u32;

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Decided, not yet with the broker.
    Pending,
    Submitted,
    PartiallyFilled,
    Filled,
    Cancelled,
    Rejected,
    Expired,
}

use OrderStatus::{Cancelled, Expired, Filled, PartiallyFilled, Pending, Rejected, Submitted};

/// Every transition there is; all others are refused. A partly filled order stays so with each further part.
pub const TRANSITIONS: &[(OrderStatus, OrderStatus)] = &[
    (Pending, Submitted),
    (Pending, Cancelled),
    (Pending, Rejected),
    (Submitted, PartiallyFilled),
    (Submitted, Filled),
    (Submitted, Cancelled),
    (Submitted, Rejected),
    (Submitted, Expired),
    (PartiallyFilled, PartiallyFilled),
    (PartiallyFilled, Filled),
    (PartiallyFilled, Cancelled),
    (PartiallyFilled, Expired),
];

/// The same by where they lead from: a bit for each status that may follow.
const FOLLOWERS: [u8; 7] = {
    let (mut followers, mut at) = ([0; 7], 0);
    while at < TRANSITIONS.len() {
        let (from, to) = TRANSITIONS[at];
        followers[from as usize] |= 1 << to as u8;
        at += 1;
    }
    followers
};

impl OrderStatus {
    #[inline]
    pub const fn may_become(self, next: Self) -> bool {
        FOLLOWERS[self as usize] >> next as u8 & 1 == 1
    }

    /// Whether the order can still fill or be cancelled.
    pub const fn is_working(self) -> bool {
        matches!(self, Pending | Submitted | PartiallyFilled)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Pending => "PENDING",
            Submitted => "SUBMITTED",
            PartiallyFilled => "PARTIALLY_FILLED",
            Filled => "FILLED",
            Cancelled => "CANCELLED",
            Rejected => "REJECTED",
            Expired => "EXPIRED",
        }
    }
}

/// How an order fills; `fill::model` states when. A bracket is a market order whose stop and target are sent with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderType {
    Market,
    Limit,
    Stop,
    StopLimit,
    Bracket,
}

impl OrderType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Market => "MARKET",
            Self::Limit => "LIMIT",
            Self::Stop => "STOP",
            Self::StopLimit => "STOP_LIMIT",
            Self::Bracket => "BRACKET",
        }
    }
}

/// What an order is for. The order of the variants is the order of precedence among a symbol's closing orders at one
/// moment: a decided exit, then the stop, then the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reduces or closes lots, oldest first.
    Exit,
    /// Protects one lot; its parent is the entry.
    Stop,
    Target,
    /// Opens a lot.
    Entry,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Stop => "stop",
            Self::Target => "target",
            Self::Entry => "entry",
        }
    }
}

/// Why an order was sent or a lot was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    EntryLong,
    EntryShort,
    /// An addition to an open position.
    ScaleIn,
    ExitRule,
    /// A part of the position, by its place among the strategy's partial exits.
    PartialExit(u8),
    /// An entry to the other side closes the position.
    Reversal,
    MaxHold,
    LeftUniverse,
    Rebalance,
    StopLoss,
    TrailingStop,
    StopPrice,
    /// The stop of the risk policy, for a position that names none.
    DefaultStop,
    TakeProfit,
    TargetPrice,
    Delisted,
    CashInLieu,
    KillSwitch,
    /// The run ends, and its conventions close positions.
    LastBar,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EntryLong => "entry_long",
            Self::EntryShort => "entry_short",
            Self::ScaleIn => "scale_in",
            Self::ExitRule => "exit_rule",
            Self::PartialExit(_) => "partial_exit",
            Self::Reversal => "reversal",
            Self::MaxHold => "max_hold",
            Self::LeftUniverse => "left_universe",
            Self::Rebalance => "rebalance",
            Self::StopLoss => "stop_loss",
            Self::TrailingStop => "trailing_stop",
            Self::StopPrice => "stop_price",
            Self::DefaultStop => "default_stop",
            Self::TakeProfit => "take_profit",
            Self::TargetPrice => "target_price",
            Self::Delisted => "delisted",
            Self::CashInLieu => "cash_in_lieu",
            Self::KillSwitch => "kill_switch",
            Self::LastBar => "last_bar",
        }
    }
}

/// An order has no expiry: it waits until it fills or is cancelled.
pub const UNTIL_CANCELLED: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// 0 until the kernel has numbered it.
    pub id: OrderId,
    pub strategy: StrategyId,
    pub symbol: usize,
    pub side: Side,
    pub order_type: OrderType,
    pub role: Role,
    pub quantity: Shares,
    pub filled: Shares,
    pub limit_price: Option<Price>,
    pub stop_price: Option<Price>,
    pub decided_ns: i64,
    pub status: OrderStatus,
    /// The entry that a protective order belongs to.
    pub parent: Option<OrderId>,
    pub reason: Reason,
    /// Larger goes first when cash or slots run short.
    pub priority: f64,
    /// First session in which it may fill; delays targets under a minimum hold.
    pub live_from_session: u32,
    /// Last session in which it may fill.
    pub expires_session: u32,
    /// A stop that has been touched: what is left of it goes on as a market order (or limit order, for a stop-limit).
    pub triggered: bool,
    /// What the fills so far came to, and the fees on them: a commission has its minimum per order, not per fill.
    pub notional: Money,
    pub fees: Money,
    /// What they came to by a commission per share, before its minimum and maximum.
    pub by_schedule: Money,
    /// What protects the lot that this entry opens.
    pub protection: Protection,
}

/// What an order has come to so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub filled: Shares,
    pub notional: Money,
    pub by_schedule: Money,
}

impl Order {
    pub fn progress(&self) -> Progress {
        Progress { filled: self.filled, notional: self.notional, by_schedule: self.by_schedule }
    }

    pub fn remaining(&self) -> Shares {
        self.quantity - self.filled
    }

    /// Whether it waits for no price.
    pub fn is_at_market(&self) -> bool {
        matches!(self.order_type, OrderType::Market | OrderType::Bracket)
    }

    /// Whether it is a decided exit that does not wait for a price.
    pub fn closes_at_market(&self) -> bool {
        self.role == Role::Exit && self.order_type == OrderType::Market
    }

    /// Whether it opens or adds to a position.
    pub fn opens(&self) -> bool {
        self.role == Role::Entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_final_state_and_every_state_can_be_reached() {
        for &(from, to) in TRANSITIONS {
            assert!(from.is_working(), "{from:?} is final");
            assert!(from == to || to != Pending);
        }
        for state in [Submitted, PartiallyFilled, Filled, Cancelled, Rejected, Expired] {
            assert!(TRANSITIONS.iter().any(|t| t.1 == state), "{state:?}");
        }
        assert!(!Filled.may_become(Cancelled));
        assert!(!PartiallyFilled.may_become(Rejected));
    }
}
