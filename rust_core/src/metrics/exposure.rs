//! How much of the equity was invested.

use super::mean;

/// Mean of gross position value over equity.
pub fn exposure(gross_exposure: &[f64]) -> Option<f64> {
    mean(gross_exposure)
}

/// Share of sessions that closed with a position.
pub fn time_in_market(gross_exposure: &[f64]) -> Option<f64> {
    let invested = gross_exposure.iter().filter(|&&gross| gross > 0.0).count();
    (!gross_exposure.is_empty()).then(|| invested as f64 / gross_exposure.len() as f64)
}
