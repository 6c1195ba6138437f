//! How long ago the extreme of a moving window was; shared by argmax, argmin and aroon.
//!
//! The history is cut into chunks of the window's length. A window is the end of one chunk and the beginning of the
//! next, so its extreme is the better of two that are known beforehand: constant work per bar, whatever the values.

use std::marker::PhantomData;

/// Which of two values is the more extreme.
pub(super) trait Side: Send {
    const WORST: f64;
    fn beats(challenger: f64, holder: f64) -> bool;
}

pub(super) struct Highest;
pub(super) struct Lowest;

impl Side for Highest {
    const WORST: f64 = f64::NEG_INFINITY;
    fn beats(challenger: f64, holder: f64) -> bool {
        challenger > holder
    }
}

impl Side for Lowest {
    const WORST: f64 = f64::INFINITY;
    fn beats(challenger: f64, holder: f64) -> bool {
        challenger < holder
    }
}

/// A value and its place in its chunk.
#[derive(Clone, Copy)]
struct Best {
    value: f64,
    place: usize,
}

pub(super) struct Extreme<S: Side> {
    /// The chunk being filled, and how much of it is.
    chunk: Vec<f64>,
    filled: usize,
    /// For each place of the chunk before: the extreme from there to its end.
    suffix: Vec<Best>,
    prefix: Best,
    /// Bars in a row, up to this one, that have a value.
    known: usize,
    side: PhantomData<S>,
}

impl<S: Side> Extreme<S> {
    pub(super) fn new(length: usize) -> Self {
        let nothing = Best { value: S::WORST, place: 0 };
        Self {
            chunk: vec![f64::NAN; length],
            filled: 0,
            suffix: vec![nothing; length],
            prefix: nothing,
            known: 0,
            side: PhantomData,
        }
    }

    /// Takes the next value; bars since the extreme of the window (0 is this bar), the latest of equals, or NaN until
    /// the window is full of known values.
    pub(super) fn push(&mut self, value: f64) -> f64 {
        let length = self.chunk.len();
        if self.filled == length {
            self.turn_over();
        }
        let place = self.filled;
        self.chunk[place] = value;
        self.filled += 1;
        self.known = if value.is_nan() { 0 } else { self.known + 1 };
        if place == 0 || !S::beats(self.prefix.value, value) {
            self.prefix = Best { value, place };
        }
        if self.known < length {
            return f64::NAN;
        }
        match self.suffix.get(self.filled) {
            Some(older) if S::beats(older.value, self.prefix.value) => (length - older.place + place) as f64,
            _ => (place - self.prefix.place) as f64,
        }
    }

    /// The chunk is full: works out its suffixes, from the last value back, so that the latest of equals stays.
    fn turn_over(&mut self) {
        let mut best = Best { value: S::WORST, place: self.chunk.len() - 1 };
        for (place, (&value, slot)) in self.chunk.iter().zip(&mut self.suffix).enumerate().rev() {
            if S::beats(value, best.value) {
                best = Best { value, place };
            }
            *slot = best;
        }
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against looking through each window, with ties and gaps.
        #[test]
        fn finds_the_latest_extreme_of_every_window(
            values in prop::collection::vec(prop_oneof![6 => (-3_i8..4).prop_map(f64::from), 1 => Just(f64::NAN)], 1..80),
            length in 1_usize..9,
        ) {
            let mut highest = Extreme::<Highest>::new(length);
            let mut lowest = Extreme::<Lowest>::new(length);
            for end in 1..=values.len() {
                let (high, low) = (highest.push(values[end - 1]), lowest.push(values[end - 1]));
                let last = &values[end.saturating_sub(length)..end];
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
