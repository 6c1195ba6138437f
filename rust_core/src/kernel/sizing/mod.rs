//! How much of equity a position gets, and how many shares that is. One method per file.
//!
//! A method gives a weight: the size of the position over equity, never negative, before caps. A missing input gives
//! a weight of zero. Sides, caps and limits are applied elsewhere.

pub mod equal_weight;
pub mod fixed_fraction;
pub mod fixed_shares;
pub mod half_kelly;
pub mod inverse_volatility;
pub mod risk_parity;
pub mod risk_per_trade;
mod shares;
pub mod volatility_target;

pub use half_kelly::KellyStats;
pub use shares::shares;

use crate::plan::SizingMethod;
use serde::Serialize;

/// What the methods read, as of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SizingInputs {
    /// Positions that may be held at once.
    pub concurrent: u32,
    /// |entry - stop| / entry.
    pub stop_distance_frac: Option<f64>,
    /// Annual volatility of the candidate, as a fraction.
    pub volatility: Option<f64>,
    /// The candidate's 1 / volatility over the sum for all candidates and holdings.
    pub inverse_volatility_share: Option<f64>,
    /// The candidate's weight among all candidates and holdings at which they contribute equally to risk.
    pub risk_parity_share: Option<f64>,
    pub kelly: KellyStats,
}

/// A method's page in the manual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MethodDoc {
    pub name: &'static str,
    /// One sentence: what it aims at.
    pub summary: &'static str,
    pub formula: &'static str,
    /// Keys of `sizing:` it reads, and what it measures.
    pub inputs: &'static str,
    pub edge_cases: &'static str,
    pub source: &'static str,
}

/// Every method, in the order of the manual.
pub const METHODS: &[MethodDoc] = &[
    equal_weight::DOC,
    fixed_fraction::DOC,
    fixed_shares::DOC,
    risk_per_trade::DOC,
    volatility_target::DOC,
    inverse_volatility::DOC,
    risk_parity::DOC,
    half_kelly::DOC,
];

/// The weight of a new position: its value over equity, finite, zero or more, before caps.
pub fn size(method: &SizingMethod, inputs: &SizingInputs) -> f64 {
    let weight = match *method {
        SizingMethod::EqualWeight => equal_weight::weight(inputs),
        SizingMethod::FixedFraction { fraction } => Some(fraction),
        // Shares without regard to equity are no weight; the caller takes the number as it stands.
        SizingMethod::FixedShares { .. } => None,
        SizingMethod::RiskPerTrade { fraction } => risk_per_trade::weight(fraction, inputs),
        SizingMethod::VolatilityTarget { target, .. } => volatility_target::weight(target, inputs),
        SizingMethod::InverseVolatility { .. } => inputs.inverse_volatility_share,
        SizingMethod::RiskParity { .. } => inputs.risk_parity_share,
        SizingMethod::HalfKelly { prior_trades, prior_win_rate, prior_payoff, min_trades, floor } => {
            let prior = half_kelly::Prior { trades: prior_trades, win_rate: prior_win_rate, payoff: prior_payoff };
            half_kelly::weight(&prior, min_trades, floor, inputs)
        }
    };
    weight.filter(|weight| weight.is_finite() && *weight > 0.0).unwrap_or(0.0)
}

/// A value that is known and above zero.
fn positive(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite() && *value > 0.0)
}

