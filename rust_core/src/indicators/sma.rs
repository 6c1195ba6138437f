//! Simple moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Mean;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "sma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The mean of the last `length` values, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the mean")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(x[t] + x[t-1] + ... + x[t-length+1]) / length",
        edge_cases: "Equal values give exactly the value. Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib SMA.",
        version: 1,
    },
    build: |n| Box::new(Sma(Mean::new(n[0] as usize))),
};

struct Sma(Mean);

impl Piecewise for Sma {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [means]) = (inputs, outputs) else { return };
        self.0.block(values, means);
    }
}
