//! Central moments of the last values up to the fourth; shared by skew and kurtosis.
//!
//! Powers are taken about a value inside the window (see `window`), which lies at most `sqrt(length - 1)` standard
//! deviations from the mean; so what cancels stays near the machine's precision times `length`.

use super::window::{Chunks, Tally};

/// Sums of offsets from the anchor, of their squares, cubes and fourth powers.
struct Powers {
    per_length: f64,
}

#[inline(always)]
fn add([first, second, third, fourth]: [f64; 4], x: f64) -> [f64; 4] {
    let square = x * x;
    [first + x, second + square, third + square * x, fourth + square * square]
}

impl Tally<1, 4, 3> for Powers {
    const ANCHORED: bool = true;
    type Sums = [f64; 4];
    const EMPTY: [f64; 4] = [0.0; 4];

    #[inline(always)]
    fn newer(&self, sums: [f64; 4], [x]: [f64; 1]) -> [f64; 4] {
        add(sums, x)
    }

    #[inline(always)]
    fn older(&self, sums: [f64; 4], [x]: [f64; 1]) -> [f64; 4] {
        add(sums, x)
    }

    #[inline(always)]
    fn keep(&self, older: [f64; 4], _: [f64; 1]) -> [f64; 4] {
        older
    }

    #[inline(always)]
    fn join(&self, older: [f64; 4], newer: [f64; 4], _: [f64; 1]) -> [f64; 3] {
        let [mean, second, third, fourth] = std::array::from_fn(|i| (older[i] + newer[i]) * self.per_length);
        let square = mean * mean;
        let variance = second - square;
        [
            if variance < 0.0 { 0.0 } else { variance },
            third - mean * (3.0 * second - 2.0 * square),
            fourth - mean * (4.0 * third - mean * (6.0 * second - 3.0 * square)),
        ]
    }
}

/// The second (never negative), third and fourth central moments of the last `length` values, each a mean over the
/// window; NaN until there are so many and while one of them is missing.
pub struct Shape(Chunks<1, 4, 3, Powers>);

impl Shape {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length, Powers { per_length: 1.0 / length.max(1) as f64 }))
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
