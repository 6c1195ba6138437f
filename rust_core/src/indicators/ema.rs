//! Exponential moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "ema",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The exponential moving average with weight 2 / (length + 1) on the newest value, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars of the seed, and of the weight 2 / (length + 1)"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1 + fading(2.0 / (n[0] + 1.0))),
        formula: "e[t] = e[t-1] * (1 - k) + x[t] * k, k = 2 / (length + 1); seed: the mean of the first `length` values",
        edge_cases: "A missing value holds the average and is answered by a missing value; the seed counts present values alone.",
        source: "Textbook definition; seed and warm-up of TA-Lib EMA.",
        version: 1,
    },
    build: |n| Box::new(Ema(Smoothing::exponential(n[0] as usize))),
};

struct Ema(Smoothing);

impl Piecewise for Ema {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        self.0.block(values, averages);
    }
}
