//! Moving linear regression.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::LineEnd;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "linreg",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "Where the straight line fitted to the last `length` values ends, at this bar, in the unit of the \
                  series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to fit"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the fitted value at this bar")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "least squares of x on the bar's number: mean + slope * (length - 1) / 2",
        edge_cases: "Missing while a missing value is in the window. The slope alone is `linreg_slope`.",
        source: "Textbook definition of ordinary least squares; conventions of TA-Lib LINEARREG.",
        version: 1,
    },
    build: |n| Box::new(Linreg(LineEnd::new(n[0] as usize))),
};

struct Linreg(LineEnd);

impl Piecewise for Linreg {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [ends]) = (inputs, outputs) else { return };
        self.0.block(values, ends);
    }
}
