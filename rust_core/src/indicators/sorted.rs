//! A moving window kept in order, for statistics of rank: one value enters and one leaves per bar, and nothing is
//! ever sorted. Values compare exactly; nothing is rounded.

use super::window::Delay;

/// Up to here looking at every value costs less than halving, which the processor cannot foresee.
const SHORT: usize = 64;

pub(super) struct SortedWindow {
    leaving: Delay,
    /// The known values of the window, ascending.
    ascending: Vec<f64>,
    length: usize,
    /// Room for a short window between two infinities.
    between: [f64; SHORT + 1],
}

impl SortedWindow {
    pub(super) fn new(length: usize) -> Self {
        Self { leaving: Delay::new(length), ascending: Vec::with_capacity(length), length, between: [0.0; SHORT + 1] }
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

    fn exchange(&mut self, leaving: f64, entering: f64) {
        match (leaving.is_nan(), entering.is_nan()) {
            (false, false) if self.ascending.len() <= SHORT => self.pass_through(leaving, entering),
            (false, false) => self.shift(leaving, entering),
            (false, true) => {
                self.ascending.remove(below(&self.ascending, leaving));
            }
            (true, false) => self.ascending.insert(below(&self.ascending, entering), entering),
            (true, true) => {}
        }
    }

    /// Replaces `leaving`, which is there, by passing over all values twice without a branch: first they close up
    /// over it, then each place takes the middle one of its two neighbours and `entering`.
    fn pass_through(&mut self, leaving: f64, entering: f64) {
        let count = self.ascending.len();
        let between = &mut self.between[..=count];
        between[0] = f64::NEG_INFINITY;
        for (kept, pair) in between[1..].iter_mut().zip(self.ascending.windows(2)) {
            *kept = if pair[0] < leaving { pair[0] } else { pair[1] };
        }
        between[count] = f64::INFINITY;
        for (value, pair) in self.ascending.iter_mut().zip(between.windows(2)) {
            let larger = if pair[0] > entering { pair[0] } else { entering };
            *value = if larger < pair[1] { larger } else { pair[1] };
        }
    }

    /// Replaces `leaving`, which is there, by moving only the values between its place and that of `entering`.
    fn shift(&mut self, leaving: f64, entering: f64) {
        let (out, into) = (below(&self.ascending, leaving), below(&self.ascending, entering));
        if into > out {
            self.ascending.copy_within(out + 1..into, out);
            self.ascending[into - 1] = entering;
        } else {
            self.ascending.copy_within(into..out, into + 1);
            self.ascending[into] = entering;
        }
    }
}

/// How many values of an ascending slice lie below `value`.
pub(super) fn below(ascending: &[f64], value: f64) -> usize {
    if ascending.len() <= SHORT {
        ascending.iter().map(|&x| usize::from(x < value)).sum()
    } else {
        ascending.partition_point(|&x| x < value)
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

        /// What long windows do gives what short ones do.
        #[test]
        fn shifting_is_passing_through(
            values in prop::collection::vec((0_u8..9).prop_map(f64::from), 1..20),
            entering in 0_u8..9,
        ) {
            let mut shifted = SortedWindow::new(values.len());
            shifted.ascending = values.clone();
            shifted.ascending.sort_by(f64::total_cmp);
            let mut passed = SortedWindow::new(values.len());
            passed.ascending.clone_from(&shifted.ascending);
            shifted.shift(values[0], f64::from(entering));
            passed.pass_through(values[0], f64::from(entering));
            prop_assert_eq!(shifted.ascending, passed.ascending);
        }
    }
}
