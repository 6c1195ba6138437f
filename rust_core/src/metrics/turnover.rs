//! Turnover.

use super::{SESSIONS_PER_YEAR, finite, mean};

/// Value traded (buys and sales) over mean equity, per year of 252 sessions; buying and selling all of the equity once
/// a year is 2.
pub fn turnover(traded: f64, equity: &[f64]) -> Option<f64> {
    let sessions = equity.len().checked_sub(1).filter(|&n| n > 0)?;
    // A sum of no trades is -0, which nobody wants to read.
    finite((traded + 0.0) / mean(equity)? * SESSIONS_PER_YEAR / sessions as f64)
}
