//! How many shares a weight comes to, under a run's conventions.

use crate::kernel::sizing::{SizingInputs, shares, size};
use crate::plan::{Plan, Sizing, SizingMethod};
use crate::simulate::config::Setup;
use crate::simulate::conventions::{PartShares, SizingOn};
use crate::units::{MICRO, Money, Price, Shares};

/// What LEAN invests of a target: all but its free portfolio value.
const INVESTED: f64 = 0.9975;

/// What a size hangs on beside the weight and the price.
#[derive(Clone, Copy)]
pub(super) struct Sizer<'s> {
    pub setup: &'s Setup,
    pub sizing: &'s Sizing,
    pub fractional: bool,
    /// At the last recorded close.
    pub equity: Money,
}

/// What every method of sizing reads.
pub(super) fn inputs_of(plan: &Plan) -> SizingInputs {
    let concurrent = plan.sizing.max_positions.unwrap_or(plan.symbols.len() as u32).max(1);
    SizingInputs { concurrent, ..SizingInputs::default() }
}

/// Whether positions may hold parts of a share.
pub(super) fn is_fractional(plan: &Plan, setup: &Setup) -> bool {
    plan.sizing.fractional || setup.conventions.shares == PartShares::Fractional
}

impl<'s> Sizer<'s> {
    pub fn new(plan: &'s Plan, setup: &'s Setup, equity: Money) -> Self {
        Self { setup, sizing: &plan.sizing, fractional: is_fractional(plan, setup), equity }
    }

    /// The weight of every entry, where it hangs on nothing but the plan.
    pub fn constant_weight(&self, plan: &Plan) -> Option<f64> {
        let method = &self.sizing.method;
        let is_constant = matches!(method, SizingMethod::EqualWeight | SizingMethod::FixedFraction { .. });
        is_constant.then(|| size(method, &inputs_of(plan)))
    }

    /// What orders are a multiple of.
    pub fn unit(&self) -> Shares {
        Shares(if self.fractional { 1 } else { i64::from(self.sizing.round_lot.max(1)) * MICRO })
    }

    /// The close raised by the buffer: what orders are sized on.
    pub fn reference(&self, close: Price) -> Price {
        close + self.setup.buffer.of_price(close)
    }

    /// Shares of a new position that is to weigh that much, as far as the strategy's cap goes.
    pub fn entry(&self, weight: f64, reference: Price) -> Shares {
        let weight = self.sizing.max_position_frac.map_or(weight, |cap| weight.min(cap));
        self.shares_of(weight, reference, Shares::ZERO)
    }

    /// The same for a stated number of shares.
    pub fn entry_of(&self, count: f64, reference: Price) -> Shares {
        let count = Shares::from_f64(count).unwrap_or(Shares::ZERO);
        let count = if self.fractional { count } else { count.truncated() };
        let cap = self.sizing.max_position_frac;
        cap.map_or(count, |cap| count.min(self.shares_of(cap, reference, Shares::ZERO)))
    }

    /// Shares worth that part of equity at a price, the fee per share included; none for a weight that is not above 0.
    /// `held` is what an order leads there from, on the same side.
    pub fn shares_of(&self, weight: f64, reference: Price, held: Shares) -> Shares {
        if weight.is_nan() || weight <= 0.0 {
            return Shares::ZERO;
        }
        let price = match self.setup.conventions.sizing {
            SizingOn::FreePortfolio => return self.of_free_portfolio(weight * INVESTED, reference, held),
            SizingOn::Close => reference,
            SizingOn::Buffered => reference + self.setup.commission.per_share_allowance(reference),
        };
        shares(weight, self.equity, price, self.fractional, self.sizing.round_lot)
    }

    /// The most shares of a target, towards zero, whose value leaves the fee of the order to them free.
    #[inline(never)]
    fn of_free_portfolio(&self, weight: f64, close: Price, held: Shares) -> Shares {
        let mut target = shares(weight, self.equity, close, self.fractional, self.sizing.round_lot);
        while target.0 > 0 {
            let fee = self.setup.commission.of_shares((target - held).abs(), close);
            let allowed = Money::from_f64(weight * (self.equity - fee).to_f64()).unwrap_or_default();
            if close.times(target) <= allowed {
                break;
            }
            target -= self.unit();
        }
        target
    }
}
