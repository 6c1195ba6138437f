//! Alpha and beta to the benchmark, by least squares on session returns.

use super::{SESSIONS_PER_YEAR, finite, mean};
use crate::maths::pow;

/// Covariance with the benchmark over the benchmark's variance; source: empyrical `beta`.
///
/// `None` when the lengths differ, there are fewer than two returns, or the benchmark never moves.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    if returns.len() != benchmark.len() || returns.len() < 2 {
        return None;
    }
    let (ours, theirs) = (mean(returns)?, mean(benchmark)?);
    let covariance: f64 = returns.iter().zip(benchmark).map(|(r, b)| (r - ours) * (b - theirs)).sum();
    let variance: f64 = benchmark.iter().map(|b| (b - theirs) * (b - theirs)).sum();
    finite(covariance / variance)
}

/// The mean of `return - beta * benchmark`, compounded over 252 sessions; source: empyrical `alpha`.
pub fn alpha(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    let slope = beta(returns, benchmark)?;
    let residual: Vec<f64> = returns.iter().zip(benchmark).map(|(r, b)| r - slope * b).collect();
    finite(pow(1.0 + mean(&residual)?, SESSIONS_PER_YEAR) - 1.0)
}
