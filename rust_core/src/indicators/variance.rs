//! Moving variance.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Moments;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "variance",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The variance of the last `length` values, of the population, in the squared unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "whose spread to measure"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Square, "the variance, 0 or more")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum((x[t-i] - mean)^2) / length, i from 0 to length-1; the divisor is length, not length - 1",
        edge_cases: "Exactly 0 when all values are equal. Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib VAR. Computed about a value of the window, where TA-Lib \
                 subtracts two large sums.",
        version: 1,
    },
    build: |n| Box::new(Variance { per_length: 1.0 / n[0], moments: Moments::new(n[0] as usize) }),
};

struct Variance {
    per_length: f64,
    moments: Moments,
}

impl Piecewise for Variance {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [variance]) = (inputs, outputs) else { return };
        let [mean] = columns(scratch);
        self.moments.block(values, mean, variance);
        variance.iter_mut().for_each(|squares| *squares *= self.per_length);
    }
}
