//! Largest and smallest of the last values, by the chunks that `window` describes, without its anchors and sums.
//!
//! Comparing rounds nothing, so these are exact. Of equal values (0 and -0) the latest counts, whatever the chunk.

// Several columns are read and written at one bar: the bar's number says it best.
#![allow(clippy::needless_range_loop)]

use crate::indicators::piecewise::any_missing;

/// The best of the last `length` values, the largest where `LARGEST`, else the smallest; NaN until there are so many
/// and while one of them is missing.
pub struct Extreme<const LARGEST: bool> {
    length: usize,
    /// Values of the present chunk so far, and the values themselves.
    filled: usize,
    present: Vec<f64>,
    /// The best of the present chunk.
    newer: f64,
    /// Of the chunk before: at `i` the best of its values from `i` on; at `length` the worst there is.
    older: Vec<f64>,
    /// Bars still without a value: until the window is full, or the last missing value has left it.
    blank: usize,
}

pub type Highest = Extreme<true>;
pub type Lowest = Extreme<false>;

impl<const LARGEST: bool> Extreme<LARGEST> {
    const WORST: f64 = if LARGEST { f64::NEG_INFINITY } else { f64::INFINITY };

    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        let (present, older) = (vec![f64::NAN; length], vec![Self::WORST; length + 1]);
        Self { length, filled: 0, present, newer: Self::WORST, older, blank: length - 1 }
    }

    /// Writes the best at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], best: &mut [f64]) {
        let mut from = 0;
        while from < values.len() {
            let to = values.len().min(from + self.length - self.filled);
            self.segment(&values[from..to], &mut best[from..to]);
            from = to;
        }
        if self.blank > 0 || any_missing(values) {
            self.blank_out(values, best);
        }
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
            newer = Self::better(newer, values[bar]);
            best[bar] = Self::better(older[bar], newer);
        }
        newer
    }

    /// The best of a complete chunk from each of its values on.
    #[inline(always)]
    fn backwards(chunk: &[f64], older: &mut [f64]) {
        let mut best = Self::WORST;
        let older = &mut older[..chunk.len()];
        for bar in (0..chunk.len()).rev() {
            best = Self::better(chunk[bar], best);
            older[bar] = best;
        }
    }

    /// Of two values in the order of time; the later one where they are equal. One instruction, unlike `f64::max`,
    /// which also weighs NaN on both sides.
    #[inline(always)]
    fn better(earlier: f64, later: f64) -> f64 {
        if (LARGEST && earlier > later) || (!LARGEST && earlier < later) { earlier } else { later }
    }

    /// Takes back what was made of too few values or of missing ones.
    fn blank_out(&mut self, values: &[f64], best: &mut [f64]) {
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
