//! Mean and sum of squared deviations of the last values.

use super::{Chunks, Tally};

/// Sums of offsets from the anchor and of their squares.
struct Powers {
    per_length: f64,
}

impl Powers {
    fn new(length: usize) -> Self {
        Self { per_length: 1.0 / length.max(1) as f64 }
    }

    #[inline(always)]
    fn deviations(&self, first: f64, second: f64) -> f64 {
        let squares = second - first * (first * self.per_length);
        if squares < 0.0 { 0.0 } else { squares }
    }
}

macro_rules! accumulate_powers {
    () => {
        const ANCHORED: bool = true;
        type Sums = (f64, f64);
        const EMPTY: (f64, f64) = (0.0, 0.0);

        #[inline(always)]
        fn newer(&self, (first, second): (f64, f64), [x]: [f64; 1]) -> (f64, f64) {
            (first + x, second + x * x)
        }

        #[inline(always)]
        fn older(&self, (first, second): (f64, f64), [x]: [f64; 1]) -> (f64, f64) {
            (first + x, second + x * x)
        }

        #[inline(always)]
        fn keep(&self, (first, second): (f64, f64), _: [f64; 1]) -> [f64; 2] {
            [first, second]
        }
    };
}

impl Tally<1, 2, 2> for Powers {
    accumulate_powers!();

    #[inline(always)]
    fn join(&self, older: [f64; 2], newer: (f64, f64), [anchor]: [f64; 1]) -> [f64; 2] {
        let (first, second) = (older[0] + newer.0, older[1] + newer.1);
        [anchor + first * self.per_length, self.deviations(first, second)]
    }
}

impl Tally<1, 2, 1> for Powers {
    const JOINS_APART: bool = true;
    accumulate_powers!();

    #[inline(always)]
    fn join(&self, older: [f64; 2], newer: (f64, f64), _: [f64; 1]) -> [f64; 1] {
        [(self.deviations(older[0] + newer.0, older[1] + newer.1) * self.per_length).sqrt()]
    }
}

/// The mean of the last `length` values and the sum of their squared deviations from it (never negative; exactly
/// zero when all are equal); NaN until there are so many and while one of them is missing.
pub struct Moments(Chunks<1, 2, 2, Powers>);

impl Moments {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Powers::new(length)))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], means: &mut [f64], squares: &mut [f64]) {
        self.0.block([values], [means, squares]);
    }
}

/// The standard deviation of the last `length` values as a population; NaN as `Moments`. The root is taken in the
/// pass that joins the sums.
pub struct Deviation(Chunks<1, 2, 1, Powers>);

impl Deviation {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Powers::new(length)))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], deviations: &mut [f64]) {
        self.0.block([values], [deviations]);
    }
}
