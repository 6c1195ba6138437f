//! Splits, dividends and delistings: how they restate positions, lots and resting orders, and what cash they move.

use crate::kernel::effect::{Ask, Effects};
use crate::kernel::event::Moment;
use crate::kernel::ledger::EntryKind;
use crate::kernel::lot::{Closing, share_of};
use crate::kernel::order::{Reason, Role};
use crate::kernel::protection::{Gap, Protection};
use crate::kernel::state::{Refusal, State};
use crate::units::{Money, Price, Shares, Side};

/// A quantity on the new basis, to a millionth of a share; float products are exact far beyond any real position.
fn restated(quantity: Shares, ratio: f64) -> Shares {
    Shares((quantity.0 as f64 * ratio).round_ties_even() as i64)
}

fn price_restated(price: Price, ratio: f64) -> Price {
    Price((price.0 as f64 / ratio).round_ties_even() as i64)
}

fn protection_restated(protection: &mut Protection, ratio: f64) {
    for gap in [&mut protection.stop_loss, &mut protection.trailing, &mut protection.take_profit] {
        if let Some(Gap::Distance(distance)) = gap {
            *distance = price_restated(*distance, ratio);
        }
    }
    for level in [&mut protection.stop_price, &mut protection.target_price].into_iter().flatten() {
        *level = price_restated(*level, ratio);
    }
}

/// Parts of shares that a split leaves over, gathered over the lots until they make whole shares.
#[derive(Default)]
struct Leftover {
    quantity: i64,
    cost: Money,
    fees: Money,
}

impl State {
    /// Restates everything in a symbol. Whole-share accounts get cash at the restated last close for what is left over
    /// of a share, so that equity does not move.
    pub(super) fn split(
        &mut self,
        at: Moment,
        symbol: usize,
        ratio: f64,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.known(symbol)?;
        if !(ratio > 0.0 && ratio.is_finite()) {
            return Err(Refusal::SplitRatio);
        }
        let position = &mut self.account.positions[symbol];
        position.mark = price_restated(position.mark, ratio);
        let first = restated(self.account.histories[symbol].first, ratio);
        self.account.histories[symbol].first = if self.fractional { first } else { first.truncated() };
        self.split_lots(at, symbol, ratio, effects);
        self.split_orders(symbol, ratio, effects);
        for index in 0..self.account.positions[symbol].lots.len() {
            self.protect(symbol, index, effects);
        }
        self.fit_exits(symbol, effects);
        self.account.rest(symbol);
        Ok(())
    }

    fn split_lots(&mut self, at: Moment, symbol: usize, ratio: f64, effects: &mut Effects) {
        let fractional = self.fractional;
        let position = &mut self.account.positions[symbol];
        let total = restated(position.quantity, ratio);
        let whole_total = if fractional { total } else { total.truncated() };
        let was_long = position.quantity.0 > 0;
        let (mut old_sum, mut new_sum) = (Shares::ZERO, Shares::ZERO);
        let mut pool = Leftover::default();
        for lot in &mut position.lots {
            // Cumulative rounding: lots get whole shares, and their sum is that of the position.
            let exact_before = restated(old_sum, ratio);
            old_sum += lot.quantity;
            let exact = restated(old_sum, ratio) - exact_before;
            let cumulative = restated(old_sum, ratio);
            let whole = if fractional { exact } else { cumulative.truncated() - new_sum };
            new_sum += whole;
            let over = exact.0.abs() - whole.0.abs();
            if over > 0 {
                let cost = share_of(lot.cost, Shares(over), exact.abs());
                let fees = share_of(lot.fees, Shares(over), exact.abs());
                lot.cost -= cost;
                lot.fees -= fees;
                pool.cost += cost;
                pool.fees += fees;
            } else if over < 0 {
                let cost = share_of(pool.cost, Shares(-over), Shares(pool.quantity));
                let fees = share_of(pool.fees, Shares(-over), Shares(pool.quantity));
                lot.cost += cost;
                lot.fees += fees;
                pool.cost -= cost;
                pool.fees -= fees;
            }
            pool.quantity += over;
            lot.quantity = whole;
            lot.best = price_restated(lot.best, ratio);
            protection_restated(&mut lot.protection, ratio);
        }
        position.quantity = whole_total;
        if pool.quantity > 0 {
            self.pay_in_lieu(at, symbol, total - whole_total, pool, effects);
        }
        self.drop_empty_lots(symbol, was_long, effects);
    }

