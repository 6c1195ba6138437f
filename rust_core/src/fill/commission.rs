//! What an order costs beside its price: the broker's commission and what the broker passes on.
//!
//! Minimum, maximum and caps hold per order, so a fill in parts costs the fee of the whole so far less that of what had
//! filled before. No part costs less than nothing, and more shares never cost less.

use crate::fill::per_share::PerShare;
use crate::fill::regulatory;
use crate::kernel::{Progress, Ratio};
use crate::units::{Money, Price, Shares, Side};

/// How the broker charges; amounts are rounded half to even to a millionth of a dollar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    Zero,
    /// A fraction of the trade value.
    Bps(Ratio),
    PerShare(PerShare),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commission {
    pub schedule: Schedule,
    /// Whether sales pay the SEC's and FINRA's fees of their date.
    pub regulatory: bool,
}

/// A part of an order that fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub side: Side,
    pub is_taker: bool,
    /// Exchange date, days since 1970-01-01.
    pub date: i32,
    /// What the account has traded in that month before.
    pub month_shares: Shares,
    pub quantity: Shares,
    pub price: Price,
}

/// What a part costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub fee: Money,
    /// What its shares come to by the schedule, before minimum and maximum.
    pub by_schedule: Money,
}

impl Commission {
    /// A schedule without regulatory fees.
    pub const fn plain(schedule: Schedule) -> Self {
        Self { schedule, regulatory: false }
    }

    /// The charge on the next part of an order.
    #[inline]
    pub fn of_part(&self, before: &Progress, part: &Part) -> Charge {
        let by_schedule = match &self.schedule {
            Schedule::PerShare(schedule) => schedule.by_schedule(before.filled, part),
            Schedule::Zero | Schedule::Bps(_) => Money::ZERO,
        };
        let after = Progress {
            filled: before.filled + part.quantity,
            notional: before.notional + part.price.times(part.quantity),
            by_schedule: before.by_schedule + by_schedule,
        };
        // What has not begun has cost nothing.
        let so_far = if *before == Progress::default() { Money::ZERO } else { self.of_order(before, part) };
        Charge { fee: self.of_order(&after, part) - so_far, by_schedule }
    }

    /// The fee on an order that has come so far, by the terms of its latest part.
    #[inline]
    fn of_order(&self, order: &Progress, part: &Part) -> Money {
        let charged = match &self.schedule {
            Schedule::Zero => Money::ZERO,
            Schedule::Bps(ratio) => ratio.of_money(order.notional),
            Schedule::PerShare(schedule) => schedule.of_order(order, part.is_taker),
        };
        let is_passed_on = self.regulatory && part.side == Side::Sell;
        if is_passed_on { charged + regulatory::of_sale(part.date, order) } else { charged }
    }

    /// The fee on a whole order to buy at a price, for reckoning ahead: nothing that hangs on a date or a month.
    pub fn of_shares(&self, quantity: Shares, price: Price) -> Money {
        let (side, is_taker, date, month_shares) = (Side::Buy, true, 0, Shares::ZERO);
        self.of_part(&Progress::default(), &Part { side, is_taker, date, month_shares, quantity, price }).fee
    }

    /// Dollars per share that a purchase at `price` must allow for beyond the price. A minimum is left to the cash
    /// buffer, being a few dollars per order.
    #[inline]
    pub fn per_share_allowance(&self, price: Price) -> Price {
        match &self.schedule {
            Schedule::Zero => Price(0),
            Schedule::Bps(ratio) => ratio.of_price(price),
            Schedule::PerShare(schedule) => schedule.allowance(price),
        }
    }

    /// Whether the fee hangs on what was traded in the month before.
    #[inline]
    pub const fn counts_month(&self) -> bool {
        matches!(&self.schedule, Schedule::PerShare(schedule) if schedule.counts_month())
    }

    /// Whether the fee hangs on how many shares there are, which adjusted prices do not tell.
    pub const fn counts_shares(&self) -> bool {
        self.regulatory || matches!(self.schedule, Schedule::PerShare(_))
    }
}

#[cfg(test)]
mod tests;
