//! Moving median.

use super::Entry;
use super::piecewise::Piecewise;
use super::sorted::{SortedWindow, middle};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "median",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The middle of the last `length` values, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to take the median of"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the median")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "the window sorted: its middle value, or the mean of the two middle ones when `length` is even",
        edge_cases: "Missing while a missing value is in the window.",
        source: "Textbook definition; numpy.median.",
        version: 1,
    },
    build: |n| Box::new(Median { window: SortedWindow::new(n[0] as usize) }),
};

struct Median {
    window: SortedWindow,
}

impl Piecewise for Median {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [medians]) = (inputs, outputs) else { return };
        self.window.block(values, medians, |sorted, _| middle(sorted));
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn median_takes_the_middle_or_the_mean_of_two() {
        expect("median", &[3.0], &["5 1 3 9 _ 2 2 8 8"], "_ _ 3 3 _ _ _ 2 8");
        expect("median", &[4.0], &["5 1 3 9 8"], "_ _ _ 4 5.5");
    }
}
