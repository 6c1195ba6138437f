//! How much of equity a position gets, and how many shares that is. One method per file.
//!
//! A method gives a weight: the size of the position over equity, never negative, before caps. A missing input gives
//! a weight of zero. Sides, caps and limits are applied elsewhere.

pub mod equal_weight;
pub mod fixed_fraction;
pub mod half_kelly;
pub mod inverse_volatility;
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
    risk_per_trade::DOC,
    volatility_target::DOC,
    inverse_volatility::DOC,
    half_kelly::DOC,
];

/// The weight of a new position: its value over equity, finite, zero or more, before caps.
pub fn size(method: &SizingMethod, inputs: &SizingInputs) -> f64 {
    let weight = match *method {
        SizingMethod::EqualWeight => equal_weight::weight(inputs),
        SizingMethod::FixedFraction { fraction } => Some(fraction),
        SizingMethod::RiskPerTrade { fraction } => risk_per_trade::weight(fraction, inputs),
        SizingMethod::VolatilityTarget { target, .. } => volatility_target::weight(target, inputs),
        SizingMethod::InverseVolatility { .. } => inputs.inverse_volatility_share,
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
