//! Alpha and beta to the benchmark, by least squares on session returns.

use super::{Returns, SESSIONS_PER_YEAR, finite};
use crate::maths::pow;

/// Covariance with the benchmark over the benchmark's variance; source: empyrical `beta`.
///
/// `None` when the lengths differ, there are fewer than two returns, or the benchmark never moves.
pub fn beta(returns: &Returns, benchmark: &Returns) -> Option<f64> {
    if returns.len() != benchmark.len() || returns.len() < 2 {
        return None;
    }
    let (ours, theirs) = (returns.mean()?, benchmark.mean()?);
    let covariance: f64 = returns.values.iter().zip(benchmark.values).map(|(r, b)| (r - ours) * (b - theirs)).sum();
    finite(covariance / benchmark.squares)
}

/// The mean of `return - beta * benchmark`, compounded over 252 sessions; source: empyrical `alpha`.
pub fn alpha(returns: &Returns, benchmark: &Returns, beta: Option<f64>) -> Option<f64> {
    let slope = beta?;
    let residual: f64 = returns.values.iter().zip(benchmark.values).map(|(r, b)| r - slope * b).sum();
    finite(pow(1.0 + residual / returns.len() as f64, SESSIONS_PER_YEAR) - 1.0)
}
