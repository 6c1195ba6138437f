//! Rate of change.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "roc",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The change against `length` bars ago, in percent-points of the value then.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            required_length("length", 1, 5000, "bars back"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "the change")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "100 * (x[t] / x[t-length] - 1)",
        edge_cases: "Missing where either value is missing or the older one is 0.",
        source: "Textbook definition; conventions of TA-Lib ROC.",
        version: 1,
    },
    build: |n| Box::new(Roc(Delay::new(n[0] as usize))),
};

struct Roc(Delay);

impl Piecewise for Roc {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        self.0.block(values, answers);
        for (answer, value) in answers.iter_mut().zip(*values) {
            let change = (value / *answer - 1.0) * 100.0;
            *answer = if *answer == 0.0 { f64::NAN } else { change };
        }
    }
}
