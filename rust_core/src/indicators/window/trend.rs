//! Mean and lean (the first moment in time) of the last values: what weighted averages and regressions are made of.

use super::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Ramp {
    sum: f64,
    /// Forwards: values times their number from 1. Backwards: values times their number from 1, the newest highest,
    /// counted from wherever the end begins.
    ramp: f64,
    count: f64,
}

impl Ramp {
    #[inline(always)]
    fn result(sum: f64, ramp: f64, place: &Place<1>) -> [f64; 2] {
        [place.anchor[0] + sum * place.per_length, ramp - sum * ((place.length + 1.0) * 0.5)]
    }
}

impl Tally<1, 2> for Ramp {
    const ANCHORED: bool = true;
    const EMPTY: Self = Self { sum: 0.0, ramp: 0.0, count: 0.0 };

    #[inline(always)]
    fn newer(&mut self, [x]: [f64; 1]) {
        self.count += 1.0;
        self.sum += x;
        self.ramp += x * self.count;
    }

    #[inline(always)]
    fn older(&mut self, [x]: [f64; 1]) {
        // One value more in front moves all later ones one place up.
        self.sum += x;
        self.ramp += self.sum;
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, place: &Place<1>) -> [f64; 2] {
        Self::result(older.sum + newer.sum, older.ramp + (newer.ramp + newer.sum * place.behind), place)
    }

    #[inline(always)]
    fn whole(older: &Self, place: &Place<1>) -> [f64; 2] {
        Self::result(older.sum, older.ramp, place)
    }
}

/// The mean of the last `length` values, and their lean: the sum of `(i - (length + 1) / 2) * x_i`, i from 1 for the
/// oldest. The slope of the regression on time is `lean * 12 / (length^3 - length)`, the average with weights
/// 1, 2, ..., length is `mean + lean * 2 / (length^2 + length)`. NaN until warm and while a value is missing.
pub struct Trend(Chunks<1, 2, Ramp>);

impl Trend {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], means: &mut [f64], leans: &mut [f64]) {
        self.0.block([values], [means, leans]);
    }
}
