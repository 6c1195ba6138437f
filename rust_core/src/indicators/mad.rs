//! Median absolute deviation.

use super::Entry;
use super::piecewise::Piecewise;
use super::sorted::{SortedWindow, below, middle, midpoint};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "mad",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The median distance of the last `length` values from their median; of a level, a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "whose spread to measure"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Difference, "the median absolute deviation, not scaled")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "median(|x[t-i] - m|), m = median(x[t-i]), i from 0 to length-1",
        edge_cases: "The *median* absolute deviation, which one wild bar cannot move, and not the mean absolute \
                     deviation that goes by the same letters elsewhere. Times 1.4826 it estimates the standard \
                     deviation of a normal series. Missing while a missing value is in the window.",
        source: "F. R. Hampel, The Influence Curve and Its Role in Robust Estimation (1974); \
                 scipy.stats.median_abs_deviation.",
        version: 1,
    },
    build: |n| Box::new(Mad { window: SortedWindow::new(n[0] as usize) }),
};

struct Mad {
    window: SortedWindow,
}

/// The median distance of an ascending slice from its own median.
///
/// Distances below the centre grow leftwards and those above it grow rightwards: two ascending runs. How many of the
/// smaller half come from the left is found by halving.
fn spread(ascending: &[f64]) -> f64 {
    let centre = middle(ascending);
    let (length, lefts) = (ascending.len(), below(ascending, centre));
    let left = |i: usize| if i < lefts { centre - ascending[lefts - 1 - i] } else { f64::INFINITY };
    let right = |i: usize| if i < length - lefts { ascending[lefts + i] - centre } else { f64::INFINITY };
    let half = length / 2;
    let (mut taken, mut most) = (half.saturating_sub(length - lefts), half.min(lefts));
    while taken < most {
        let tried = taken + (most - taken) / 2;
        // Too few from the left while the next one there is nearer than the last taken from the right.
        if left(tried) < right(half - tried - 1) { taken = tried + 1 } else { most = tried }
    }
    let next = smaller(left(taken), right(half - taken));
    if length % 2 == 1 {
        return next;
    }
    let last_left = if taken > 0 { left(taken - 1) } else { 0.0 };
    let last_right = if half > taken { right(half - taken - 1) } else { 0.0 };
    midpoint(if last_left > last_right { last_left } else { last_right }, next)
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

impl Piecewise for Mad {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [spreads]) = (inputs, outputs) else { return };
        self.window.block(values, spreads, |sorted, _| spread(sorted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::truth::testing::expect;
    use proptest::prelude::*;

    #[test]
    fn mad_is_the_median_of_the_distances_from_the_median() {
        // 1 1 2 2 4 6 9: median 2, distances 1 1 0 0 2 4 7, sorted 0 0 1 1 2 4 7: the middle is 1.
        expect("mad", &[7.0], &["1 1 2 2 4 6 9"], "_ _ _ _ _ _ 1");
        // 1 2 4 9: median 3, distances 2 1 1 6: (1 + 2) / 2.
        expect("mad", &[4.0], &["9 1 4 2 _"], "_ _ _ 1.5 _");
        expect("mad", &[1.0], &["3 _"], "0 _");
    }

    proptest! {
        #[test]
        fn halving_finds_what_sorting_the_distances_gives(mut values in prop::collection::vec(-50_i32..50, 1..40)) {
            values.sort_unstable();
            let ascending: Vec<f64> = values.iter().map(|&x| f64::from(x)).collect();
            let centre = middle(&ascending);
            let mut distances: Vec<f64> = ascending.iter().map(|x| (x - centre).abs()).collect();
            distances.sort_by(f64::total_cmp);
            prop_assert_eq!(spread(&ascending), middle(&distances));
        }
    }
}
