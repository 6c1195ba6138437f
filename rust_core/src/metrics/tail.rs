//! Tail ratio.

use super::{Tails, finite};

/// |95th percentile| over |5th percentile| of session returns; source: empyrical `tail_ratio`.
pub fn tail_ratio(tails: &Tails) -> Option<f64> {
    finite(tails.high()?.abs() / tails.low()?.abs())
}
