//! The best of the last values, by the chunks that `window` describes, without its anchors and sums.

// Several columns are read and written at one bar: the bar's number says it best.
#![allow(clippy::needless_range_loop)]

use super::extreme::{better, worst};
use crate::indicators::piecewise::any_missing;

/// The best of the last `length` values, whatever the length.
pub struct ExtremeChunks<const LARGEST: bool> {
    length: usize,
    /// Values of the present chunk so far, and the values themselves.
    filled: usize,
    present: Vec<f64>,
    /// The best of the present chunk.
    newer: f64,
    /// Of the chunk before: at `i` the best of its values from `i` on; at `length` the worst there is.
    older: Vec<f64>,
}

impl<const LARGEST: bool> ExtremeChunks<LARGEST> {
    const WORST: f64 = worst(LARGEST);

    pub fn new(length: usize) -> Self {
        let (present, older) = (vec![f64::NAN; length], vec![Self::WORST; length + 1]);
        Self { length, filled: 0, present, newer: Self::WORST, older }
    }

    /// Writes the best at each bar; answers whether a value may be missing.
    #[inline]
    pub fn block(&mut self, values: &[f64], best: &mut [f64]) -> bool {
        let mut from = 0;
        while from < values.len() {
            let to = values.len().min(from + self.length - self.filled);
            self.segment(&values[from..to], &mut best[from..to]);
            from = to;
        }
        any_missing(values)
    }

    /// Takes values of one chunk.
    #[inline]
    fn segment(&mut self, values: &[f64], best: &mut [f64]) {
        let (from, to) = (self.filled, self.filled + values.len());
        if values.len() == self.length {
            // Nothing is kept between the two ends of a chunk that is there as a whole.
            Self::forwards(Self::WORST, values, &self.older[1..], best);
            return Self::backwards(values, &mut self.older);
        }
        self.newer = Self::forwards(self.newer, values, &self.older[from + 1..], best);
        self.present[from..to].copy_from_slice(values);
        self.filled = to;
        if to == self.length {
            Self::backwards(&self.present, &mut self.older);
            (self.filled, self.newer) = (0, Self::WORST);
        }
    }

    /// Joins each value with the older chunk's end.
    #[inline(always)]
    fn forwards(mut newer: f64, values: &[f64], older: &[f64], best: &mut [f64]) -> f64 {
        let bars = values.len();
        let (older, best) = (&older[..bars], &mut best[..bars]);
        for bar in 0..bars {
            newer = better::<LARGEST>(newer, values[bar]);
            best[bar] = better::<LARGEST>(older[bar], newer);
        }
        newer
    }

    /// The best of a complete chunk from each of its values on.
    #[inline(always)]
    fn backwards(chunk: &[f64], older: &mut [f64]) {
        let mut best = Self::WORST;
        let older = &mut older[..chunk.len()];
        for bar in (0..chunk.len()).rev() {
            best = better::<LARGEST>(chunk[bar], best);
            older[bar] = best;
        }
    }
}
