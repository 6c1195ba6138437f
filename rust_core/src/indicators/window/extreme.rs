//! Largest and smallest of the last values. Comparing rounds nothing, so these are exact.

use super::{Chunks, Tally};
use crate::indicators::piecewise::any_missing;

/// The best so far: the largest where `LARGEST`, else the smallest. A missing value never wins a comparison.
struct Best<const LARGEST: bool>;

impl<const LARGEST: bool> Best<LARGEST> {
    /// One instruction, unlike `f64::max`, which also weighs NaN on the other side.
    #[inline(always)]
    fn better(candidate: f64, best: f64) -> f64 {
        if LARGEST {
            if candidate > best { candidate } else { best }
        } else if candidate < best {
            candidate
        } else {
            best
        }
    }
}

impl<const LARGEST: bool> Tally<1, 1, 1> for Best<LARGEST> {
    const ANCHORED: bool = false;
    const SIDE_BY_SIDE: bool = false;
    type Sums = f64;
    const EMPTY: f64 = if LARGEST { f64::NEG_INFINITY } else { f64::INFINITY };

    #[inline(always)]
    fn newer(&self, best: f64, [x]: [f64; 1]) -> f64 {
        Self::better(x, best)
    }

    #[inline(always)]
    fn older(&self, best: f64, [x]: [f64; 1]) -> f64 {
        Self::better(x, best)
    }

    #[inline(always)]
    fn keep(&self, older: f64, _: [f64; 1]) -> [f64; 1] {
        [older]
    }

    #[inline(always)]
    fn join(&self, [older]: [f64; 1], newer: f64, _: [f64; 1]) -> [f64; 1] {
        [Self::better(older, newer)]
    }
}

/// The best of the last `length` values; NaN until there are so many and while one of them is missing.
pub struct Extreme<const LARGEST: bool> {
    best: Chunks<1, 1, 1, Best<LARGEST>>,
    length: usize,
    /// Bars still without a value: until the window is full, or the last missing value has left it.
    blank: usize,
}

pub type Highest = Extreme<true>;
pub type Lowest = Extreme<false>;

impl<const LARGEST: bool> Extreme<LARGEST> {
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self { best: Chunks::new(length, Best), length, blank: length - 1 }
    }

    /// Writes the best at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], best: &mut [f64]) {
        self.best.block([values], [&mut *best]);
        if self.blank == 0 && !any_missing(values) {
            return;
        }
        for (value, best) in values.iter().zip(best) {
            if value.is_nan() {
                self.blank = self.length;
            }
            if self.blank > 0 {
                (self.blank, *best) = (self.blank - 1, f64::NAN);
            }
        }
    }
}
