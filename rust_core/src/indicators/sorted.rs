//! A moving window kept in order, for statistics of rank. One value enters and one leaves per bar: two binary
//! searches and one move of the values between, never a sort. Values compare exactly; nothing is rounded.

use super::window::Delay;

pub(super) struct SortedWindow {
    leaving: Delay,
    /// The known values of the window, ascending.
    ascending: Vec<f64>,
    length: usize,
}

impl SortedWindow {
    pub(super) fn new(length: usize) -> Self {
        Self { leaving: Delay::new(length), ascending: Vec::with_capacity(length), length }
    }

    /// Takes the next values and writes `statistic(window in ascending order, this value)` for each, NaN until the
    /// window is full of known values.
    pub(super) fn block(&mut self, values: &[f64], results: &mut [f64], statistic: impl Fn(&[f64], f64) -> f64) {
        self.leaving.block(values, results);
        for (result, &value) in results.iter_mut().zip(values) {
            self.exchange(*result, value);
            let full = self.ascending.len() == self.length;
            *result = if full { statistic(&self.ascending, value) } else { f64::NAN };
        }
    }

    fn exchange(&mut self, leaving: f64, value: f64) {
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

    /// Few different values, so that many tie; some missing.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![4 => (0_u8..7).prop_map(f64::from), 1 => Just(f64::NAN)]
    }

    proptest! {
        /// Against sorting each window anew, with ties and gaps; the window is read as a number with a digit per value.
        #[test]
        fn holds_what_sorting_the_window_gives(
            values in prop::collection::vec(value(), 1..80),
            length in 1_usize..9,
        ) {
            let digits = |sorted: &[f64]| sorted.iter().fold(0.0, |number, digit| number * 10.0 + digit);
            let mut got = vec![0.0; values.len()];
            SortedWindow::new(length).block(&values, &mut got, |sorted, _| digits(sorted));
            for end in 1..=values.len() {
                let mut last = values[end.saturating_sub(length)..end].to_vec();
                let full = last.len() == length && last.iter().all(|x| !x.is_nan());
                last.sort_by(f64::total_cmp);
                let same = if full { got[end - 1] == digits(&last) } else { got[end - 1].is_nan() };
                prop_assert!(same);
            }
        }
    }
}
