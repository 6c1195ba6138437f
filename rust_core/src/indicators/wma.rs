//! Linearly weighted moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Weighted;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "wma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The moving average with weights 1, 2, ..., length, the newest weighing most, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(1 * x[t-length+1] + ... + length * x[t]) / (length * (length + 1) / 2)",
        edge_cases: "Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib WMA.",
        version: 1,
    },
    build: |n| Box::new(Wma(Weighted::new(n[0] as usize))),
};

struct Wma(Weighted);

impl Piecewise for Wma {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        self.0.block(values, averages);
    }
}
