//! Sortino ratio, required return zero.

use super::{Returns, SESSIONS_PER_YEAR, finite};

/// Annual mean over annual downside risk, `sqrt(mean(min(r, 0)^2) * 252)`; source: empyrical `sortino_ratio`.
pub fn sortino(returns: &Returns) -> Option<f64> {
    let downside = (returns.downside / returns.len() as f64 * SESSIONS_PER_YEAR).sqrt();
    finite(returns.mean()? * SESSIONS_PER_YEAR / downside)
}
