//! Squared and mutual deviations of two columns' last values.

use super::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Products {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Products {
    #[inline(always)]
    fn take(&mut self, x: f64, y: f64) {
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.yy += y * y;
        self.xy += x * y;
    }

    #[inline(always)]
    fn result(self, place: &Place<2>) -> [f64; 3] {
        let (mean_x, mean_y) = (self.x * place.per_length, self.y * place.per_length);
        let (xx, yy) = (self.xx - self.x * mean_x, self.yy - self.y * mean_y);
        [if xx < 0.0 { 0.0 } else { xx }, if yy < 0.0 { 0.0 } else { yy }, self.xy - self.x * mean_y]
    }
}

impl Tally<2, 3> for Products {
    const ANCHORED: bool = true;
    const EMPTY: Self = Self { x: 0.0, y: 0.0, xx: 0.0, yy: 0.0, xy: 0.0 };

    #[inline(always)]
    fn newer(&mut self, [x, y]: [f64; 2]) {
        self.take(x, y);
    }

    #[inline(always)]
    fn older(&mut self, [x, y]: [f64; 2]) {
        self.take(x, y);
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, place: &Place<2>) -> [f64; 3] {
        Self {
            x: older.x + newer.x,
            y: older.y + newer.y,
            xx: older.xx + newer.xx,
            yy: older.yy + newer.yy,
            xy: older.xy + newer.xy,
        }
        .result(place)
    }

    #[inline(always)]
    fn whole(older: &Self, place: &Place<2>) -> [f64; 3] {
        older.result(place)
    }
}

/// Over the last `length` pairs: the sums of squared deviations of x and of y from their means, and the sum of the
/// products of both deviations; NaN until there are so many and while one value is missing.
pub struct Comoments(Chunks<2, 3, Products>);

impl Comoments {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    #[inline]
    pub fn block(&mut self, x: &[f64], y: &[f64], xx: &mut [f64], yy: &mut [f64], xy: &mut [f64]) {
        self.0.block([x, y], [xx, yy, xy]);
    }
}
