//! Commission per share, flat or in tiers of the month's volume, and what a broker with unbundled prices adds to it.
//!
//! One model covers, by its parameters:
//! - IBKR Pro, fixed: 0.005 per share, minimum 1.00, maximum 1% of trade value, which wins over the minimum;
//! - IBKR Pro, tiered: 0.0035 per share up to 300,000 shares of the calendar month, 0.0020 up to 3,000,000, 0.0015 up to
//!   20,000,000, 0.0010 up to 100,000,000, 0.0005 beyond; minimum 0.35, maximum 1%; NSCC and DTC clearing 0.00020 per
//!   share, at most 0.5% of trade value; exchange fees; FINRA's and the NYSE's shares of the commission, 0.00056 and
//!   0.000175 of it (interactivebrokers.com, Commissions Stocks, United States, and its comparison of fixed and tiered
//!   pricing; read 2026-11-22);
//! - zipline's `PerShare`: cost per share and minimum, no maximum;
//! - LEAN's `InteractiveBrokersFeeModel`: 0.005, minimum 1.00, a maximum that leaves the minimum standing. (LEAN lets
//!   the maximum cut an order whose shares come to more than the minimum to less than it, so that at a price under
//!   0.50 more shares can cost less; here they never do.)
//!
//! Left out: rebates for adding liquidity (an exchange fee is at least zero), the fee for the consolidated audit trail,
//! which changes by the month, the lower minimum for fractions of a share, and exchanges that charge by value.

use crate::fill::commission::Part;
use crate::kernel::{Progress, Ratio};
use crate::units::{Money, Price, Shares};

/// A rate, and the month's shares up to which it holds; `None` is without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    pub up_to: Option<Shares>,
    pub per_share: Price,
}

/// Fees of others that a broker adds to its commission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassThrough {
    pub clearing: Price,
    /// Most of the clearing fee, against the value of the order.
    pub clearing_maximum: Ratio,
    /// Per share that takes liquidity (a market order, a triggered stop) and that adds it (a limit, a target).
    pub exchange_remove: Price,
    pub exchange_add: Price,
    /// Against the commission.
    pub of_commission: Ratio,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerShare {
    /// Ascending; a tier's rate holds for the shares within it, not for those before. The last has no end.
    pub tiers: Vec<Tier>,
    pub minimum: Money,
    /// Against the value of the order.
    pub maximum: Option<Ratio>,
    /// Where the maximum is below the minimum: whether it holds.
    pub maximum_wins: bool,
    pub pass_through: PassThrough,
}

impl PerShare {
    /// Whether the rate hangs on the month's shares.
    pub(super) const fn counts_month(&self) -> bool {
        self.tiers.len() > 1
    }

    /// What the first `count` shares of a month come to.
    fn of_month(&self, count: Shares) -> Money {
        let mut from = Shares::ZERO;
        let mut sum = Money::ZERO;
        for tier in &self.tiers {
            let to = tier.up_to.map_or(count, |up_to| up_to.min(count));
            sum += tier.per_share.times(to - from);
            from = to;
        }
        sum
    }

    /// What a part's shares come to. Counting is from a common start, so that parts add up to the whole whatever is
    /// rounded: from the month's where the rate hangs on it, else from the order's.
    #[inline(never)]
    pub(super) fn by_schedule(&self, filled: Shares, part: &Part) -> Money {
        let from = if self.counts_month() { part.month_shares } else { filled };
        self.of_month(from + part.quantity) - self.of_month(from)
    }

    /// The fee on an order that has come so far.
    #[inline(never)]
    pub(super) fn of_order(&self, order: &Progress, is_taker: bool) -> Money {
        if order.filled == Shares::ZERO {
            return Money::ZERO;
        }
        let commission = self.bounded(order.by_schedule, order.notional);
        let passed_on = &self.pass_through;
        let exchange = if is_taker { passed_on.exchange_remove } else { passed_on.exchange_add };
        let clearing = passed_on.clearing.times(order.filled);
        commission
            + passed_on.of_commission.of_money(commission)
            + exchange.times(order.filled)
            + clearing.min(passed_on.clearing_maximum.of_money(order.notional))
    }

    fn bounded(&self, by_schedule: Money, notional: Money) -> Money {
        match self.maximum.map(|ratio| ratio.of_money(notional)) {
            None => by_schedule.max(self.minimum),
            Some(maximum) if self.maximum_wins => by_schedule.max(self.minimum).min(maximum),
            Some(maximum) => by_schedule.min(maximum).max(self.minimum),
        }
    }

    /// The most that a share bought at `price` adds, the minimum aside.
    #[inline(never)]
    pub(super) fn allowance(&self, price: Price) -> Price {
        let highest = self.tiers.iter().map(|tier| tier.per_share).max().unwrap_or_default();
        let commission = self.maximum.map_or(highest, |ratio| highest.min(ratio.of_price(price)));
        let passed_on = &self.pass_through;
        commission
            + passed_on.of_commission.of_price(commission)
            + passed_on.exchange_remove.max(passed_on.exchange_add)
            + passed_on.clearing.min(passed_on.clearing_maximum.of_price(price))
    }
}
