//! How much worse than its reference an order that takes liquidity fills.
//!
//! Market orders and triggered stops pay it; limit orders and targets do not, since they fill at their price or better.

use crate::kernel::Ratio;
use crate::units::{Price, Shares, Side};

/// A slippage model. Prices are rounded half to even to a millionth of a dollar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slippage {
    Zero,
    /// That fraction of the price, against the order.
    Bps(Ratio),
    /// The quoted spread as a fraction of the price: each side pays half.
    Spread(Ratio),
    /// `coefficient x volatility x sqrt(shares / average volume)` as a fraction of the price, of daily figures.
    ///
    /// Source: the square-root law in the form of J. Gatheral, No-Dynamic-Arbitrage and Market Impact, Quantitative
    /// Finance 10 (2010), where the coefficient is about 1. R. Almgren, C. Thum, E. Hauptmann and H. Li, Direct Estimation
    /// of Equity Market Impact, Risk (July 2005), find volatility and the share of volume to be what impact hangs on,
    /// with an exponent of 3/5 for its temporary part. The spread is not in it.
    SquareRoot {
        coefficient: f64,
        /// Where a symbol has too little history to tell.
        fallback: Ratio,
    },
    /// `impact x (shares / volume of the bar) ^ 2` as a fraction of the price; what filled in the bar before counts among
    /// the shares.
    ///
    /// Source: `VolumeShareSlippage` of zipline, whose impact is 0.1; its limit on the share is a limit on participation.
    VolumeShare {
        impact: f64,
    },
}

/// What is about to be taken from the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// The price that the bar shows.
    pub reference: Price,
    pub side: Side,
    pub quantity: Shares,
    /// What filled of the symbol in the same bar before.
    pub before: Shares,
    /// Shares.
    pub bar_volume: f64,
    /// Mean shares of a day before this one; NaN where too few days are known.
    pub average_volume: f64,
    /// Standard deviation of daily returns before this day, a fraction; NaN where too few days are known.
    pub volatility: f64,
}

/// A fraction of the price; a price beyond double is no longer a price, nor is one below zero.
fn impact(frac: f64) -> Ratio {
    Ratio::from_f64(frac.min(1.0)).unwrap_or_default()
}

impl Slippage {
    /// What a price is worse by, where it hangs on nothing else.
    #[inline]
    pub fn of_price(&self, reference: Price) -> Option<Price> {
        match *self {
            Self::Zero => Some(Price(0)),
            Self::Bps(ratio) => Some(ratio.of_price(reference)),
            // Half the spread in one rounding: the price is halved in the ratio, which is even in billionths.
            Self::Spread(ratio) => Some(Ratio(ratio.0 / 2).of_price(reference)),
            Self::SquareRoot { .. } | Self::VolumeShare { .. } => None,
        }
    }

