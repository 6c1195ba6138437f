//! Standard deviation.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Deviation;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "stddev",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The standard deviation of the last `length` values as a population, in the unit of the series as a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Difference, "the deviation")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sqrt(sum of (x - mean)^2 / length)",
        edge_cases: "Equal values give exactly 0. Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib STDDEV.",
        version: 1,
    },
    build: |n| Box::new(Stddev(Deviation::new(n[0] as usize))),
};

struct Stddev(Deviation);

impl Piecewise for Stddev {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [deviations]) = (inputs, outputs) else { return };
        self.0.block(values, deviations);
    }
}
