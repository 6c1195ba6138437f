//! Historical value at risk of one session, at 5%.

use super::{mean, percentile};

const CUTOFF: f64 = 0.05;

/// The 5th percentile of session returns (a loss is negative); source: empyrical `value_at_risk`.
pub fn value_at_risk(returns: &[f64]) -> Option<f64> {
    percentile(returns, CUTOFF)
}

/// Mean of the worst 5% of session returns; source: empyrical `conditional_value_at_risk`.
pub fn conditional_value_at_risk(returns: &[f64]) -> Option<f64> {
    let mut sorted = returns.to_vec();
    sorted.sort_by(f64::total_cmp);
    let worst = (sorted.len().checked_sub(1)? as f64 * CUTOFF) as usize;
    mean(&sorted[..=worst])
}
