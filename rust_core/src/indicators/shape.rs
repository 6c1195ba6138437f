//! Skewness and kurtosis of the last values.
//!
//! Powers are taken about a value inside the window (see `window`), which lies at most `sqrt(length - 1)` standard
//! deviations from the mean; so what cancels stays near the machine's precision times `length`.

use super::flat::is_flat;
use super::window::{Chunks, Tally};

/// Sums of offsets from the anchor, of their squares, cubes and fourth powers.
struct Powers<const SKEW: bool> {
    length: f64,
    per_length: f64,
}

impl<const SKEW: bool> Powers<SKEW> {
    fn new(length: usize) -> Self {
        let length = length.max(1) as f64;
        Self { length, per_length: 1.0 / length }
    }
}

impl<const SKEW: bool> Tally<1, 4, 1> for Powers<SKEW> {
    const ANCHORED: bool = true;
    const JOINS_APART: bool = true;
    type Sums = [f64; 4];
    const EMPTY: [f64; 4] = [0.0; 4];

    #[inline(always)]
    fn newer(&self, [first, second, third, fourth]: [f64; 4], [x]: [f64; 1]) -> [f64; 4] {
        let square = x * x;
        [first + x, second + square, third + square * x, fourth + square * square]
    }

    #[inline(always)]
    fn older(&self, sums: [f64; 4], values: [f64; 1]) -> [f64; 4] {
        self.newer(sums, values)
    }

    #[inline(always)]
    fn keep(&self, older: [f64; 4], _: [f64; 1]) -> [f64; 4] {
        older
    }

    #[inline(always)]
    fn join(&self, older: [f64; 4], newer: [f64; 4], [anchor]: [f64; 1]) -> [f64; 1] {
        let [mean, second, third, fourth] = std::array::from_fn(|i| (older[i] + newer[i]) * self.per_length);
        let square = mean * mean;
        let variance = second - square;
        let shape = if SKEW {
            (third - mean * (3.0 * second - 2.0 * square)) / (variance * variance.sqrt())
        } else {
            (fourth - mean * (4.0 * third - mean * (6.0 * second - 3.0 * square))) / (variance * variance) - 3.0
        };
        [if is_flat(self.length * variance, self.length, anchor) { f64::NAN } else { shape }]
    }
}

/// The skewness, or the excess kurtosis, of the last `length` values as a population; NaN where they are flat, until
/// there are so many and while one of them is missing.
pub struct Shape<const SKEW: bool>(Chunks<1, 4, 1, Powers<SKEW>>);

pub type Skewness = Shape<true>;
pub type ExcessKurtosis = Shape<false>;

impl<const SKEW: bool> Shape<SKEW> {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Powers::new(length)))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], shapes: &mut [f64]) {
        self.0.block([values], [shapes]);
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
        fn shapes_are_those_of_two_passes(
            noise in prop::collection::vec(-1.0..1.0_f64, 30..120),
            outlier in 0_usize..120,
            length in 3_usize..25,
        ) {
            let mut values: Vec<f64> = noise.iter().map(|x| 1000.0 + x).collect();
            let bars = values.len();
            values[outlier % bars] += 500.0;
            let (mut skew, mut kurtosis) = (vec![0.0; bars], vec![0.0; bars]);
            Skewness::new(length).block(&values, &mut skew);
            ExcessKurtosis::new(length).block(&values, &mut kurtosis);
            for end in length..=bars {
                let window = &values[end - length..end];
                let mean = window.iter().sum::<f64>() / length as f64;
                let moment = |power| window.iter().map(|x| (0..power).fold(1.0, |product, _| product * (x - mean))).sum::<f64>() / length as f64;
                let (m2, m3, m4) = (moment(2), moment(3), moment(4));
                // Two passes know the mean to a rounding of its size, which counts where the window hardly moves.
                let blur = 1e-10 + 10.0 * f64::EPSILON * mean.abs() / m2.sqrt();
                let near = |got: f64, want: f64| (got - want).abs() <= blur * want.abs().max(1.0);
                prop_assert!(near(skew[end - 1], m3 / (m2 * m2.sqrt())));
                prop_assert!(near(kurtosis[end - 1], m4 / (m2 * m2) - 3.0));
            }
        }
    }
}