    /// Pays (a long) or charges (a short) the part of a share left over, and books its round trip.
    fn pay_in_lieu(&mut self, at: Moment, symbol: usize, part: Shares, pool: Leftover, effects: &mut Effects) {
        let amount = self.account.positions[symbol].mark.times(part);
        self.book(at, EntryKind::CashInLieu, Some(symbol), None, amount, effects);
        if let Some(lot) = self.account.positions[symbol].lots.last() {
            let mut last = lot.clone();
            (last.quantity, last.cost, last.fees, last.closing) = (part, pool.cost, pool.fees, None);
            let closing = Closing {
                order: None,
                quantity: part.abs(),
                cost: Money::ZERO,
                proceeds: Money(amount.0.abs()),
                fees: Money::ZERO,
                at,
                reason: Reason::CashInLieu,
            };
            let (realised, _) = last.close(&closing);
            self.account.realised += realised;
            effects.closed.extend(last.finish(part.0 > 0));
        }
    }

    /// Lots of which the split left no whole share.
    fn drop_empty_lots(&mut self, symbol: usize, was_long: bool, effects: &mut Effects) {
        while let Some(index) = self.account.positions[symbol].lots.iter().position(|lot| lot.quantity.0 == 0) {
            let mut lot = self.account.positions[symbol].lots.remove(index);
            effects.closed.extend(lot.finish(was_long));
            effects.asks.extend([lot.stop, lot.target].into_iter().flatten().map(Ask::Cancel));
        }
    }

    /// Entries and exits; protective orders follow their lots.
    fn split_orders(&mut self, symbol: usize, ratio: f64, effects: &mut Effects) {
        let fractional = self.fractional;
        let Self { account, orders, .. } = self;
        for &id in &account.positions[symbol].working {
            let Some(order) = orders.get_mut(id as usize - 1) else { continue };
            if matches!(order.role, Role::Stop | Role::Target) {
                order.filled = restated(order.filled, ratio);
                continue;
            }
            let remaining = restated(order.remaining(), ratio);
            let remaining = if fractional { remaining } else { remaining.truncated() };
            order.filled = restated(order.filled, ratio);
            order.quantity = order.filled + remaining;
            order.limit_price = order.limit_price.map(|price| price_restated(price, ratio));
            order.stop_price = order.stop_price.map(|price| price_restated(price, ratio));
            protection_restated(&mut order.protection, ratio);
            effects.asks.push(if remaining.0 == 0 { Ask::Cancel(id) } else { Ask::Amend(id) });
        }
    }

    /// Longs receive, shorts pay. Resting orders and stops stay where they are.
    pub(super) fn dividend(
        &mut self,
        at: Moment,
        symbol: usize,
        per_share: Price,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.known(symbol)?;
        let amount = per_share.times(self.account.positions[symbol].quantity);
        self.book(at, EntryKind::Dividend, Some(symbol), None, amount, effects);
        Ok(())
    }

    /// Closes what is held at the last mark, without fee, and asks for every working order to be cancelled.
    pub(super) fn delist(&mut self, at: Moment, symbol: usize, effects: &mut Effects) -> Result<(), Refusal> {
        self.known(symbol)?;
        let position = &self.account.positions[symbol];
        let (held, mark) = (position.quantity, position.mark);
        effects.asks.extend(position.working.iter().map(|&id| Ask::Cancel(id)));
        if held.0 != 0 {
            self.book(at, EntryKind::Delisting, Some(symbol), None, mark.times(held), effects);
            let closing = Closing {
                order: None,
                quantity: held.abs(),
                cost: Money::ZERO,
                proceeds: mark.times(held.abs()),
                fees: Money::ZERO,
                at,
                reason: Reason::Delisted,
            };
            let side = Side::of(held).opposite();
            self.close_lots(symbol, side, None, closing, effects);
        }
        self.account.rest(symbol);
        Ok(())
    }
}
