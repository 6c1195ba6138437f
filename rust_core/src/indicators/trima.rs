//! Triangular moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Mean;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "trima",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The moving average with weights that rise to the middle of the window and fall again, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sma(sma(x, a), b) with a = b = (length + 1) / 2 for an odd length, a = length / 2 and b = length / 2 + 1 for an even one",
        edge_cases: "Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib TRIMA.",
        version: 1,
    },
    build: |n| Box::new(Trima::new(n[0] as usize)),
};

struct Trima {
    inner: Mean,
    outer: Mean,
}

impl Trima {
    fn new(length: usize) -> Self {
        let inner = length.div_ceil(2);
        let outer = length + 1 - inner;
        Self { inner: Mean::new(inner), outer: Mean::new(outer) }
    }
}

impl Piecewise for Trima {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        self.inner.block(values, scratch);
        self.outer.block(scratch, averages);
    }
}
