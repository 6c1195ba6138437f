//! The machine: one state, one entry point, effects out.
//!
//! `apply` is a pure function of (state, moment, event). A cancel is a request here as it is at a broker: the kernel
//! emits [`Effect::Cancel`], and the order is gone when [`Event::Cancelled`] comes back; a fill that comes first counts.

use crate::kernel::account::Account;
use crate::kernel::effect::Effect;
use crate::kernel::event::{Event, FillReport, Moment};
use crate::kernel::ledger::{Entry, EntryKind};
use crate::kernel::lot::{Closing, Lot, share_of};
use crate::kernel::order::{Order, OrderId, OrderStatus, OrderType, Reason, Role, UNTIL_CANCELLED};
use crate::kernel::protection::{Gap, Protection};
use crate::units::{Money, Price, Shares, Side};
use thiserror::Error;

/// Why an event was not taken; the state is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("order {0} is unknown")]
    UnknownOrder(OrderId),
    #[error("order {order} cannot go from {} to {}", from.as_str(), to.as_str())]
    Transition { order: OrderId, from: OrderStatus, to: OrderStatus },
    #[error("order {order}: a fill of {quantity:?} is not above zero and at most the {remaining:?} that remain")]
    FillQuantity { order: OrderId, quantity: Shares, remaining: Shares },
    #[error("symbol {0} is unknown")]
    UnknownSymbol(usize),
    #[error("the kill switch is on")]
    Killed,
    #[error("a split ratio must be positive and finite")]
    SplitRatio,
}

#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub account: Account,
    /// Every order there has been; order n stands at n - 1.
    pub orders: Vec<Order>,
    pub killed: bool,
    /// Whether positions may hold parts of a share.
    pub fractional: bool,
}

impl State {
    /// A flat account. The deposit is booked as the first ledger entry.
    pub fn new(capital: Money, symbols: usize, fractional: bool, at: Moment, effects: &mut Vec<Effect>) -> Self {
        let account = Account::new(capital, symbols);
        let deposit =
            Entry { ns: at.ns, kind: EntryKind::Deposit, symbol: None, order: None, amount: capital, cash: capital };
        effects.push(Effect::Booked(deposit));
        Self { account, orders: Vec::new(), killed: false, fractional }
    }

