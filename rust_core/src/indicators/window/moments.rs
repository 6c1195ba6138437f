//! Mean and sum of squared deviations of the last values.

use super::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Powers {
    first: f64,
    second: f64,
}

impl Powers {
    #[inline(always)]
    fn take(&mut self, x: f64) {
        self.first += x;
        self.second += x * x;
    }

    #[inline(always)]
    fn result(self, place: &Place<1>) -> [f64; 2] {
        let mean = self.first * place.per_length;
        let squares = self.second - self.first * mean;
        [place.anchor[0] + mean, if squares < 0.0 { 0.0 } else { squares }]
    }
}

impl Tally<1, 2> for Powers {
    const ANCHORED: bool = true;
    const EMPTY: Self = Self { first: 0.0, second: 0.0 };

    #[inline(always)]
    fn newer(&mut self, [x]: [f64; 1]) {
        self.take(x);
    }

    #[inline(always)]
    fn older(&mut self, [x]: [f64; 1]) {
        self.take(x);
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, place: &Place<1>) -> [f64; 2] {
        Self { first: older.first + newer.first, second: older.second + newer.second }.result(place)
    }

    #[inline(always)]
    fn whole(older: &Self, place: &Place<1>) -> [f64; 2] {
        older.result(place)
    }
}

/// The mean of the last `length` values and the sum of their squared deviations from it (never negative; exactly
/// zero when all are equal); NaN until there are so many and while one of them is missing.
pub struct Moments(Chunks<1, 2, Powers>);

impl Moments {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], means: &mut [f64], squares: &mut [f64]) {
        self.0.block([values], [means, squares]);
    }
}
