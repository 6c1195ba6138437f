//! Mean of the last values.

use super::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Offsets(f64);

impl Tally<1, 1> for Offsets {
    const ANCHORED: bool = true;
    const EMPTY: Self = Self(0.0);

    #[inline(always)]
    fn newer(&mut self, [x]: [f64; 1]) {
        self.0 += x;
    }

    #[inline(always)]
    fn older(&mut self, [x]: [f64; 1]) {
        self.0 += x;
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, place: &Place<1>) -> [f64; 1] {
        [place.anchor[0] + (older.0 + newer.0) * place.per_length]
    }

    #[inline(always)]
    fn whole(older: &Self, place: &Place<1>) -> [f64; 1] {
        [place.anchor[0] + older.0 * place.per_length]
    }
}

/// The mean of the last `length` values, exactly the value where all are equal; NaN until there are so many and while
/// one of them is missing.
pub struct Mean(Chunks<1, 1, Offsets>);

impl Mean {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    /// Writes the mean at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], means: &mut [f64]) {
        self.0.block([values], [means]);
    }
}
