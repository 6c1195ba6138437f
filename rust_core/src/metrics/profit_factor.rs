//! Profit factor.

use super::finite;

/// Sum of winning round trips over the absolute sum of losing ones, net of costs; `None` without a loss.
pub fn profit_factor(trade_pnl: &[f64]) -> Option<f64> {
    let won: f64 = trade_pnl.iter().filter(|&&pnl| pnl > 0.0).sum();
    let lost: f64 = trade_pnl.iter().filter(|&&pnl| pnl < 0.0).sum();
    finite(won / lost.abs())
}
