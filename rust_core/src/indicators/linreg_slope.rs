//! Slope of the regression line.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Lean;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "linreg_slope",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The slope of the least-squares line through the last `length` values, in the unit of the series as a distance, per bar.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Difference, "the rise per bar")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "12 * sum of (i - (length + 1) / 2) * x_i / (length^3 - length), i from 1 for the oldest value",
        edge_cases: "Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib LINEARREG_SLOPE.",
        version: 1,
    },
    build: |n| Box::new(LinregSlope(Lean::scaled(n[0] as usize, 12.0 / (n[0] * n[0] * n[0] - n[0])))),
};

struct LinregSlope(Lean);

impl Piecewise for LinregSlope {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [slopes]) = (inputs, outputs) else { return };
        self.0.block(values, slopes);
    }
}
