//! Session returns with the sums that several ratios share, so that each is walked for once.

use super::lanes::{self, Lanes};

/// Returns per session, as fractions, and what their ratios have in common.
#[derive(Debug, Clone, Copy)]
pub struct Returns<'a> {
    pub values: &'a [f64],
    /// Product of `1 + return`.
    pub(super) grown: f64,
    /// Sum of the squares of the returns under zero.
    pub(super) downside: f64,
    /// Sum of squared distances from the mean.
    pub(super) squares: f64,
    mean: f64,
}

/// The sum of returns, and that of their squares.
pub fn sum_and_squares(returns: &[f64]) -> [f64; 2] {
    let (mut sum, mut squares) = (Lanes::new(0.0), Lanes::new(0.0));
    lanes::walk(returns, |group| {
        sum.take(group, |sum, value| sum + value);
        squares.take(group, |sum, value| sum + value * value);
    });
    [sum.sum(), squares.sum()]
}

impl<'a> Returns<'a> {
    pub fn of(values: &'a [f64]) -> Self {
        let (mut sum, mut grown, mut downside) = (Lanes::new(0.0), Lanes::new(1.0), Lanes::new(0.0));
        lanes::walk(values, |group| {
            sum.take(group, |sum, value| sum + value);
            grown.take(group, |grown, value| grown * (1.0 + value));
            downside.take(group, |sum, value| sum + lanes::smaller(0.0, value) * lanes::smaller(0.0, value));
        });
        let (mean, grown, downside) = (sum.sum() / values.len() as f64, grown.combined(|a, b| a * b), downside.sum());
        let squares = lanes::sum(values, |value| (value - mean) * (value - mean));
        Self { values, grown, downside, squares, mean }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Arithmetic mean.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.mean)
    }

    /// Sample standard deviation (divisor n - 1).
    pub fn deviation(&self) -> Option<f64> {
        (self.len() > 1).then(|| (self.squares / (self.len() - 1) as f64).sqrt())
    }
}
