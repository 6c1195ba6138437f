//! Calmar ratio.

use super::{Returns, annual_return, finite};

/// Annual return over the absolute depth of the deepest drawdown; source: empyrical `calmar_ratio`.
pub fn calmar(returns: &Returns, deepest: Option<f64>) -> Option<f64> {
    let depth = deepest?;
    finite(annual_return(returns)? / depth.abs()).filter(|_| depth < 0.0)
}
