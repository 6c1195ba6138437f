//! How long ago the highest value was.

use super::Entry;
use super::age::SinceHighest;
use super::piecewise::Piecewise;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "argmax",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "How many bars ago the highest of the last `length` values was, a count; 0 when it is this bar's.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to search"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Count), "bars since the highest value, 0 to `length` - 1")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "the smallest i from 0 to length-1 with x[t-i] = highest(x, length)[t]",
        edge_cases: "Of equal values, compared exactly, the latest counts. Missing while a missing value is in the \
                     window.",
        source: "Textbook definition. TA-Lib MAXINDEX counts from the first bar, and which of equal values it names \
                 hangs on where its scan last began again.",
        version: 1,
    },
    build: |n| Box::new(ArgMax(SinceHighest::new(n[0] as usize))),
};

struct ArgMax(SinceHighest);

impl Piecewise for ArgMax {
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
    fn argmax_counts_back_to_the_latest_of_equals() {
        expect("argmax", &[3.0], &["5 1 3 3 2 1 _ 9 8 7 6"], "_ _ 2 0 1 2 _ _ _ 2 2");
    }
}
