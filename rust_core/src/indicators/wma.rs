//! Linearly weighted moving average.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Trend;
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
    build: |n| Box::new(Wma::new(n[0] as usize)),
};

/// The average, which `hma` also builds on.
pub struct Wma {
    per_lean: f64,
    trend: Trend,
}

impl Wma {
    pub fn new(length: usize) -> Self {
        let values = length as f64;
        Self { per_lean: 2.0 / (values * (values + 1.0)), trend: Trend::new(length) }
    }

    /// Writes the average at each bar.
    pub fn block(&mut self, values: &[f64], averages: &mut [f64], scratch: &mut [f64]) {
        self.trend.block(values, averages, scratch);
        for (average, lean) in averages.iter_mut().zip(scratch) {
            *average += *lean * self.per_lean;
        }
    }
}

impl Piecewise for Wma {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        self.block(values, averages, scratch);
    }
}
