//! Exponential smoothing: the one recursion behind EMA, Wilder's average and everything made of them.
//!
//! A missing value holds the state and answers NaN for its bar; only present values count, toward the seed and after.
//!
//! After the seed, values are taken in groups of four, so that a group need not wait for every step of the one before:
//! with `e` the average before the group, the answer at its i-th value is `e * keep^i + c[i]`, where
//! `c[1] = x[1] * take` and `c[i] = c[i-1] * keep + x[i] * take` do not hang on `e`.

use crate::maths;

/// Values in a group.
const GROUP: usize = 4;

/// `e = e * keep + x * take`, seeded with the mean of `length` present values after `skip` of them.
pub struct Smoothing {
    keep: f64,
    /// `keep` to the powers 1 to `GROUP`.
    powers: [f64; GROUP],
    take: f64,
    skip: usize,
    length: usize,
    /// Present values so far, until the seed is complete.
    seen: usize,
    /// The sum of the seed's values so far, then the average before the present group.
    average: f64,
    /// Values of the present group so far, and what they add.
    grouped: usize,
    added: f64,
    /// The bar that completes the seed has no answer.
    quiet: bool,
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
        let keep = 1.0 - take;
        let powers = [keep, keep * keep, keep * keep * keep, keep * keep * (keep * keep)];
        let (length, average, added) = (length.max(1), 0.0, 0.0);
        Self { keep, powers, take, skip, length, seen: 0, average, grouped: 0, added, quiet: false }
    }

    /// The same, with the first answer one value after the seed.
    pub fn without_seed(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Takes the next value.
    #[inline]
    pub fn step(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        if !self.is_seeded() {
            return self.seed(value);
        }
        let weighed = value * self.take;
        self.added = if self.grouped == 0 { weighed } else { self.added * self.keep + weighed };
        let average = self.average * self.powers[self.grouped] + self.added;
        self.grouped += 1;
        if self.grouped == GROUP {
            (self.grouped, self.average) = (0, average);
        }
        average
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
        if self.quiet { f64::NAN } else { self.average }
    }

    /// Takes the next values; writes the average at each bar.
    pub fn block(&mut self, values: &[f64], averages: &mut [f64]) {
        let mut from = 0;
        while from < values.len() && !(self.is_seeded() && self.grouped == 0) {
            averages[from] = self.step(values[from]);
            from += 1;
        }
        let (values, averages) = (&values[from..], &mut averages[from..values.len()]);
        let held = self.average;
        let mut grouped = self.groups(values, averages);
        if self.average.is_nan() {
            // A value was missing: once more, bar by bar.
            (self.average, grouped) = (held, 0);
        }
        for (value, average) in values[grouped..].iter().zip(&mut averages[grouped..]) {
            *average = self.step(*value);
        }
    }

    /// Takes whole groups as if no value were missing; answers how many values that were. The average is missing
    /// afterwards if one was.
    #[inline]
    fn groups(&mut self, values: &[f64], averages: &mut [f64]) -> usize {
        let (mut average, keep, powers, take) = (self.average, self.keep, self.powers, self.take);
        let (groups, _) = values.as_chunks::<GROUP>();
        let (results, _) = averages.as_chunks_mut::<GROUP>();
        for (group, result) in groups.iter().zip(results) {
            let mut added = group.map(|value| value * take);
            for i in 1..GROUP {
                added[i] += added[i - 1] * keep;
            }
            *result = std::array::from_fn(|i| average * powers[i] + added[i]);
            average = result[GROUP - 1];
        }
        self.average = average;
        groups.len() * GROUP
    }
}

/// Bars after the seed until its weight is under 1e-9, for the weight `take` of the newest value.
pub fn fading(take: f64) -> usize {
    let keep = 1.0 - take;
    if keep <= 0.0 { 0 } else { (maths::ln(1e-9) / maths::ln(keep)).ceil() as usize }
}

/// The same for `folds` averages of averages: until fewer than `folds` of that many draws with chance `take` succeed
/// with a chance under 1e-11, which leaves room for the coefficients that such averages are combined with.
pub fn fading_cascade(take: f64, folds: usize) -> usize {
    let keep = 1.0 - take;
    // chances[j]: exactly j successes so far.
    let mut chances = vec![0.0; folds];
    chances[0] = 1.0;
    let mut bars = 0;
    while chances.iter().sum::<f64>() >= 1e-11 {
        for j in (1..folds).rev() {
            chances[j] = chances[j] * keep + chances[j - 1] * take;
        }
        chances[0] *= keep;
        bars += 1;
    }
    bars
}
