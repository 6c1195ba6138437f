//! Annual volatility.

use super::{Returns, SESSIONS_PER_YEAR};

/// Sample deviation of session returns times sqrt(252); source: empyrical `annual_volatility`.
pub fn volatility(returns: &Returns) -> Option<f64> {
    returns.deviation().map(|deviation| deviation * SESSIONS_PER_YEAR.sqrt())
}