    /// The price of what is taken: never better than the reference, and for more shares never better.
    pub fn apply(&self, taken: &Taken) -> Price {
        let &Taken { reference, side, .. } = taken;
        let worse = match *self {
            Self::SquareRoot { coefficient, fallback } => {
                let share = taken.quantity.to_f64() / taken.average_volume;
                let frac = coefficient * taken.volatility * share.sqrt();
                // No volume in all those days: a share of it cannot be told either.
                let ratio = if frac.is_finite() { impact(frac) } else { fallback };
                ratio.of_price(reference)
            }
            Self::VolumeShare { impact: coefficient } => {
                let share = (taken.before + taken.quantity).to_f64() / taken.bar_volume;
                let frac = coefficient * (share * share);
                impact(if frac.is_nan() { 0.0 } else { frac }).of_price(reference)
            }
            Self::Zero | Self::Bps(_) | Self::Spread(_) => self.of_price(reference).unwrap_or_default(),
        };
        Price(reference.0 + side.sign() * worse.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(side: Side, usd: i64, shares: i64) -> Taken {
        let reference = Price(usd * 1_000_000);
        let quantity = Shares::whole(shares);
        Taken {
            reference,
            side,
            quantity,
            before: Shares::ZERO,
            bar_volume: 10_000.0,
            average_volume: 1_000_000.0,
            volatility: 0.02,
        }
    }

    #[test]
    fn each_side_pays_bps_and_half_of_the_spread() {
        let price = |slippage: Slippage, side| slippage.apply(&taken(side, 50, 100));
        // 5 bps of 50.00 is 0.025.
        let bps = Slippage::Bps(Ratio(500_000));
        assert_eq!(price(bps, Side::Buy), Price(50_025_000));
        assert_eq!(price(bps, Side::Sell), Price(49_975_000));
        // A spread of 4 bps is 0.02, half of it 0.01.
        let spread = Slippage::Spread(Ratio(400_000));
        assert_eq!(price(spread, Side::Buy), Price(50_010_000));
        assert_eq!(price(spread, Side::Sell), Price(49_990_000));
        assert_eq!(price(Slippage::Zero, Side::Buy), Price(50_000_000));
    }

    #[test]
    fn impact_grows_with_the_root_of_the_share_of_daily_volume() {
        let root = Slippage::SquareRoot { coefficient: 1.0, fallback: Ratio(500_000) };
        // 10,000 of 1,000,000 shares: sqrt(0.01) = 0.1, times 2% is 0.2%; of 50.00 that is 0.10.
        assert_eq!(root.apply(&taken(Side::Buy, 50, 10_000)), Price(50_100_000));
        assert_eq!(root.apply(&taken(Side::Sell, 50, 10_000)), Price(49_900_000));
        // Four times the shares, twice the impact; three quarters of the coefficient, three quarters of it.
        assert_eq!(root.apply(&taken(Side::Buy, 50, 40_000)), Price(50_200_000));
        let weaker = Slippage::SquareRoot { coefficient: 0.75, fallback: Ratio(0) };
        assert_eq!(weaker.apply(&taken(Side::Buy, 50, 40_000)), Price(50_150_000));
    }

    #[test]
    fn without_history_the_fallback_is_paid() {
        let root = Slippage::SquareRoot { coefficient: 1.0, fallback: Ratio(500_000) };
        for (average_volume, volatility) in [(f64::NAN, 0.02), (1e6, f64::NAN), (0.0, 0.02)] {
            let unknown = Taken { average_volume, volatility, ..taken(Side::Buy, 50, 100) };
            assert_eq!(root.apply(&unknown), Price(50_025_000));
        }
        // A price that never moved is known: no impact.
        assert_eq!(root.apply(&Taken { volatility: 0.0, ..taken(Side::Buy, 50, 100) }), Price(50_000_000));
    }

    #[test]
    fn volume_share_is_zipline_s() {
        // 2.5% of the bar: 0.1 x 0.025^2 = 0.0000625, of 50.00 that is 0.003125.
        let share = Slippage::VolumeShare { impact: 0.1 };
        assert_eq!(share.apply(&taken(Side::Buy, 50, 250)), Price(50_003_125));
        assert_eq!(share.apply(&taken(Side::Sell, 50, 250)), Price(49_996_875));
        // 100 shares after 150: the same 250.
        let second = Taken { before: Shares::whole(150), ..taken(Side::Buy, 50, 100) };
        assert_eq!(share.apply(&second), Price(50_003_125));
        // zipline's tests: 5 of a bar's 200 shares at 3.50 fill at 3.50021875.
        let theirs = Taken { reference: Price(3_500_000), bar_volume: 200.0, ..taken(Side::Buy, 1, 5) };
        assert_eq!(share.apply(&theirs), Price(3_500_219));
        // No volume in the bar: as bad as it gets.
        let none = Taken { bar_volume: 0.0, ..taken(Side::Sell, 50, 100) };
        assert_eq!(share.apply(&none), Price(0));
    }
}
