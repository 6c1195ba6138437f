//! Historical value at risk of one session, at 5%.

use super::{Tails, mean};

/// The 5th percentile of session returns (a loss is negative); source: empyrical `value_at_risk`.
pub fn value_at_risk(tails: &Tails) -> Option<f64> {
    tails.low()
}

/// Mean of the worst 5% of session returns; source: empyrical `conditional_value_at_risk`.
pub fn conditional_value_at_risk(tails: &Tails) -> Option<f64> {
    mean(tails.worst()?)
}
