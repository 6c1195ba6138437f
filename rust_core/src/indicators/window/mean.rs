//! Mean of the last values.

use super::{Chunks, Tally};

/// Sums of offsets from the anchor.
struct Offsets {
    per_length: f64,
}

impl Tally<1, 1, 1> for Offsets {
    const ANCHORED: bool = true;
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
    fn join(&self, [older]: [f64; 1], newer: f64, [anchor]: [f64; 1]) -> [f64; 1] {
        [anchor + (older + newer) * self.per_length]
    }
}

/// The mean of the last `length` values, exactly the value where all are equal; NaN until there are so many and while
/// one of them is missing.
pub struct Mean(Chunks<1, 1, 1, Offsets>);

impl Mean {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Offsets { per_length: 1.0 / length.max(1) as f64 }))
    }

    /// Writes the mean at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], means: &mut [f64]) {
        self.0.block([values], [means]);
    }
}
