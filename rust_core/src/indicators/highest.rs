//! Largest of the last values.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Highest;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "highest",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "The largest of the last `length` values, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to look through"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the largest value")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "max(x[t], x[t-1], ..., x[t-length+1])",
        edge_cases: "Missing while a missing value is in the window. Exact.",
        source: "Textbook definition; conventions of TA-Lib MAX.",
        version: 1,
    },
    build: |n| Box::new(HighestValue(Highest::new(n[0] as usize))),
};

struct HighestValue(Highest);

impl Piecewise for HighestValue {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [largest]) = (inputs, outputs) else { return };
        self.0.block(values, largest);
    }
}
