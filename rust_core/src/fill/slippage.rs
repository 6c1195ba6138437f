//! How much worse than its reference an order that takes liquidity fills.
//!
//! Market orders and triggered stops pay it; limit orders and targets do not, since they fill at their price or better.

use crate::kernel::Ratio;
use crate::units::{Price, Side};

/// A slippage model. Prices are rounded half to even to a millionth of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slippage {
    Zero,
    /// That fraction of the price, against the order.
    Bps(Ratio),
    /// The quoted spread as a fraction of the price: each side pays half.
    Spread(Ratio),
}

impl Slippage {
    /// The price an order of this side gets where the bar shows `reference`.
    pub fn apply(self, reference: Price, side: Side) -> Price {
        let worse = match self {
            Self::Zero => Price(0),
            Self::Bps(ratio) => ratio.of_price(reference),
            // Half the spread in one rounding: the price is halved in the ratio, which is even in billionths.
            Self::Spread(ratio) => Ratio(ratio.0 / 2).of_price(reference),
        };
        Price(reference.0 + side.sign() * worse.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_pays_bps_and_half_of_the_spread() {
        let reference = Price(50_000_000);
        // 5 bps of 50.00 is 0.025.
        let bps = Slippage::Bps(Ratio(500_000));
        assert_eq!(bps.apply(reference, Side::Buy), Price(50_025_000));
        assert_eq!(bps.apply(reference, Side::Sell), Price(49_975_000));
        // A spread of 4 bps is 0.02, half of it 0.01.
        let spread = Slippage::Spread(Ratio(400_000));
        assert_eq!(spread.apply(reference, Side::Buy), Price(50_010_000));
        assert_eq!(spread.apply(reference, Side::Sell), Price(49_990_000));
        assert_eq!(Slippage::Zero.apply(reference, Side::Buy), reference);
    }
}
