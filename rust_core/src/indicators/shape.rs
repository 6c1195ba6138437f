//! Central moments of the last values up to the fourth; shared by skew and kurtosis.
//!
//! Powers are taken about a value inside the window (see `window`), which lies at most `sqrt(length - 1)` standard
//! deviations from the mean; so what cancels stays near the machine's precision times `length`.

use super::window::{Chunks, Place, Tally};

#[derive(Clone, Copy)]
pub struct Powers {
    first: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Powers {
    #[inline(always)]
    fn take(&mut self, x: f64) {
        let square = x * x;
        self.first += x;
        self.second += square;
        self.third += square * x;
        self.fourth += square * square;
    }

    #[inline(always)]
    fn result(self, place: &Place<1>) -> [f64; 3] {
        let mean = self.first * place.per_length;
        let (second, third, fourth) =
            (self.second * place.per_length, self.third * place.per_length, self.fourth * place.per_length);
        let square = mean * mean;
        let variance = second - square;
        [
            if variance < 0.0 { 0.0 } else { variance },
            third - mean * (3.0 * second - 2.0 * square),
            fourth - mean * (4.0 * third - mean * (6.0 * second - 3.0 * square)),
        ]
    }
}

impl Tally<1, 3> for Powers {
    const ANCHORED: bool = true;
    const EMPTY: Self = Self { first: 0.0, second: 0.0, third: 0.0, fourth: 0.0 };

    #[inline(always)]
    fn newer(&mut self, [x]: [f64; 1]) {
        self.take(x);
    }

    #[inline(always)]
    fn older(&mut self, [x]: [f64; 1]) {
        self.take(x);
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, place: &Place<1>) -> [f64; 3] {
        Self {
            first: older.first + newer.first,
            second: older.second + newer.second,
            third: older.third + newer.third,
            fourth: older.fourth + newer.fourth,
        }
        .result(place)
    }

    #[inline(always)]
    fn whole(older: &Self, place: &Place<1>) -> [f64; 3] {
        older.result(place)
    }
}

/// The second (never negative), third and fourth central moments of the last `length` values, each a mean over the
/// window; NaN until there are so many and while one of them is missing.
pub struct Shape(Chunks<1, 3, Powers>);

impl Shape {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], second: &mut [f64], third: &mut [f64], fourth: &mut [f64]) {
        self.0.block([values], [second, third, fourth]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against two passes over each window: first the mean, then the powers of the distances from it. A price far
        /// from zero and an outlier anywhere, also where the anchor lies, must not cost precision.
        #[test]
        fn moments_are_those_of_two_passes(
            noise in prop::collection::vec(-1.0..1.0_f64, 30..120),
            outlier in 0_usize..120,
            length in 3_usize..25,
        ) {
            let mut values: Vec<f64> = noise.iter().map(|x| 1000.0 + x).collect();
            let bars = values.len();
            values[outlier % bars] += 500.0;
            let [mut second, mut third, mut fourth] = [(); 3].map(|()| vec![0.0; bars]);
            Shape::new(length).block(&values, &mut second, &mut third, &mut fourth);
            for end in length..=bars {
                let window = &values[end - length..end];
                let mean = window.iter().sum::<f64>() / length as f64;
                let moment = |power| window.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / length as f64;
                let (m2, m3, m4) = (moment(2), moment(3), moment(4));
                let near = |got: f64, want: f64, scale: f64| (got - want).abs() <= 1e-10 * scale;
                prop_assert!(near(second[end - 1], m2, m2));
                prop_assert!(near(third[end - 1], m3, m2 * m2.sqrt() * length as f64));
                prop_assert!(near(fourth[end - 1], m4, m4));
            }
        }
    }
}
