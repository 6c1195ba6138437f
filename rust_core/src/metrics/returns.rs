//! Session returns with the sums that several ratios share, so that each is walked for once.

use super::lanes;

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

impl<'a> Returns<'a> {
    pub fn of(values: &'a [f64]) -> Self {
        let mean = lanes::sum(values, |value| value) / values.len() as f64;
        Self {
            values,
            grown: lanes::fold(values, 1.0, |grown, value| grown * (1.0 + value), |a, b| a * b),
            downside: lanes::sum(values, |value| lanes::smaller(0.0, value) * lanes::smaller(0.0, value)),
            squares: lanes::sum(values, |value| (value - mean) * (value - mean)),
            mean,
        }
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
