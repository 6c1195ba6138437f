//! Exponential smoothing: the one recursion behind EMA, Wilder's average and everything made of them.
//!
//! A missing value holds the state and answers NaN for its bar; only present values count, toward the seed and after.

use crate::maths;

/// Values that are taken at once.
pub const GROUP: usize = 4;

/// `e[t] = e[t-1] * keep + x[t] * take`, written so that an average waits for the one four values before it alone:
/// `e[t] = e[t-4] * keep^4 + (u[t] + u[t-2] * keep^2)` with `u[t] = x[t] * take + x[t-1] * take * keep`. What came
/// before the seed counts as if every value had been the seed.
#[derive(Clone, Copy)]
pub struct Recursion {
    take: f64,
    take_before: f64,
    keep_2: f64,
    keep_4: f64,
    /// The newest value, the last two `u` and the last four averages, the oldest first.
    value: f64,
    pairs: [f64; 2],
    averages: [f64; GROUP],
}

impl Recursion {
    fn new(take: f64) -> Self {
        let keep = 1.0 - take;
        let keep_2 = keep * keep;
        let (value, pairs, averages) = (0.0, [0.0; 2], [0.0; GROUP]);
        Self { take, take_before: take * keep, keep_2, keep_4: keep_2 * keep_2, value, pairs, averages }
    }

    fn begin(&mut self, seed: f64) {
        let pair = seed * self.take + seed * self.take_before;
        (self.value, self.pairs, self.averages) = (seed, [pair; 2], [seed; GROUP]);
    }

    /// Takes the next value.
    #[inline(always)]
    fn one(&mut self, value: f64) -> f64 {
        let pair = value * self.take + self.value * self.take_before;
        let average = self.averages[0] * self.keep_4 + (pair + self.pairs[0] * self.keep_2);
        (self.value, self.pairs) = (value, [self.pairs[1], pair]);
        self.averages = [self.averages[1], self.averages[2], self.averages[3], average];
        average
    }

    /// Takes the next values; the same bits as `one` on each.
    #[inline(always)]
    pub fn four(&mut self, values: [f64; GROUP]) -> [f64; GROUP] {
        let before = [self.value, values[0], values[1], values[2]];
        let mut pairs = [0.0; GROUP];
        for i in 0..GROUP {
            pairs[i] = values[i] * self.take + before[i] * self.take_before;
        }
        let earlier = [self.pairs[0], self.pairs[1], pairs[0], pairs[1]];
        let mut averages = [0.0; GROUP];
        for i in 0..GROUP {
            averages[i] = self.averages[i] * self.keep_4 + (pairs[i] + earlier[i] * self.keep_2);
        }
        (self.value, self.pairs, self.averages) = (values[3], [pairs[2], pairs[3]], averages);
        averages
    }

    /// Whether a value was missing, now or before: one makes every later average missing.
    pub fn is_missing(&self) -> bool {
        self.averages[GROUP - 1].is_nan()
    }
}

/// `Recursion` seeded with the mean of `length` present values after `skip` of them.
pub struct Smoothing {
    recursion: Recursion,
    skip: usize,
    length: usize,
    /// Present values so far, until the seed is complete, and the sum of the seed's among them.
    seen: usize,
    sum: f64,
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
        Self { recursion: Recursion::new(take), skip, length: length.max(1), seen: 0, sum: 0.0, quiet: false }
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
            f64::NAN
        } else if self.is_seeded() {
            self.recursion.one(value)
        } else {
            self.seed(value)
        }
    }

    /// Whether the average exists.
    #[inline]
    pub fn is_seeded(&self) -> bool {
        self.seen == self.skip + self.length
    }

    fn seed(&mut self, value: f64) -> f64 {
        self.seen += 1;
        if self.seen > self.skip {
            self.sum += value;
        }
        if !self.is_seeded() {
            return f64::NAN;
        }
        let mean = self.sum / self.length as f64;
        self.recursion.begin(mean);
        if self.quiet { f64::NAN } else { mean }
    }

    /// The recursion after the seed, for several to be followed in one pass; `resume` takes it back.
    pub fn recursion(&self) -> Recursion {
        self.recursion
    }

    /// Goes on from what `recursion` gave, after more values.
    pub fn resume(&mut self, recursion: Recursion) {
        self.recursion = recursion;
    }

    /// Takes the next values; writes the average at each bar.
    pub fn block(&mut self, values: &[f64], averages: &mut [f64]) {
        let mut from = 0;
        while from < values.len() && !self.is_seeded() {
            averages[from] = self.step(values[from]);
            from += 1;
        }
        from += self.groups(&values[from..], &mut averages[from..]);
        for (value, average) in values[from..].iter().zip(&mut averages[from..]) {
            *average = self.step(*value);
        }
    }

    /// Takes whole groups and answers how many values that were: none if one was missing.
    #[inline]
    fn groups(&mut self, values: &[f64], averages: &mut [f64]) -> usize {
        let mut recursion = self.recursion;
        let (groups, _) = values.as_chunks();
        let (results, _) = averages.as_chunks_mut();
        for (group, result) in groups.iter().zip(results) {
            *result = recursion.four(*group);
        }
        if recursion.is_missing() {
            return 0;
        }
        self.recursion = recursion;
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
