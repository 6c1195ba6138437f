//! Total and compound annual return.

use super::{Returns, SESSIONS_PER_YEAR, finite};
use crate::maths::pow;

/// Compounded return of the whole period; source: empyrical `cum_returns_final`.
pub fn total_return(returns: &Returns) -> Option<f64> {
    (!returns.is_empty()).then_some(returns.grown - 1.0).and_then(finite)
}

/// `(1 + total)^(252 / sessions) - 1`; source: empyrical `annual_return`.
pub fn annual_return(returns: &Returns) -> Option<f64> {
    let grown = 1.0 + total_return(returns)?;
    finite(pow(grown, SESSIONS_PER_YEAR / returns.len() as f64) - 1.0)
}
