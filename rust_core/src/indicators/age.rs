//! How long ago the extreme of a moving window was; shared by argmax, argmin and aroon. Exact: nothing is rounded.

use super::piecewise::any_missing;
use super::window::{Chunks, Tally};

/// The largest value where `LARGEST`, else the smallest, the latest of equals. A missing value never wins.
struct Standing<const LARGEST: bool>;

/// Of one end of a window: the best value, how many values there are, and how many there were when the best was
/// taken; forwards from a chunk's first, backwards from its last. Whole numbers, so that keeping the right one needs
/// no branch.
#[derive(Clone, Copy)]
struct Best {
    value: f64,
    taken: u32,
    at: u32,
}

impl<const LARGEST: bool> Standing<LARGEST> {
    #[inline(always)]
    fn beats(challenger: f64, holder: f64) -> bool {
        if LARGEST { challenger > holder } else { challenger < holder }
    }

    #[inline(always)]
    fn take(best: Best, x: f64, wins: bool) -> Best {
        let taken = best.taken + 1;
        Best {
            value: if Self::beats(x, best.value) { x } else { best.value },
            taken,
            at: if wins { taken } else { best.at },
        }
    }
}

impl<const LARGEST: bool> Tally<1, 2, 1> for Standing<LARGEST> {
    const ANCHORED: bool = false;
    type Sums = Best;
    const EMPTY: Best = Best { value: if LARGEST { f64::NEG_INFINITY } else { f64::INFINITY }, taken: 0, at: 1 };

    #[inline(always)]
    fn newer(&self, best: Best, [x]: [f64; 1]) -> Best {
        // Going forwards an equal value is a later one, and takes over.
        Self::take(best, x, (x == best.value) | Self::beats(x, best.value))
    }

    #[inline(always)]
    fn older(&self, best: Best, [x]: [f64; 1]) -> Best {
        Self::take(best, x, Self::beats(x, best.value))
    }

    /// The number is kept as the bits of a float: choosing between whole numbers needs no branch.
    #[inline(always)]
    fn keep(&self, older: Best, _: [f64; 1]) -> [f64; 2] {
        [older.value, f64::from_bits(u64::from(older.at))]
    }

    #[inline(always)]
    fn join(&self, [older, at]: [f64; 2], newer: Best, _: [f64; 1]) -> [f64; 1] {
        let in_older = newer.taken.wrapping_add(at.to_bits() as u32).wrapping_sub(1);
        let in_newer = newer.taken.wrapping_sub(newer.at);
        // A whole chunk has no newer end, and an infinite extreme would not beat its emptiness.
        let is_older = Self::beats(older, newer.value) | (newer.taken == 0);
        [f64::from(if is_older { in_older } else { in_newer })]
    }
}

/// Bars since the extreme of the last `length` values; 0 is this bar. NaN until there are so many and while one of
/// them is missing.
pub struct Age<const LARGEST: bool> {
    standing: Chunks<1, 2, 1, Standing<LARGEST>>,
    length: usize,
    /// Bars still without an answer: until the window is full, or the last missing value has left it.
    blank: usize,
}

pub type SinceHighest = Age<true>;
pub type SinceLowest = Age<false>;

impl<const LARGEST: bool> Age<LARGEST> {
    pub fn new(length: usize) -> Self {
        Self { standing: Chunks::new(length, Standing), length, blank: length.saturating_sub(1) }
    }

    /// Writes the age at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], ages: &mut [f64]) {
        self.standing.block([values], [&mut *ages]);
        if self.blank == 0 && !any_missing(values) {
            return;
        }
        for (value, age) in values.iter().zip(ages) {
            if value.is_nan() {
                self.blank = self.length;
            }
            if self.blank > 0 {
                (self.blank, *age) = (self.blank - 1, f64::NAN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few different values, so that many tie; some missing.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![6 => (-3_i8..4).prop_map(f64::from), 1 => Just(f64::NAN)]
    }

    proptest! {
        /// Against looking through each window, with ties and gaps.
        #[test]
        fn finds_the_latest_extreme_of_every_window(
            values in prop::collection::vec(value(), 1..80),
            length in 1_usize..9,
        ) {
            let (mut high, mut low) = (vec![0.0; values.len()], vec![0.0; values.len()]);
            SinceHighest::new(length).block(&values, &mut high);
            SinceLowest::new(length).block(&values, &mut low);
            for (bar, (high, low)) in high.into_iter().zip(low).enumerate() {
                let last = &values[(bar + 1).saturating_sub(length)..=bar];
                if last.len() < length || last.iter().any(|x| x.is_nan()) {
                    prop_assert!(high.is_nan() && low.is_nan());
                    continue;
                }
                let age = |wanted: f64| last.iter().rev().position(|&x| x == wanted).map(|age| age as f64);
                prop_assert_eq!(Some(high), age(last.iter().copied().fold(f64::MIN, f64::max)));
                prop_assert_eq!(Some(low), age(last.iter().copied().fold(f64::MAX, f64::min)));
            }
        }
    }
}
