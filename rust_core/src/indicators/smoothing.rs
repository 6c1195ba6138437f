//! Exponential smoothing: the one recursion behind EMA, Wilder's average and everything made of them.
//!
//! A missing value holds the state and answers NaN for its bar; only present values count, toward the seed and after.
//!
//! After the seed, values are taken in pairs, so that the next pair need not wait for both steps of this one: with
//! `e` the average before the pair, the answers are `e * keep + c1` and `e * keep^2 + c2`, where
//! `c1 = x1 * take` and `c2 = c1 * keep + x2 * take` do not hang on `e`.

/// `e = e * keep + x * take`, seeded with the mean of `length` present values after `skip` of them.
pub struct Smoothing {
    keep: f64,
    keep_twice: f64,
    take: f64,
    skip: usize,
    length: usize,
    /// Present values so far, until the seed is complete.
    seen: usize,
    /// The sum of the seed's values so far, then the average before the present pair.
    average: f64,
    /// What the first value of the present pair adds, once it is there.
    first: Option<f64>,
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
        Self {
            keep,
            keep_twice: keep * keep,
            take,
            skip,
            length: length.max(1),
            seen: 0,
            average: 0.0,
            first: None,
            quiet: false,
        }
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
        match self.first.take() {
            None => {
                let added = value * self.take;
                self.first = Some(added);
                self.average * self.keep + added
            }
            Some(first) => {
                self.average = self.average * self.keep_twice + (first * self.keep + value * self.take);
                self.average
            }
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
        while from < values.len() && !(self.is_seeded() && self.first.is_none()) {
            averages[from] = self.step(values[from]);
            from += 1;
        }
        let (values, averages) = (&values[from..], &mut averages[from..values.len()]);
        let held = self.average;
        let paired = self.pairs(values, averages);
        if self.average.is_nan() {
            // A value was missing: once more, bar by bar.
            self.average = held;
            values.iter().zip(averages).for_each(|(value, average)| *average = self.step(*value));
            return;
        }
        if let (Some(value), Some(average)) = (values.get(paired), averages.get_mut(paired)) {
            *average = self.step(*value);
        }
    }

    /// Takes whole pairs, none of them missing; answers how many values that were.
    #[inline]
    fn pairs(&mut self, values: &[f64], averages: &mut [f64]) -> usize {
        let (mut average, keep, keep_twice, take) = (self.average, self.keep, self.keep_twice, self.take);
        let (pairs, _) = values.as_chunks::<2>();
        let (results, _) = averages.as_chunks_mut::<2>();
        for (&[first, second], result) in pairs.iter().zip(results) {
            let added = first * take;
            result[0] = average * keep + added;
            average = average * keep_twice + (added * keep + second * take);
            result[1] = average;
        }
        self.average = average;
        pairs.len() * 2
    }
}

/// Bars after the seed until its weight is under 1e-9, for the weight `take` of the newest value.
pub fn fading(take: f64) -> usize {
    let keep = 1.0 - take;
    if keep <= 0.0 { 0 } else { (1e-9_f64.ln() / keep.ln()).ceil() as usize }
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