    /// Begins anew as `new` does, in the memory that is there.
    pub fn restart(&mut self, capital: Money, fractional: bool, at: Moment, effects: &mut Vec<Effect>) {
        let mut account = std::mem::replace(&mut self.account, Account::new(Money::ZERO, 0));
        let mut orders = std::mem::take(&mut self.orders);
        account.restart(capital);
        orders.clear();
        *self = Self { account, orders, ..Self::new(capital, 0, fractional, at, effects) };
    }

    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get((id as usize).wrapping_sub(1))
    }

    /// Takes one event.
    ///
    /// # Errors
    /// A [`Refusal`] for an event that does not fit the state, which is left as it was.
    pub fn apply(&mut self, at: Moment, event: Event, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        match event {
            Event::Decided(order) => self.decide(order, effects),
            Event::Accepted(id) => self.transition(id, OrderStatus::Submitted),
            Event::Rejected(id) => self.transition(id, OrderStatus::Rejected),
            Event::Cancelled(id) => self.transition(id, OrderStatus::Cancelled),
            Event::Expired(id) => self.transition(id, OrderStatus::Expired),
            Event::Triggered(id) => self.order_mut(id).map(|order| order.triggered = true),
            Event::Fill(report) => self.fill(at, report, effects),
            Event::Split { symbol, ratio } => self.split(at, symbol, ratio, effects),
            Event::Dividend { symbol, per_share } => self.dividend(at, symbol, per_share, effects),
            Event::Delisted { symbol } => self.delist(at, symbol, effects),
            Event::Mark { symbol, close } => self.mark(symbol, close, effects),
            Event::CashMoved(amount) => {
                self.account.cash += amount;
                let (kind, cash) = (EntryKind::Deposit, self.account.cash);
                effects.push(Effect::Booked(Entry { ns: at.ns, kind, symbol: None, order: None, amount, cash }));
                Ok(())
            }
            Event::SessionOpen => {
                self.account.previous_close_equity = self.account.equity();
                Ok(())
            }
            Event::Accrue(accrual) => {
                self.accrue(at, &accrual, effects);
                Ok(())
            }
            Event::SessionClose => {
                self.account.high_water = self.account.high_water.max(self.account.equity());
                Ok(())
            }
            Event::DrawdownReset => {
                self.account.high_water = self.account.equity();
                Ok(())
            }
            Event::Kill => {
                self.killed = true;
                for &symbol in &self.account.active {
                    effects.extend(self.account.positions[symbol].working.iter().map(|&id| Effect::Cancel(id)));
                }
                Ok(())
            }
        }
    }

    pub(super) fn known(&self, symbol: usize) -> Result<(), Refusal> {
        if symbol < self.account.positions.len() { Ok(()) } else { Err(Refusal::UnknownSymbol(symbol)) }
    }

    pub(super) fn order_mut(&mut self, id: OrderId) -> Result<&mut Order, Refusal> {
        self.orders.get_mut((id as usize).wrapping_sub(1)).ok_or(Refusal::UnknownOrder(id))
    }

    /// Numbers an order and asks for its submission.
    fn decide(&mut self, mut order: Order, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.known(order.symbol)?;
        if self.killed {
            return Err(Refusal::Killed);
        }
        order.id = self.orders.len() as OrderId + 1;
        order.status = OrderStatus::Pending;
        let (id, symbol) = (order.id, order.symbol);
        self.orders.push(order);
        self.account.positions[symbol].working.push(id);
        self.account.activate(symbol);
        effects.push(Effect::Submit(id));
        Ok(())
    }

    fn transition(&mut self, id: OrderId, to: OrderStatus) -> Result<(), Refusal> {
        let order = self.order_mut(id)?;
        if !order.status.may_become(to) {
            return Err(Refusal::Transition { order: id, from: order.status, to });
        }
        order.status = to;
        let symbol = order.symbol;
        if !to.is_working() {
            self.account.positions[symbol].working.retain(|&other| other != id);
            self.account.rest(symbol);
        }
        Ok(())
    }

    /// Moves cash and books it.
    pub(super) fn book(
        &mut self,
        at: Moment,
        kind: EntryKind,
        symbol: Option<usize>,
        order: Option<OrderId>,
        amount: Money,
        effects: &mut Vec<Effect>,
    ) {
        if amount == Money::ZERO {
            return;
        }
        self.account.cash += amount;
        let entry = Entry { ns: at.ns, kind, symbol, order, amount, cash: self.account.cash };
        effects.push(Effect::Booked(entry));
    }

    fn fill(&mut self, at: Moment, report: FillReport, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        let FillReport { order: id, quantity, price, fee, by_schedule, .. } = report;
        let order = self.order_mut(id)?;
        let remaining = order.remaining();
        if quantity.0 <= 0 || quantity > remaining {
            return Err(Refusal::FillQuantity { order: id, quantity, remaining });
        }
        let to = if quantity == remaining { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        let notional = price.times(quantity);
        if !order.status.may_become(to) {
            return Err(Refusal::Transition { order: id, from: order.status, to });
        }
        order.filled += quantity;
        order.notional += notional;
        order.fees += fee;
        order.by_schedule += by_schedule;
        let (symbol, side, parent, reason) = (order.symbol, order.side, order.parent, order.reason);
        let (protection, strategy) = (order.protection, order.strategy);
        self.transition(id, to)?;
        self.account.activate(symbol);
        self.account.volume.add(at.date, quantity);

        let signed = Money(-side.sign() * notional.0);
        self.book(at, EntryKind::Trade, Some(symbol), Some(id), signed, effects);
        self.book(at, EntryKind::Fee, Some(symbol), Some(id), -fee, effects);

        let part = Closing { order: Some(id), quantity, cost: Money::ZERO, proceeds: notional, fees: fee, at, reason };
        let opened = self.close_lots(symbol, side, parent, part, effects);
        if opened.quantity < quantity {
            self.account.histories[symbol].closed(at, reason);
        }
        if opened.quantity.0 > 0 {
            let was_flat = self.account.positions[symbol].lots.is_empty();
            self.account.histories[symbol].opened(id, opened.quantity, was_flat);
            self.open_lot(symbol, side, id, strategy, opened, protection, effects);
        }
        self.fit_exits(symbol, effects);
        self.account.rest(symbol);
        Ok(())
    }

    /// Closes lots of the other side, the parent's first, then oldest first; answers what is left to open.
    pub(super) fn close_lots(
        &mut self,
        symbol: usize,
        side: Side,
        parent: Option<OrderId>,
        mut left: Closing,
        effects: &mut Vec<Effect>,
    ) -> Closing {
        loop {
            let position = &mut self.account.positions[symbol];
            let closes = |lot: &Lot| lot.quantity.0.signum() == -side.sign();
            let own = position.lots.iter().position(|lot| Some(lot.id) == parent && closes(lot));
            let Some(index) = own.or_else(|| position.lots.iter().position(closes)) else { break };
            if left.quantity.0 == 0 {
                break;
            }
            let lot = &mut position.lots[index];
            let is_long = lot.is_long();
            let quantity = lot.quantity.abs().min(left.quantity);
            let part = Closing {
                quantity,
                proceeds: share_of(left.proceeds, quantity, left.quantity),
                fees: share_of(left.fees, quantity, left.quantity),
                ..left
            };
            left.quantity -= quantity;
            left.proceeds -= part.proceeds;
            left.fees -= part.fees;
            let (realised, earlier) = lot.close(part);
            effects.extend(earlier.map(Effect::Closed));
            let is_gone = lot.quantity == Shares::ZERO;
            if is_gone {
                effects.extend(lot.finish(is_long).map(Effect::Closed));
            }
            position.quantity = Shares(position.quantity.0 + side.sign() * quantity.0);
            self.account.realised += realised;
            if is_gone {
                let lot = self.account.positions[symbol].lots.remove(index);
                self.cancel_children(&lot, effects);
            } else {
                self.protect(symbol, index, effects);
            }
        }
        left
    }

    fn cancel_children(&self, lot: &Lot, effects: &mut Vec<Effect>) {
        for id in [lot.stop, lot.target].into_iter().flatten() {
            if self.order(id).is_some_and(|order| order.status.is_working()) {
                effects.push(Effect::Cancel(id));
            }
        }
    }

    // What an entry fill says and what its order asked for: a struct would be built once and taken apart here.
    #[allow(clippy::too_many_arguments)]
    fn open_lot(
        &mut self,
        symbol: usize,
        side: Side,
        id: OrderId,
        strategy: u32,
        opened: Closing,
        protection: Protection,
        effects: &mut Vec<Effect>,
    ) {
        let position = &mut self.account.positions[symbol];
        let signed = Shares(side.sign() * opened.quantity.0);
        position.quantity += signed;
        let index = match position.lots.iter().position(|lot| lot.id == id) {
            Some(index) => {
                let lot = &mut position.lots[index];
                lot.quantity += signed;
                lot.cost += opened.proceeds;
                lot.fees += opened.fees;
                index
            }
            None => {
                position.lots.push(Lot {
                    id,
                    strategy,
                    symbol,
                    quantity: signed,
                    cost: opened.proceeds,
                    fees: opened.fees,
                    entered: opened.at,
                    reason: opened.reason,
                    best: crate::kernel::lot::price_per_share(opened.proceeds, opened.quantity),
                    is_marked: false,
                    protection,
                    stop: None,
                    target: None,
                    closing: None,
                });
                position.lots.len() - 1
            }
        };
        if position.mark == Price(0) {
            position.mark = position.lots[index].entry_price();
        }
        if protection.by_policy {
            self.share_policy_stop(symbol, index, protection.stop_loss, effects);
        }
        self.protect(symbol, index, effects);
    }

    /// The policy's stop bounds the loss of the whole position (SEMANTICS 20): what adds to it was given the distance
    /// that holds for all shares, so older lots under the policy's stop, or under none, come as near. None moves away.
    fn share_policy_stop(&mut self, symbol: usize, added: usize, gap: Option<Gap>, effects: &mut Vec<Effect>) {
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
    pub(super) fn protect(&mut self, symbol: usize, index: usize, effects: &mut Vec<Effect>) {
        let lot = &self.account.positions[symbol].lots[index];
        if !lot.protection.has_stop() && !lot.protection.has_target() {
            return;
        }
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
        effects: &mut Vec<Effect>,
    ) -> Option<OrderId> {
        let held = self.account.positions[symbol].lots[index].quantity.abs();
        let Some((price, reason)) = level else {
            // A further fill may bring the entry price so low that no level is left above zero.
            let working = child.filter(|&id| self.order(id).is_some_and(|order| order.status.is_working()));
            effects.extend(working.map(Effect::Cancel));
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
                effects.push(Effect::Amend(id));
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
        effects.push(Effect::Submit(id));
        Some(id)
    }

    /// An exit never asks for more than is held: a stop may have closed part of it meanwhile.
    pub(super) fn fit_exits(&mut self, symbol: usize, effects: &mut Vec<Effect>) {
        let Self { account, orders, .. } = self;
        let position = &account.positions[symbol];
        for &id in &position.working {
            let Some(order) = orders.get_mut(id as usize - 1) else { continue };
            if order.role != Role::Exit {
                continue;
            }
            // What a sale can close is a long position, what a purchase can close a short one.
            let held = Shares((-order.side.sign() * position.quantity.0).max(0));
            if held == Shares::ZERO {
                effects.push(Effect::Cancel(id));
            } else if order.remaining() > held {
                order.quantity = order.filled + held;
                effects.push(Effect::Amend(id));
            }
        }
    }

    fn mark(&mut self, symbol: usize, close: Price, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.known(symbol)?;
        let position = &mut self.account.positions[symbol];
        position.mark = close;
        for index in 0..self.account.positions[symbol].lots.len() {
            let lot = &mut self.account.positions[symbol].lots[index];
            if lot.note_close(close) && lot.protection.trailing.is_some() {
                self.protect(symbol, index, effects);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::kernel::ratio::Ratio;
    use crate::units::MICRO;
    use proptest::prelude::*;

    fn market(symbol: usize, side: Side, quantity: i64, opens: bool) -> Order {
        let stop = Protection { stop_loss: Some(Gap::Ratio(Ratio(80_000_000))), ..Protection::default() };
        Order {
            id: 0,
            strategy: 0,
            symbol,
            side,
            order_type: OrderType::Market,
            role: if opens { Role::Entry } else { Role::Exit },
            quantity: Shares::whole(quantity),
            filled: Shares::ZERO,
            limit_price: None,
            stop_price: None,
            decided_ns: 0,
            status: OrderStatus::Pending,
            parent: None,
            reason: Reason::EntryLong,
            priority: 0.0,
            live_from_session: 0,
            expires_session: UNTIL_CANCELLED,
            triggered: false,
            notional: Money::ZERO,
            fees: Money::ZERO,
            by_schedule: Money::ZERO,
            protection: if opens { stop } else { Protection::default() },
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        let id = 0u64..12;
        let fill = (0u64..12, 0i64..60, 1i64..50).prop_map(|(order, shares, usd)| {
            let (quantity, price) = (Shares::whole(shares), Price(usd * MICRO));
            Event::Fill(FillReport {
                order,
                quantity,
                price,
                fee: Money(MICRO),
                by_schedule: Money::ZERO,
                slippage: Money::ZERO,
            })
        });
        let decided = (0usize..3, any::<bool>(), 1i64..50, any::<bool>()).prop_map(|(symbol, buys, shares, opens)| {
            Event::Decided(market(symbol, if buys { Side::Buy } else { Side::Sell }, shares, opens))
        });
        prop_oneof![
            4 => decided,
            4 => id.clone().prop_map(Event::Accepted),
            8 => fill,
            1 => id.clone().prop_map(Event::Rejected),
            2 => id.clone().prop_map(Event::Cancelled),
            1 => id.prop_map(Event::Expired),
            1 => (0usize..3, prop::sample::select(vec![2.0, 0.125, 0.0, f64::NAN]))
                .prop_map(|(symbol, ratio)| Event::Split { symbol, ratio }),
            1 => (0usize..3).prop_map(|symbol| Event::Dividend { symbol, per_share: Price(250_000) }),
            1 => (0usize..3, 1i64..50).prop_map(|(symbol, usd)| Event::Mark { symbol, close: Price(usd * MICRO) }),
            1 => (0usize..3).prop_map(|symbol| Event::Delisted { symbol }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Whatever comes, in whatever order: states move along the table, the ledger is the cash, lots are positions.
        #[test]
        fn any_sequence_of_events_leaves_the_books_in_order(events in prop::collection::vec(event(), 1..80)) {
            let mut effects = Vec::new();
            let mut state = State::new(Money(1_000_000 * MICRO), 2, false, Moment::default(), &mut effects);
            for event in events {
                let before = state.clone();
                let result = state.apply(Moment::default(), event, &mut effects);
                if result.is_err() {
                    prop_assert_eq!(&before, &state, "a refused event changed the state");
                }
                for (old, new) in before.orders.iter().zip(&state.orders) {
                    let is_same = old.status == new.status;
                    prop_assert!(is_same || old.status.may_become(new.status), "{:?} to {:?}", old.status, new.status);
                }
                for (symbol, position) in state.account.positions.iter().enumerate() {
                    let lots: Shares = position.lots.iter().map(|lot| lot.quantity).sum();
                    prop_assert_eq!(lots, position.quantity);
                    prop_assert_eq!(position.is_idle(), !state.account.active.contains(&symbol));
                    prop_assert!(position.working.iter().all(|&id| state.order(id).unwrap().status.is_working()));
                }
            }
            let booked: Money = effects.iter().filter_map(|effect| match effect {
                Effect::Booked(entry) => Some(entry.amount),
                _ => None,
            }).sum();
            prop_assert_eq!(booked, state.account.cash);
        }
    }

    #[test]
    fn a_stop_whose_level_falls_to_zero_with_a_further_fill_is_cancelled() {
        // 10.00 - 9.99 leaves a stop at 0.01; at an average of 9.95 there is no price left to stop at.
        let mut effects = Vec::new();
        let mut state = State::new(Money(1_000 * MICRO), 1, false, Moment::default(), &mut effects);
        let stop_loss = Some(Gap::Distance(Price(9_990_000)));
        let protection = Protection { stop_loss, ..Protection::default() };
        let order = Order { protection, ..market(0, Side::Buy, 100, true) };
        let fill = |usd_cents: i64| {
            let (quantity, price) = (Shares::whole(50), Price(usd_cents * 10_000));
            Event::Fill(FillReport {
                order: 1,
                quantity,
                price,
                fee: Money::ZERO,
                by_schedule: Money::ZERO,
                slippage: Money::ZERO,
            })
        };
        for event in [Event::Decided(order), Event::Accepted(1), fill(1_000), Event::Accepted(2)] {
            state.apply(Moment::default(), event, &mut effects).unwrap();
        }
        assert_eq!(state.order(2).unwrap().stop_price, Some(Price(10_000)));
        effects.clear();
        state.apply(Moment::default(), fill(990), &mut effects).unwrap();
        assert!(effects.contains(&Effect::Cancel(2)), "{effects:?}");
        assert_eq!(state.account.positions[0].lots[0].stop, None);
    }

    #[test]
    fn the_kill_switch_cancels_what_works_and_takes_nothing_more() {
        let mut effects = Vec::new();
        let mut state = State::new(Money(1_000 * MICRO), 1, false, Moment::default(), &mut effects);
        state.apply(Moment::default(), Event::Decided(market(0, Side::Buy, 1, true)), &mut effects).unwrap();
        effects.clear();
        state.apply(Moment::default(), Event::Kill, &mut effects).unwrap();
        assert_eq!(effects, [Effect::Cancel(1)]);
        let again = state.apply(Moment::default(), Event::Decided(market(0, Side::Buy, 1, true)), &mut effects);
        assert_eq!(again, Err(Refusal::Killed));
    }
}