/// 1 / the number of positions that may be held at once.
fn slot(inputs: &SizingInputs) -> Option<f64> {
    (inputs.concurrent > 0).then(|| 1.0 / f64::from(inputs.concurrent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Money, Price, Shares};

    fn inputs() -> SizingInputs {
        SizingInputs {
            concurrent: 4,
            stop_distance_frac: Some(0.08),
            volatility: Some(0.30),
            inverse_volatility_share: Some(0.4),
            risk_parity_share: Some(0.3),
            kelly: KellyStats::default(),
        }
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn each_method_by_hand() {
        near(size(&SizingMethod::EqualWeight, &inputs()), 0.25);
        near(size(&SizingMethod::FixedFraction { fraction: 0.05 }, &inputs()), 0.05);
        // 1% of equity is lost when the price falls 8%: an eighth of equity.
        near(size(&SizingMethod::RiskPerTrade { fraction: 0.01 }, &inputs()), 0.125);
        // Half the volatility of the member, shared by four.
        let target = SizingMethod::VolatilityTarget { target: 0.15, lookback: 60, volatility: 0 };
        near(size(&target, &inputs()), 0.125);
        near(size(&SizingMethod::InverseVolatility { lookback: 60, volatility: 0 }, &inputs()), 0.4);
        near(size(&SizingMethod::RiskParity { lookback: 60, changes: 0 }, &inputs()), 0.3);
    }

    #[test]
    fn what_is_missing_or_makes_no_sense_buys_nothing() {
        let target = SizingMethod::VolatilityTarget { target: 0.15, lookback: 60, volatility: 0 };
        let inverse = SizingMethod::InverseVolatility { lookback: 60, volatility: 0 };
        let risk = SizingMethod::RiskPerTrade { fraction: 0.01 };
        for bad in [None, Some(f64::NAN), Some(0.0), Some(-0.1), Some(f64::INFINITY)] {
            assert_eq!(size(&risk, &SizingInputs { stop_distance_frac: bad, ..inputs() }), 0.0);
            assert_eq!(size(&target, &SizingInputs { volatility: bad, ..inputs() }), 0.0);
            assert_eq!(size(&inverse, &SizingInputs { inverse_volatility_share: bad, ..inputs() }), 0.0);
        }
        assert_eq!(size(&SizingMethod::EqualWeight, &SizingInputs { concurrent: 0, ..inputs() }), 0.0);
        assert_eq!(size(&SizingMethod::FixedFraction { fraction: f64::NAN }, &inputs()), 0.0);
    }

    fn half_kelly(kelly: KellyStats, prior_trades: f64) -> f64 {
        let prior = (prior_trades, 0.52, 1.3);
        let method = SizingMethod::HalfKelly {
            prior_trades: prior.0,
            prior_win_rate: prior.1,
            prior_payoff: prior.2,
            min_trades: 20,
            floor: 0.01,
        };
        size(&method, &SizingInputs { kelly, ..inputs() })
    }

    #[test]
    fn half_kelly_by_hand() {
        // The prior alone: f = 0.52 - 0.48 / 1.3 = 0.150769..; half of it over four positions.
        let prior = (0.52 - 0.48 / 1.3) / 8.0;
        near(half_kelly(KellyStats::default(), 30.0), prior);
        // 19 trades are too few to count.
        let few = KellyStats { trades: 19, wins: 19, mean_win: 500.0, mean_loss: 100.0 };
        near(half_kelly(few, 30.0), prior);
        // 20 trades, 12 won at 200, 8 lost at 100; the prior adds 15.6 wins of 1.3 losses and 14.4 losses.
        // p = 27.6 / 50, b = (15.6 x 1.3 + 12 x 2) / 27.6 = 44.28 / 27.6.
        let measured = KellyStats { trades: 20, wins: 12, mean_win: 200.0, mean_loss: 100.0 };
        let (p, b) = (27.6 / 50.0, 44.28 / 27.6);
        near(half_kelly(measured, 30.0), (p - (1.0 - p) / b) / 8.0);
        // Without a prior: p = 0.6, b = 2, f = 0.4.
        near(half_kelly(measured, 0.0), 0.05);
    }

    #[test]
    fn the_floor_stands_where_the_fraction_is_lower_or_unknown() {
        let losing = KellyStats { trades: 40, wins: 10, mean_win: 100.0, mean_loss: 100.0 };
        near(half_kelly(losing, 0.0), 0.01 / 4.0);
        near(half_kelly(KellyStats::default(), 0.0), 0.01 / 4.0);
        let only_losses = KellyStats { trades: 25, wins: 0, mean_win: f64::NAN, mean_loss: 100.0 };
        near(half_kelly(only_losses, 0.0), 0.01 / 4.0);
        // Nothing lost yet: p = (25 + 15.6) / 55 with the prior's payoff.
        let only_wins = KellyStats { trades: 25, wins: 25, mean_win: 100.0, mean_loss: 0.0 };
        let p: f64 = 40.6 / 55.0;
        near(half_kelly(only_wins, 30.0), (p - (1.0 - p) / 1.3) / 8.0);
    }

    #[test]
    fn shares_are_rounded_toward_zero_to_what_trades() {
        let usd = |dollars: i64| Money(dollars * 1_000_000);
        let at = |cents: i64| Price(cents * 10_000);
        // 5% of 100,000 at $60 is 83.33 shares; at $50 exactly 100.
        assert_eq!(shares(0.05, usd(100_000), at(6_000), false, 1), Shares::whole(83));
        assert_eq!(shares(0.05, usd(100_000), at(5_000), false, 1), Shares::whole(100));
        assert_eq!(shares(0.05, usd(100_000), at(6_000), true, 1), Shares(83_333_333));
        assert_eq!(shares(0.05, usd(100_000), at(2_000), false, 100), Shares::whole(200));
        assert_eq!(shares(1.0 / 3.0, usd(300), at(1_000), false, 1), Shares::whole(10));
        assert_eq!(shares(-0.05, usd(100_000), at(6_000), false, 1), Shares::whole(-83));
        assert_eq!(shares(0.05, usd(100_000), at(500_001), false, 0), Shares::ZERO);
        for (weight, equity, price) in [
            (f64::NAN, 100, 100),
            (f64::INFINITY, 100, 100),
            (0.5, 0, 100),
            (0.5, -5, 100),
            (0.5, 100, 0),
            (1e300, 100, 1),
        ] {
            assert_eq!(shares(weight, usd(equity), at(price), false, 1), Shares::ZERO, "{weight} {equity} {price}");
        }
    }

    #[test]
    fn each_method_has_a_page() {
        let mut names: Vec<_> = METHODS.iter().map(|method| method.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), METHODS.len());
        for method in METHODS {
            for text in [method.summary, method.formula, method.inputs, method.edge_cases, method.source] {
                assert!(!text.is_empty() && !text.contains("  "), "{}: {text}", method.name);
            }
        }
    }
}
