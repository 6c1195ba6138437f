//! How long ago the extreme of a moving window was; shared by argmax, argmin and aroon. Exact: nothing is rounded.

use super::window::{Chunks, Place, Tally};

/// The best value of one end of a window: the largest where `LARGEST`, else the smallest, the latest of equals.
#[derive(Clone, Copy)]
pub struct Standing<const LARGEST: bool> {
    best: f64,
    /// Values taken so far, and the number of the best among them; forwards from a chunk's first, backwards from its
    /// last.
    taken: f64,
    number: f64,
    missing: bool,
}

impl<const LARGEST: bool> Standing<LARGEST> {
    #[inline(always)]
    fn beats(challenger: f64, holder: f64) -> bool {
        if LARGEST { challenger > holder } else { challenger < holder }
    }

    #[inline(always)]
    fn take(&mut self, x: f64, wins: bool) {
        self.taken += 1.0;
        self.missing |= x.is_nan();
        self.best = if wins { x } else { self.best };
        self.number = if wins { self.taken } else { self.number };
    }
}

impl<const LARGEST: bool> Tally<1, 1> for Standing<LARGEST> {
    const ANCHORED: bool = false;
    const EMPTY: Self =
        Self { best: if LARGEST { f64::NEG_INFINITY } else { f64::INFINITY }, taken: 0.0, number: 1.0, missing: false };

    #[inline(always)]
    fn newer(&mut self, [x]: [f64; 1]) {
        // Going forwards an equal value is a later one, and takes over.
        self.take(x, x == self.best || Self::beats(x, self.best));
    }

    #[inline(always)]
    fn older(&mut self, [x]: [f64; 1]) {
        self.take(x, Self::beats(x, self.best));
    }

    #[inline(always)]
    fn join(older: &Self, newer: &Self, _: &Place<1>) -> [f64; 1] {
        let in_newer = newer.taken - newer.number;
        let in_older = newer.taken + (older.number - 1.0);
        let age = if Self::beats(older.best, newer.best) { in_older } else { in_newer };
        [if older.missing | newer.missing { f64::NAN } else { age }]
    }

    #[inline(always)]
    fn whole(older: &Self, _: &Place<1>) -> [f64; 1] {
        [if older.missing { f64::NAN } else { older.number - 1.0 }]
    }
}

/// Bars since the extreme of the last `length` values; 0 is this bar. NaN until there are so many and while one of
/// them is missing.
pub struct Age<const LARGEST: bool>(Chunks<1, 1, Standing<LARGEST>>);

pub type SinceHighest = Age<true>;
pub type SinceLowest = Age<false>;

impl<const LARGEST: bool> Age<LARGEST> {
    pub fn new(length: usize) -> Self {
        Self(Chunks::new(length))
    }

    #[inline]
    pub fn block(&mut self, values: &[f64], ages: &mut [f64]) {
        self.0.block([values], [ages]);
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
