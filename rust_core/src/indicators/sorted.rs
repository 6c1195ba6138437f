//! A moving window kept in order, for statistics of rank. One value enters and one leaves per bar: two binary
//! searches and one move of the values between, never a sort. Values compare exactly; nothing is rounded.

use super::delay::Delay;

pub(super) struct SortedWindow {
    arrived: Delay,
    /// The known values of the window, ascending.
    ascending: Vec<f64>,
    length: usize,
}

impl SortedWindow {
    pub(super) fn new(length: usize) -> Self {
        Self { arrived: Delay::new(length), ascending: Vec::with_capacity(length), length }
    }

    /// Takes the next value; the window in ascending order, or `None` until it is full of known values.
    pub(super) fn push(&mut self, value: f64) -> Option<&[f64]> {
        let leaving = self.arrived.push(value);
        match (leaving.is_nan(), value.is_nan()) {
            (false, false) => self.replace(leaving, value),
            (false, true) => {
                let at = self.ascending.partition_point(|&x| x < leaving);
                self.ascending.remove(at);
            }
            (true, false) => {
                let at = self.ascending.partition_point(|&x| x < value);
                self.ascending.insert(at, value);
            }
            (true, true) => {}
        }
        (self.ascending.len() == self.length).then_some(self.ascending.as_slice())
    }

    /// Takes out `leaving`, which is there, and puts `entering` where it belongs, moving only what lies between.
    fn replace(&mut self, leaving: f64, entering: f64) {
        let out = self.ascending.partition_point(|&x| x < leaving);
        let into = self.ascending.partition_point(|&x| x < entering);
        if into > out {
            // Everything from `out + 1` up to `into` moves down one place.
            self.ascending.copy_within(out + 1..into, out);
            self.ascending[into - 1] = entering;
        } else {
            self.ascending.copy_within(into..out, into + 1);
            self.ascending[into] = entering;
        }
    }
}

/// The middle of an ascending slice, which is not empty; of an even number, the mean of the two middle values.
pub(super) fn middle(ascending: &[f64]) -> f64 {
    let half = ascending.len() / 2;
    if ascending.len() % 2 == 1 { ascending[half] } else { midpoint(ascending[half - 1], ascending[half]) }
}

/// Halfway from `low` to `high`.
pub(super) fn midpoint(low: f64, high: f64) -> f64 {
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against sorting each window anew, with ties and gaps.
        #[test]
        fn holds_what_sorting_the_window_gives(
            values in prop::collection::vec(prop_oneof![4 => (-3_i8..4).prop_map(f64::from), 1 => Just(f64::NAN)], 1..80),
            length in 1_usize..9,
        ) {
            let mut window = SortedWindow::new(length);
            for end in 1..=values.len() {
                let got = window.push(values[end - 1]).map(<[f64]>::to_vec);
                let last = &values[end.saturating_sub(length)..end];
                let mut want = last.to_vec();
                want.sort_by(f64::total_cmp);
                let full = last.len() == length && last.iter().all(|x| !x.is_nan());
                prop_assert_eq!(got, full.then_some(want));
            }
        }
    }
}
