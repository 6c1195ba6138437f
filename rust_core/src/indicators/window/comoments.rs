//! How two columns move together over their last values.

use super::{Chunks, Tally};
use crate::indicators::flat::is_flat;

/// Of x, y, their squares and their product, as offsets from the anchors.
#[derive(Clone, Copy)]
struct Sums {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

struct Products {
    length: f64,
    per_length: f64,
}

impl Products {
    fn new(length: usize) -> Self {
        let length = length.max(1) as f64;
        Self { length, per_length: 1.0 / length }
    }

    #[inline(always)]
    fn is_flat(&self, squares: f64, anchor: f64) -> bool {
        is_flat(squares, self.length, anchor)
    }
}

macro_rules! accumulate_products {
    () => {
        const ANCHORED: bool = true;
        type Sums = Sums;
        const EMPTY: Sums = Sums { x: 0.0, y: 0.0, xx: 0.0, yy: 0.0, xy: 0.0 };

        #[inline(always)]
        fn newer(&self, s: Sums, [x, y]: [f64; 2]) -> Sums {
            Sums { x: s.x + x, y: s.y + y, xx: s.xx + x * x, yy: s.yy + y * y, xy: s.xy + x * y }
        }

        #[inline(always)]
        fn older(&self, s: Sums, values: [f64; 2]) -> Sums {
            self.newer(s, values)
        }

        #[inline(always)]
        fn keep(&self, s: Sums, _: [f64; 2]) -> [f64; 5] {
            [s.x, s.y, s.xx, s.yy, s.xy]
        }
    };
}

struct Correlating(Products);

impl Tally<2, 5, 1> for Correlating {
    accumulate_products!();

    #[inline(always)]
    fn join(&self, older: [f64; 5], newer: Sums, anchor: [f64; 2]) -> [f64; 1] {
        let (x, y) = (older[0] + newer.x, older[1] + newer.y);
        let (xx, yy, xy) = (older[2] + newer.xx, older[3] + newer.yy, older[4] + newer.xy);
        let (mean_x, mean_y) = (x * self.0.per_length, y * self.0.per_length);
        let (xx, yy) = (xx - x * mean_x, yy - y * mean_y);
        let correlation = (xy - x * mean_y) / (xx.sqrt() * yy.sqrt());
        let flat = self.0.is_flat(xx, anchor[0]) | self.0.is_flat(yy, anchor[1]);
        // Clamping keeps a perfect correlation from exceeding 1 in the last bit.
        [if flat { 0.0 } else { correlation.clamp(-1.0, 1.0) }]
    }
}

struct Sloping(Products);

impl Tally<2, 5, 1> for Sloping {
    accumulate_products!();

    #[inline(always)]
    fn join(&self, older: [f64; 5], newer: Sums, anchor: [f64; 2]) -> [f64; 1] {
        let (x, y) = (older[0] + newer.x, older[1] + newer.y);
        let (yy, xy) = (older[3] + newer.yy, older[4] + newer.xy);
        let mean_y = y * self.0.per_length;
        let (squares, products) = (yy - y * mean_y, xy - x * mean_y);
        [if self.0.is_flat(squares, anchor[1]) { f64::NAN } else { products / squares }]
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
