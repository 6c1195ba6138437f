//! Lots: what one entry bought or sold short for one strategy, and the round trips that close it.
//!
//! Lots close first in, first out: the tax default of US brokers, and with it a position's age is that of its oldest
//! shares, which is what a minimum hold and a day-trade count ask about. A protective order closes its own lot.

use crate::kernel::effect::Trade;
use crate::kernel::event::Moment;
use crate::kernel::order::{OrderId, Reason, StrategyId};
use crate::kernel::protection::Protection;
use crate::units::{MICRO, Money, Price, Shares, Side, div_half_even};

/// What one entry order opened. Several fills of the order make one lot.
#[derive(Debug, Clone, PartialEq)]
pub struct Lot {
    /// The entry order.
    pub id: OrderId,
    pub strategy: StrategyId,
    pub symbol: usize,
    /// Negative for a short lot.
    pub quantity: Shares,
    /// What the remaining shares were bought or sold short for; positive.
    pub cost: Money,
    /// Entry fees of the remaining shares.
    pub fees: Money,
    pub entered: Moment,
    pub reason: Reason,
    /// The best close since the fill: the highest of a long lot, the lowest of a short one; the entry price before any.
    pub best: Price,
    /// Whether a close has followed the fill.
    pub is_marked: bool,
    pub protection: Protection,
    pub stop: Option<OrderId>,
    pub target: Option<OrderId>,
    /// The part already closed by an order that has not finished with this lot.
    pub closing: Option<Closing>,
}

/// Parts closed by one order: together one round trip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closing {
    pub order: Option<OrderId>,
    pub quantity: Shares,
    pub cost: Money,
    pub proceeds: Money,
    pub fees: Money,
    pub at: Moment,
    pub reason: Reason,
}

/// `part / whole` of an amount, rounded half to even; the whole amount for the whole.
pub(crate) fn share_of(amount: Money, part: Shares, whole: Shares) -> Money {
    if part == whole || whole.0 == 0 {
        return amount;
    }
    Money(div_half_even(i128::from(amount.0) * i128::from(part.0), i128::from(whole.0)) as i64)
}

/// Dollars per share of an amount paid for a positive number of shares.
pub(crate) fn price_per_share(amount: Money, quantity: Shares) -> Price {
    if quantity.0 == 0 {
        return Price(0);
    }
    Price(div_half_even(i128::from(amount.0) * i128::from(MICRO), i128::from(quantity.0)) as i64)
}

impl Lot {
    /// The lot that an entry order opened with a fill, which is what is left of it after what it closed.
    #[inline]
    pub fn opened(
        id: OrderId,
        (strategy, symbol, side): (StrategyId, usize, Side),
        fill: &Closing,
        protection: Protection,
    ) -> Self {
        Self {
            id,
            strategy,
            symbol,
            quantity: Shares(side.sign() * fill.quantity.0),
            cost: fill.proceeds,
            fees: fill.fees,
            entered: fill.at,
            reason: fill.reason,
            best: price_per_share(fill.proceeds, fill.quantity),
            is_marked: false,
            protection,
            stop: None,
            target: None,
            closing: None,
        }
    }

    pub fn is_long(&self) -> bool {
        self.quantity.0 > 0
    }

    /// Average entry price on today's basis.
    pub fn entry_price(&self) -> Price {
        price_per_share(self.cost, self.quantity.abs())
    }

    /// Takes a close into the best one so far; answers whether a trailing stop may have to follow.
    pub fn note_close(&mut self, close: Price) -> bool {
        let is_better = if self.is_long() { close > self.best } else { close < self.best };
        if is_better || !self.is_marked {
            self.best = close;
        }
        self.is_marked = true;
        is_better
    }

    /// What a trailing stop hangs on: the best close, and never less than the entry, so that the first close after an
    /// entry cannot loosen it.
    pub fn anchor(&self) -> Price {
        let entry = self.entry_price();
        if self.is_long() { self.best.max(entry) } else { self.best.min(entry) }
    }

    /// Closes a part (positive, at most what is held) for its proceeds, net of nothing. Answers the realised profit
    /// after fees and, where this order is another than the last that closed a part, the round trip of that one.
    pub fn close(&mut self, part: &Closing) -> (Money, Option<Trade>) {
        let is_long = self.is_long();
        let (realised, part) = self.take(part);
        let earlier = match &mut self.closing {
            Some(closing) if closing.order == part.order && closing.reason == part.reason => {
                closing.quantity += part.quantity;
                closing.cost += part.cost;
                closing.proceeds += part.proceeds;
                closing.fees += part.fees;
                closing.at = part.at;
                None
            }
            _ => {
                let earlier = self.finish(is_long);
                self.closing = Some(part);
                earlier
            }
        };
        (realised, earlier)
    }

    /// Closes all of a lot of which no part has been closed: the realised profit and the round trip.
    pub fn close_whole(&mut self, part: &Closing) -> (Money, Trade) {
        let is_long = self.is_long();
        let (realised, part) = self.take(part);
        (realised, self.round_trip(is_long, &part))
    }

    /// Takes the shares of a part from the lot, and their cost and fees with them; answers what that realises.
    fn take(&mut self, part: &Closing) -> (Money, Closing) {
        let held = self.quantity.abs();
        let (cost, entry_fees) = (share_of(self.cost, part.quantity, held), share_of(self.fees, part.quantity, held));
        let is_long = self.is_long();
        self.cost -= cost;
        self.fees -= entry_fees;
        self.quantity = if is_long { self.quantity - part.quantity } else { self.quantity + part.quantity };
        let gross = if is_long { part.proceeds - cost } else { cost - part.proceeds };
        (gross - entry_fees - part.fees, Closing { cost, fees: part.fees + entry_fees, ..*part })
    }

    /// The round trip of the parts closed so far, if any.
    pub fn finish(&mut self, is_long: bool) -> Option<Trade> {
        let done = self.closing.take()?;
        Some(self.round_trip(is_long, &done))
    }

    fn round_trip(&self, is_long: bool, done: &Closing) -> Trade {
        let gross = if is_long { done.proceeds - done.cost } else { done.cost - done.proceeds };
        Trade {
            symbol: self.symbol,
            is_long,
            quantity: done.quantity,
            entry_ns: self.entered.ns,
            entry_price: price_per_share(done.cost, done.quantity),
            exit_ns: done.at.ns,
            exit_price: price_per_share(done.proceeds, done.quantity),
            cost: done.cost,
            pnl: gross - done.fees,
            fees: done.fees,
            sessions_held: done.at.session.saturating_sub(self.entered.session),
            entry_reason: self.reason,
            exit_reason: Some(done.reason),
        }
    }

    /// The open part as it stands at a mark.
    pub fn open_trade(&self, mark: Price, now: Moment) -> Trade {
        let held = self.quantity.abs();
        let value = mark.times(held);
        let gross = if self.is_long() { value - self.cost } else { self.cost - value };
        Trade {
            symbol: self.symbol,
            is_long: self.is_long(),
            quantity: held,
            entry_ns: self.entered.ns,
            entry_price: self.entry_price(),
            exit_ns: 0,
            exit_price: mark,
            cost: self.cost,
            pnl: gross - self.fees,
            fees: self.fees,
            sessions_held: now.session.saturating_sub(self.entered.session),
            entry_reason: self.reason,
            exit_reason: None,
        }
    }
}
