//! Sharpe ratio, risk-free rate zero.

use super::{Returns, SESSIONS_PER_YEAR, finite};

/// Arithmetic mean over sample deviation, times sqrt(252); source: empyrical `sharpe_ratio`.
pub fn sharpe(returns: &Returns) -> Option<f64> {
    finite(returns.mean()? / returns.deviation()? * SESSIONS_PER_YEAR.sqrt())
}
