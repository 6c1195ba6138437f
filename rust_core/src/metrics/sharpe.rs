//! Sharpe ratio, risk-free rate zero.

use super::{SESSIONS_PER_YEAR, finite, mean, sample_deviation};

/// Arithmetic mean over sample deviation, times sqrt(252); source: empyrical `sharpe_ratio`.
pub fn sharpe(returns: &[f64]) -> Option<f64> {
    finite(mean(returns)? / sample_deviation(returns)? * SESSIONS_PER_YEAR.sqrt())
}
