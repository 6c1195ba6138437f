//! Calmar ratio.

use super::{annual_return, deepest_drawdown, finite};

/// Annual return over the absolute deepest drawdown; source: empyrical `calmar_ratio`.
pub fn calmar(returns: &[f64], equity: &[f64]) -> Option<f64> {
    let depth = deepest_drawdown(equity)?.depth;
    finite(annual_return(returns)? / depth.abs()).filter(|_| depth < 0.0)
}
