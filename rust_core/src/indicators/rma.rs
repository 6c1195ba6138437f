//! Wilder's moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "rma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "Wilder's moving average with weight 1 / length on the newest value, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars of the seed, and of the weight 1 / length"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1 + fading(1.0 / n[0])),
        formula: "r[t] = r[t-1] * (1 - 1 / length) + x[t] / length; seed: the mean of the first `length` values",
        edge_cases: "A missing value holds the state and is answered by a missing value. The seed counts present values alone.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978).",
        version: 1,
    },
    build: |n| Box::new(Rma(Smoothing::wilder(n[0] as usize))),
};

struct Rma(Smoothing);

impl Piecewise for Rma {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        self.0.block(values, averages);
    }
}
