//! Exponential smoothing: the one recursion behind EMA, Wilder's average and everything made of them.
//!
//! A missing value holds the state and answers NaN for its bar; only present values count toward the seed.

use super::piecewise::any_missing;

/// `e = e * keep + x * take`, seeded with the mean of `length` present values after `skip` of them.
pub struct Smoothing {
    keep: f64,
    take: f64,
    skip: usize,
    length: usize,
    /// Present values so far, until the seed is complete.
    seen: usize,
    /// The sum of the seed's values so far, then the average.
    average: f64,
}

impl Smoothing {
    /// Exponential: the newest value weighs `2 / (length + 1)`.
    pub fn exponential(length: usize) -> Self {
        Self::new(2.0 / (length as f64 + 1.0), length, 0)
    }

    /// Wilder's: the newest value weighs `1 / length`.
    pub fn wilder(length: usize) -> Self {
        Self::new(1.0 / length as f64, length, 0)
    }

    /// The newest value weighs `take`; the first `skip` present values are passed over, the next `length` make the
    /// seed.
    pub fn new(take: f64, length: usize, skip: usize) -> Self {
        Self { keep: 1.0 - take, take, skip, length: length.max(1), seen: 0, average: 0.0 }
    }

    /// Takes the next value.
    #[inline]
    pub fn step(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        if self.is_seeded() {
            self.average = self.average * self.keep + value * self.take;
            return self.average;
        }
        self.seed(value)
    }

    /// Whether the average exists.
    #[inline]
    pub fn is_seeded(&self) -> bool {
        self.seen == self.skip + self.length
    }

    fn seed(&mut self, value: f64) -> f64 {
        self.seen += 1;
        if self.seen > self.skip {
            self.average += value;
        }
        if !self.is_seeded() {
            return f64::NAN;
        }
        self.average /= self.length as f64;
        self.average
    }

    /// Takes the next values; writes the average at each bar.
    pub fn block(&mut self, values: &[f64], averages: &mut [f64]) {
        averages.copy_from_slice(values);
        self.apply(averages);
    }

    /// Replaces the next values by the average at each bar.
    pub fn apply(&mut self, column: &mut [f64]) {
        let mut seeding = 0;
        while seeding < column.len() && !self.is_seeded() {
            column[seeding] = self.step(column[seeding]);
            seeding += 1;
        }
        let column = &mut column[seeding..];
        if any_missing(column) {
            column.iter_mut().for_each(|value| *value = self.step(*value));
            return;
        }
        let (mut average, keep, take) = (self.average, self.keep, self.take);
        for value in column {
            average = average * keep + *value * take;
            *value = average;
        }
        self.average = average;
    }
}

/// Bars after the seed until its weight is under 1e-9, for the weight `take` of the newest value.
pub fn fading(take: f64) -> usize {
    let keep = 1.0 - take;
    if keep <= 0.0 { 0 } else { (1e-9_f64.ln() / keep.ln()).ceil() as usize }
}
