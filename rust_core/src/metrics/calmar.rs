//! Calmar ratio.

use super::{Drawdown, Returns, annual_return, finite};

/// Annual return over the absolute deepest drawdown; source: empyrical `calmar_ratio`.
pub fn calmar(returns: &Returns, deepest: Option<Drawdown>) -> Option<f64> {
    let depth = deepest?.depth;
    finite(annual_return(returns)? / depth.abs()).filter(|_| depth < 0.0)
}
