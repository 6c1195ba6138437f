//! Tail ratio.

use super::{finite, percentile};

/// |95th percentile| over |5th percentile| of session returns; source: empyrical `tail_ratio`.
pub fn tail_ratio(returns: &[f64]) -> Option<f64> {
    finite(percentile(returns, 0.95)?.abs() / percentile(returns, 0.05)?.abs())
}
