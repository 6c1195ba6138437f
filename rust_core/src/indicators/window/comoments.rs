//! Squared and mutual deviations of two columns' last values.

use super::{Chunks, Tally};

/// Sums of x, y, their squares and their product, as offsets from the anchors.
struct Products {
    per_length: f64,
}

impl Tally<2, 5, 3> for Products {
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

    #[inline(always)]
    fn join(&self, older: [f64; 5], newer: [f64; 5], _: [f64; 2]) -> [f64; 3] {
        let [x, y, xx, yy, xy]: [f64; 5] = std::array::from_fn(|i| older[i] + newer[i]);
        let (mean_x, mean_y) = (x * self.per_length, y * self.per_length);
        let (xx, yy) = (xx - x * mean_x, yy - y * mean_y);
        [if xx < 0.0 { 0.0 } else { xx }, if yy < 0.0 { 0.0 } else { yy }, xy - x * mean_y]
    }
}

/// Over the last `length` pairs: the sums of squared deviations of x and of y from their means, and the sum of the
/// products of both deviations; NaN until there are so many and while one value is missing.
pub struct Comoments(Chunks<2, 5, 3, Products>);

impl Comoments {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Products { per_length: 1.0 / length.max(1) as f64 }))
    }

    #[inline]
    pub fn block(&mut self, x: &[f64], y: &[f64], xx: &mut [f64], yy: &mut [f64], xy: &mut [f64]) {
        self.0.block([x, y], [xx, yy, xy]);
    }
}
