//! How long ago the lowest value was.

use super::Entry;
use super::age::SinceLowest;
use super::piecewise::Piecewise;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "argmin",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "How many bars ago the lowest of the last `length` values was, a count; 0 when it is this bar's.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to search"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Count), "bars since the lowest value, 0 to `length` - 1")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "the smallest i from 0 to length-1 with x[t-i] = lowest(x, length)[t]",
        edge_cases: "Of equal values, compared exactly, the latest counts. Missing while a missing value is in the \
                     window.",
        source: "Textbook definition. TA-Lib MININDEX counts from the first bar, and which of equal values it names \
                 hangs on where its scan last began again.",
        version: 1,
    },
    build: |n| Box::new(ArgMin(SinceLowest::new(n[0] as usize))),
};

struct ArgMin(SinceLowest);

impl Piecewise for ArgMin {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [ages]) = (inputs, outputs) else { return };
        self.0.block(values, ages);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn argmin_counts_back_to_the_latest_of_equals() {
        expect("argmin", &[3.0], &["1 5 3 3 4 5 _ 2 8 9 7"], "_ _ 2 0 1 2 _ _ _ 2 0");
    }
}
