//! Sum of the last values.

use super::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Total(f64);

impl Tally<1, 1> for Total {
    const ANCHORED: bool = false;
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
    fn join(older: &Self, newer: &Self, _: &Place<1>) -> [f64; 1] {
        [older.0 + newer.0]
    }

    #[inline(always)]
    fn whole(older: &Self, _: &Place<1>) -> [f64; 1] {
        [older.0]
    }
}

/// The sum of the last `length` values; NaN until there are so many and while one of them is missing.
pub struct Sum(Chunks<1, 1, Total>);

impl Sum {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    /// Writes the sum at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], sums: &mut [f64]) {
        self.0.block([values], [sums]);
    }
}
