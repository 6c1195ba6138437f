//! Annual volatility.

use super::{SESSIONS_PER_YEAR, sample_deviation};

/// Sample deviation of session returns times sqrt(252); source: empyrical `annual_volatility`.
pub fn volatility(returns: &[f64]) -> Option<f64> {
    sample_deviation(returns).map(|deviation| deviation * SESSIONS_PER_YEAR.sqrt())
}
