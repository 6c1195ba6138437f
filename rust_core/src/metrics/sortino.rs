//! Sortino ratio, required return zero.

use super::{SESSIONS_PER_YEAR, finite, mean};

/// Annual mean over annual downside risk, `sqrt(mean(min(r, 0)^2) * 252)`; source: empyrical `sortino_ratio`.
pub fn sortino(returns: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = returns.iter().map(|r| r.min(0.0) * r.min(0.0)).collect();
    let downside = (mean(&squares)? * SESSIONS_PER_YEAR).sqrt();
    finite(mean(returns)? * SESSIONS_PER_YEAR / downside)
}
