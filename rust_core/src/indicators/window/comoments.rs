//! How two columns move together over their last values.

use super::{Chunks, Tally};
use crate::indicators::flat::is_flat;

/// Sums of x, y, their squares and their product, as offsets from the anchors.
struct Products {
    length: f64,
    per_length: f64,
}

impl Products {
    fn new(length: usize) -> Self {
        let length = length.max(1) as f64;
        Self { length, per_length: 1.0 / length }
    }

    /// The sums of squared deviations of x and of y from their means, and of the products of both deviations; the
    /// first two zero where x or y is flat.
    #[inline(always)]
    fn deviations(&self, older: [f64; 5], newer: [f64; 5], anchor: [f64; 2]) -> [f64; 3] {
        let [x, y, xx, yy, xy]: [f64; 5] = std::array::from_fn(|i| older[i] + newer[i]);
        let (mean_x, mean_y) = (x * self.per_length, y * self.per_length);
        let (xx, yy) = (xx - x * mean_x, yy - y * mean_y);
        let moving = |squares: f64, anchor: f64| if is_flat(squares, self.length, anchor) { 0.0 } else { squares };
        [moving(xx, anchor[0]), moving(yy, anchor[1]), xy - x * mean_y]
    }
}

macro_rules! accumulate_products {
    () => {
        const ANCHORED: bool = true;
        type Sums = [f64; 5];
        const EMPTY: [f64; 5] = [0.0; 5];

        #[inline(always)]
        fn newer(&self, s: [f64; 5], [x, y]: [f64; 2]) -> [f64; 5] {
            [s[0] + x, s[1] + y, s[2] + x * x, s[3] + y * y, s[4] + x * y]
        }

        #[inline(always)]
        fn older(&self, s: [f64; 5], values: [f64; 2]) -> [f64; 5] {
            self.newer(s, values)
        }

        #[inline(always)]
        fn keep(&self, older: [f64; 5], _: [f64; 2]) -> [f64; 5] {
            older
        }
    };
}

struct Correlating(Products);

impl Tally<2, 5, 1> for Correlating {
    accumulate_products!();

    #[inline(always)]
    fn join(&self, older: [f64; 5], newer: [f64; 5], anchor: [f64; 2]) -> [f64; 1] {
        let [xx, yy, xy] = self.0.deviations(older, newer, anchor);
        let correlation = xy / (xx.sqrt() * yy.sqrt());
        // Clamping keeps a perfect correlation from exceeding 1 in the last bit.
        [if (xx == 0.0) | (yy == 0.0) { 0.0 } else { correlation.clamp(-1.0, 1.0) }]
    }
}

struct Sloping(Products);

impl Tally<2, 5, 1> for Sloping {
    accumulate_products!();

    #[inline(always)]
    fn join(&self, older: [f64; 5], newer: [f64; 5], anchor: [f64; 2]) -> [f64; 1] {
        let [_, yy, xy] = self.0.deviations(older, newer, anchor);
        [if yy == 0.0 { f64::NAN } else { xy / yy }]
    }
}

/// The correlation of the last `length` pairs, 0 where one column is flat; NaN until there are so many and while one
/// value is missing.
pub struct Correlation(Chunks<2, 5, 1, Correlating>);

impl Correlation {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Correlating(Products::new(length))))
    }

    #[inline]
    pub fn block(&mut self, x: &[f64], y: &[f64], correlations: &mut [f64]) {
        self.0.block([x, y], [correlations]);
    }
}

/// The slope of x on y over the last `length` pairs; NaN where y is flat, until there are so many and while one value
/// is missing.
pub struct Slope(Chunks<2, 5, 1, Sloping>);

impl Slope {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Sloping(Products::new(length))))
    }

    #[inline]
    pub fn block(&mut self, x: &[f64], y: &[f64], slopes: &mut [f64]) {
        self.0.block([x, y], [slopes]);
    }
}
