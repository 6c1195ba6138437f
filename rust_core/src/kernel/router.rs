//! From a decided quantity to a concrete order, before any verdict: what is checked is what is sent.

use crate::kernel::order::{Order, OrderStatus, OrderType, Reason, Role, StrategyId, UNTIL_CANCELLED};
use crate::kernel::protection::Protection;
use crate::kernel::ratio::Ratio;
use crate::plan::{EntryOrder, Execution};
use crate::units::{Money, Price, Shares, Side};

/// Offsets and lifetimes of a plan's `execution`, in fixed point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Router {
    entry: EntryOrder,
    exit: EntryOrder,
    limit_offset: Ratio,
    stop_offset: Ratio,
    sessions: u32,
}

/// What was decided about one symbol, with its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intent {
    pub strategy: StrategyId,
    pub symbol: usize,
    pub side: Side,
    pub quantity: Shares,
    pub opens: bool,
    pub reason: Reason,
    pub priority: f64,
}

impl Router {
    pub fn new(execution: &Execution) -> Self {
        Self {
            entry: execution.entry,
            exit: execution.exit,
            limit_offset: Ratio::from_f64(execution.limit_offset_frac).unwrap_or_default(),
            stop_offset: Ratio::from_f64(execution.stop_offset_frac).unwrap_or_default(),
            sessions: execution.time_in_force_sessions.max(1),
        }
    }

    /// A limit stands at close x (1 + offset) for a purchase and (1 - offset) for a sale; a stop the same way by its
    /// own offset, and the limit of a stop-limit by the limit offset from the stop. Entries live for the plan's time in
    /// force from `next_session`; a market exit waits until it fills, a limit exit is good for the day. Nothing protects
    /// what it opens yet.
    #[inline(always)]
    pub fn route(&self, intent: &Intent, close: Price, decided_ns: i64, next_session: u32) -> Order {
        let style = if intent.opens { self.entry } else { self.exit };
        let (order_type, limit_price, stop_price) = match style {
            EntryOrder::Market => (OrderType::Market, None, None),
            EntryOrder::Bracket => (OrderType::Bracket, None, None),
            EntryOrder::Limit | EntryOrder::Stop | EntryOrder::StopLimit => self.levels(style, intent.side, close),
        };
        let waits = !intent.opens && order_type == OrderType::Market;
        let sessions = if intent.opens { self.sessions } else { 1 };
        Order {
            id: 0,
            strategy: intent.strategy,
            symbol: intent.symbol,
            side: intent.side,
            order_type,
            role: if intent.opens { Role::Entry } else { Role::Exit },
            quantity: intent.quantity,
            filled: Shares::ZERO,
            limit_price,
            stop_price,
            decided_ns,
            status: OrderStatus::Pending,
            parent: None,
            reason: intent.reason,
            priority: intent.priority,
            live_from_session: next_session,
            expires_session: if waits { UNTIL_CANCELLED } else { next_session.saturating_add(sessions - 1) },
            triggered: false,
            notional: Money::ZERO,
            fees: Money::ZERO,
            by_schedule: Money::ZERO,
            protection: Protection::default(),
        }
    }

    /// Type, limit and stop of an order that waits for a price.
    #[inline(never)]
    fn levels(&self, style: EntryOrder, side: Side, close: Price) -> (OrderType, Option<Price>, Option<Price>) {
        let toward = |anchor: Price, offset: Ratio| match side {
            Side::Buy => anchor + offset.of_price(anchor),
            Side::Sell => anchor - offset.of_price(anchor),
        };
        let stop = toward(close, self.stop_offset);
        match style {
            EntryOrder::Stop => (OrderType::Stop, None, Some(stop)),
            EntryOrder::StopLimit => (OrderType::StopLimit, Some(toward(stop, self.limit_offset)), Some(stop)),
            _ => (OrderType::Limit, Some(toward(close, self.limit_offset)), None),
        }
    }
}
