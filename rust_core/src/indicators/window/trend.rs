//! Sums weighted along a line: weighted averages, and the lean that regressions on time are made of.

use super::{Chunks, Tally};

/// A window's weights rise by one from value to value. One value more at the newer end takes one off all weights
/// before it; one more at the older end puts one on all weights after it.
struct Ramp {
    oldest: f64,
    newest: f64,
    scale: f64,
    /// What the anchor weighs in the result: the sum of all weights times `scale`.
    level: f64,
}

/// The plain sum, and the weighted one.
type Sums = (f64, f64);

impl Tally<1, 1, 1> for Ramp {
    const ANCHORED: bool = true;
    type Sums = Sums;
    const EMPTY: Sums = (0.0, 0.0);

    #[inline(always)]
    fn newer(&self, (sum, weighted): Sums, [x]: [f64; 1]) -> Sums {
        // A difference on purpose: two like additions would be packed into one, and wait for each other.
        (sum + x, weighted - (sum - x * self.newest))
    }

    #[inline(always)]
    fn older(&self, (sum, weighted): Sums, [x]: [f64; 1]) -> Sums {
        (sum + x, weighted + (x * self.oldest + sum))
    }

    #[inline(always)]
    fn keep(&self, (_, weighted): Sums, _: [f64; 1]) -> [f64; 1] {
        [weighted]
    }

    #[inline(always)]
    fn join(&self, [older]: [f64; 1], (_, weighted): Sums, [anchor]: [f64; 1]) -> [f64; 1] {
        [anchor * self.level + (older + weighted) * self.scale]
    }
}

/// The average of the last `length` values with weights 1, 2, ..., length; NaN until there are so many and while one
/// of them is missing.
pub struct Weighted(Chunks<1, 1, 1, Ramp>);

impl Weighted {
    pub fn new(length: usize) -> Self {
        let values = length.max(1) as f64;
        let scale = 2.0 / (values * (values + 1.0));
        Self(Chunks::new(length, Ramp { oldest: 1.0, newest: values, scale, level: 1.0 }))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], averages: &mut [f64]) {
        self.0.block([values], [averages]);
    }
}

/// The end of the straight line fitted to the last `length` values, at least two: an average with weights that rise
/// evenly from `(2 - length) / 3` to `(2 * length - 1) / 3`. NaN until warm and while a value is missing.
pub struct LineEnd(Chunks<1, 1, 1, Ramp>);

impl LineEnd {
    pub fn new(length: usize) -> Self {
        let values = length.max(2) as f64;
        let (oldest, newest) = ((2.0 - values) / 3.0, (2.0 * values - 1.0) / 3.0);
        Self(Chunks::new(length, Ramp { oldest, newest, scale: 6.0 / (values * (values + 1.0)), level: 1.0 }))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], ends: &mut [f64]) {
        self.0.block([values], [ends]);
    }
}

/// The lean of the last `length` values: the sum of `(i - (length + 1) / 2) * x_i`, i from 1 for the oldest. The slope
/// of the regression on time is `lean * 12 / (length^3 - length)`. NaN until warm and while a value is missing.
pub struct Lean(Chunks<1, 1, 1, Ramp>);

impl Lean {
    pub fn new(length: usize) -> Self {
        Self::scaled(length, 1.0)
    }

    /// The lean times a factor.
    pub fn scaled(length: usize, scale: f64) -> Self {
        let half = (length.max(1) as f64 - 1.0) / 2.0;
        Self(Chunks::new(length, Ramp { oldest: -half, newest: half, scale, level: 0.0 }))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], leans: &mut [f64]) {
        self.0.block([values], [leans]);
    }
}
