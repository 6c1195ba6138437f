//! Fills: the cash they move, the lots they close and open, and the exits that they leave too large.

use crate::kernel::effect::{Ask, Effects};
use crate::kernel::event::{FillReport, Moment};
use crate::kernel::ledger::EntryKind;
use crate::kernel::lot::{Closing, Lot, share_of};
use crate::kernel::order::{OrderId, OrderStatus, Role};
use crate::kernel::protection::Protection;
use crate::kernel::state::{Refusal, State};
use crate::units::{Money, Price, Shares, Side};

impl State {
    #[inline]
    pub(super) fn fill(&mut self, at: Moment, report: FillReport, effects: &mut Effects) -> Result<(), Refusal> {
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
        effects: &mut Effects,
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
            let is_gone = quantity == lot.quantity.abs();
            let realised = if is_gone && lot.closing.is_none() {
                let (realised, trade) = lot.close_whole(&part);
                effects.closed.push(trade);
                realised
            } else {
                let (realised, earlier) = lot.close(&part);
                effects.closed.extend(earlier);
                if is_gone {
                    effects.closed.extend(lot.finish(is_long));
                }
                realised
            };
            position.quantity = Shares(position.quantity.0 + side.sign() * quantity.0);
            self.account.realised += realised;
            if is_gone {
                self.cancel_children(symbol, index, effects);
                // The others stay in order; nothing is copied where there are none.
                self.account.positions[symbol].lots.retain(|lot| lot.quantity != Shares::ZERO);
            } else {
                self.protect(symbol, index, effects);
            }
        }
        left
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
        effects: &mut Effects,
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
                position.lots.push(Lot::opened(id, (strategy, symbol, side), &opened, protection));
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

    /// An exit never asks for more than is held: a stop may have closed part of it meanwhile.
    #[inline]
    pub(super) fn fit_exits(&mut self, symbol: usize, effects: &mut Effects) {
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
                effects.asks.push(Ask::Cancel(id));
            } else if order.remaining() > held {
                order.quantity = order.filled + held;
                effects.asks.push(Ask::Amend(id));
            }
        }
    }
}
