//! What a broker charges for an order.
//!
//! A minimum or maximum holds per order, so a fill in parts costs the fee of the whole so far less what was charged.

use crate::kernel::Ratio;
use crate::units::{Money, Price, Shares};

/// A commission model; amounts are rounded half to even to a millionth of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commission {
    Zero,
    /// A fraction of the trade value.
    Bps(Ratio),
    /// Per share, at least `minimum`, at most `maximum` of the trade value; where the two disagree the maximum wins, as
    /// in IBKR's fixed schedule (0.005 per share, minimum 1.00, maximum 1% of trade value).
    PerShare {
        per_share: Price,
        minimum: Money,
        maximum: Option<Ratio>,
    },
}

impl Commission {
    /// The fee on an order of which `quantity` shares worth `notional` have filled.
    pub fn of_order(self, quantity: Shares, notional: Money) -> Money {
        if quantity == Shares::ZERO {
            return Money::ZERO;
        }
        match self {
            Self::Zero => Money::ZERO,
            Self::Bps(ratio) => ratio.of_money(notional),
            Self::PerShare { per_share, minimum, maximum } => {
                let fee = per_share.times(quantity).max(minimum);
                maximum.map_or(fee, |ratio| fee.min(ratio.of_money(notional)))
            }
        }
    }

    /// The fee of the next part of an order that has `charged` so far.
    pub fn of_part(self, filled: Shares, notional: Money, charged: Money, part: Shares, price: Price) -> Money {
        self.of_order(filled + part, notional + price.times(part)) - charged
    }

    /// Dollars per share that a purchase at `price` must allow for beyond the price: the per-share part. The minimum is
    /// left to the cash buffer, being a few dollars per order.
    pub fn per_share_allowance(self, price: Price) -> Price {
        match self {
            Self::Zero => Price(0),
            Self::Bps(ratio) => ratio.of_price(price),
            Self::PerShare { per_share, maximum, .. } => {
                maximum.map_or(per_share, |ratio| per_share.min(ratio.of_price(price)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IBKR: Commission =
        Commission::PerShare { per_share: Price(5_000), minimum: Money(1_000_000), maximum: Some(Ratio(10_000_000)) };

    fn fee(shares: i64, price: i64) -> Money {
        let quantity = Shares::whole(shares);
        IBKR.of_order(quantity, Price(price).times(quantity))
    }

    #[test]
    fn ibkr_fixed_per_share_minimum_and_maximum() {
        // IBKR's own examples: 100 shares at 25 cost 1.00 (0.50 is under the minimum), 1,000 at 25 cost 5.00,
        // 1,000 at 0.25 cost 2.50 (1% of 250).
        assert_eq!(fee(100, 25_000_000), Money(1_000_000));
        assert_eq!(fee(1_000, 25_000_000), Money(5_000_000));
        assert_eq!(fee(1_000, 250_000), Money(2_500_000));
        // 10 shares at 2.00: 1% of 20 is 0.20, under the minimum of 1.00, and wins.
        assert_eq!(fee(10, 2_000_000), Money(200_000));
    }

    #[test]
    fn parts_of_one_order_share_its_minimum() {
        // 60 then 140 shares at 25: 0.30 lifts to 1.00, then 200 shares in all cost 1.00, so the second part is free;
        // a third part of 100 brings 300 shares to 1.50, so it costs 0.50.
        let price = Price(25_000_000);
        let first = IBKR.of_part(Shares::ZERO, Money::ZERO, Money::ZERO, Shares::whole(60), price);
        assert_eq!(first, Money(1_000_000));
        let notional = price.times(Shares::whole(60));
        let second = IBKR.of_part(Shares::whole(60), notional, first, Shares::whole(140), price);
        assert_eq!(second, Money::ZERO);
        let notional = price.times(Shares::whole(200));
        let third = IBKR.of_part(Shares::whole(200), notional, first, Shares::whole(100), price);
        assert_eq!(third, Money(500_000));
    }

    #[test]
    fn bps_and_zero() {
        // 10 bps of 100 x 12.345 = 1,234.50 is 1.2345.
        let notional = Price(12_345_000).times(Shares::whole(100));
        assert_eq!(Commission::Bps(Ratio(1_000_000)).of_order(Shares::whole(100), notional), Money(1_234_500));
        assert_eq!(Commission::Zero.of_order(Shares::whole(100), notional), Money::ZERO);
    }
}
