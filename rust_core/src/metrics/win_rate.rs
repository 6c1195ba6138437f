//! Win rate.

/// Share of closed round trips with a net profit above zero.
pub fn win_rate(trade_pnl: &[f64]) -> Option<f64> {
    let won = trade_pnl.iter().filter(|&&pnl| pnl > 0.0).count();
    (!trade_pnl.is_empty()).then(|| won as f64 / trade_pnl.len() as f64)
}
