//! The stop and target orders that hang on a lot: made with it, moved with its levels and quantity, gone with it.

use crate::kernel::effect::{Ask, Effects};
use crate::kernel::order::{Order, OrderId, OrderStatus, OrderType, Reason, Role, UNTIL_CANCELLED};
use crate::kernel::protection::{Gap, Protection};
use crate::kernel::state::State;
use crate::units::{Money, Price, Shares, Side};

impl State {
    /// The policy's stop bounds the loss of the whole position: what adds to it was given the distance
    /// that holds for all shares, so older lots under the policy's stop, or under none, come as near. None moves away.
    #[inline(never)]
    pub(super) fn share_policy_stop(&mut self, symbol: usize, added: usize, gap: Option<Gap>, effects: &mut Effects) {
        let Some(Gap::Distance(distance)) = gap else { return };
        for index in (0..self.account.positions[symbol].lots.len()).filter(|&index| index != added) {
            let protection = &mut self.account.positions[symbol].lots[index].protection;
            let is_farther = matches!(protection.stop_loss, Some(Gap::Distance(own)) if own > distance);
            if (protection.by_policy && is_farther) || !protection.has_stop() {
                (protection.stop_loss, protection.by_policy) = (gap, true);
                self.protect(symbol, index, effects);
            }
        }
    }

    /// Brings a lot's stop and target orders to the lot's quantity and levels, creating them where they are missing.
    #[inline]
    pub(super) fn protect(&mut self, symbol: usize, index: usize, effects: &mut Effects) {
        let protection = &self.account.positions[symbol].lots[index].protection;
        if protection.has_stop() || protection.has_target() {
            self.set_children(symbol, index, effects);
        }
    }

    #[inline(never)]
    fn set_children(&mut self, symbol: usize, index: usize, effects: &mut Effects) {
        let lot = &self.account.positions[symbol].lots[index];
        let (is_long, entry) = (lot.is_long(), lot.entry_price());
        let stop = lot.protection.stop_level(is_long, entry, lot.anchor());
        let target = lot.protection.target_level(is_long, entry);
        let (stop_id, target_id) = (lot.stop, lot.target);
        let stop_id = self.set_child(symbol, index, stop_id, Role::Stop, stop, effects);
        let target_id = self.set_child(symbol, index, target_id, Role::Target, target, effects);
        let lot = &mut self.account.positions[symbol].lots[index];
        (lot.stop, lot.target) = (stop_id, target_id);
    }

    fn set_child(
        &mut self,
        symbol: usize,
        index: usize,
        child: Option<OrderId>,
        role: Role,
        level: Option<(Price, Reason)>,
        effects: &mut Effects,
    ) -> Option<OrderId> {
        let held = self.account.positions[symbol].lots[index].quantity.abs();
        let Some((price, reason)) = level else {
            // A further fill may bring the entry price so low that no level is left above zero.
            let working = child.filter(|&id| self.order(id).is_some_and(|order| order.status.is_working()));
            effects.asks.extend(working.map(Ask::Cancel));
            return None;
        };
        let (stop_price, limit_price) = if role == Role::Stop { (Some(price), None) } else { (None, Some(price)) };
        if let Some(id) = child
            && let Ok(order) = self.order_mut(id)
            && order.status.is_working()
        {
            let quantity = order.filled + held;
            if (order.quantity, order.stop_price, order.limit_price) != (quantity, stop_price, limit_price) {
                (order.quantity, order.stop_price, order.limit_price) = (quantity, stop_price, limit_price);
                order.reason = reason;
                effects.asks.push(Ask::Amend(id));
            }
            return child;
        }
        if self.killed {
            return child;
        }
        let lot = &self.account.positions[symbol].lots[index];
        let delay = if role == Role::Target { lot.protection.target_after_sessions } else { 0 };
        let order = Order {
            id: self.orders.len() as OrderId + 1,
            strategy: lot.strategy,
            symbol,
            side: if lot.is_long() { Side::Sell } else { Side::Buy },
            order_type: if role == Role::Stop { OrderType::Stop } else { OrderType::Limit },
            role,
            quantity: held,
            filled: Shares::ZERO,
            limit_price,
            stop_price,
            decided_ns: lot.entered.ns,
            status: OrderStatus::Pending,
            parent: Some(lot.id),
            reason,
            priority: 0.0,
            live_from_session: lot.entered.session + delay,
            expires_session: UNTIL_CANCELLED,
            triggered: false,
            notional: Money::ZERO,
            fees: Money::ZERO,
            by_schedule: Money::ZERO,
            protection: Protection::default(),
        };
        let id = order.id;
        self.orders.push(order);
        self.account.positions[symbol].working.push(id);
        effects.asks.push(Ask::Submit(id));
        Some(id)
    }

    #[inline]
    pub(super) fn cancel_children(&self, symbol: usize, index: usize, effects: &mut Effects) {
        let lot = &self.account.positions[symbol].lots[index];
        for id in [lot.stop, lot.target].into_iter().flatten() {
            if self.order(id).is_some_and(|order| order.status.is_working()) {
                effects.asks.push(Ask::Cancel(id));
            }
        }
    }
}
