//! Sum of the last values.

use super::{Chunks, Tally};

struct Total;

impl Tally<1, 1, 1> for Total {
    const ANCHORED: bool = false;
    type Sums = f64;
    const EMPTY: f64 = 0.0;

    #[inline(always)]
    fn newer(&self, sum: f64, [x]: [f64; 1]) -> f64 {
        sum + x
    }

    #[inline(always)]
    fn older(&self, sum: f64, [x]: [f64; 1]) -> f64 {
        sum + x
    }

    #[inline(always)]
    fn keep(&self, older: f64, _: [f64; 1]) -> [f64; 1] {
        [older]
    }

    #[inline(always)]
    fn join(&self, [older]: [f64; 1], newer: f64, _: [f64; 1]) -> [f64; 1] {
        [older + newer]
    }
}

/// The sum of the last `length` values; NaN until there are so many and while one of them is missing.
pub struct Sum(Chunks<1, 1, 1, Total>);

impl Sum {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Total))
    }

    /// Writes the sum at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], sums: &mut [f64]) {
        self.0.block([values], [sums]);
    }
}
