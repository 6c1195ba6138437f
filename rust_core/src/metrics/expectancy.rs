//! Expectancy.

use super::mean;

/// Mean net profit of a closed round trip, USD.
pub fn expectancy(trade_pnl: &[f64]) -> Option<f64> {
    mean(trade_pnl)
}
