//! Momentum.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "mom",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The change against `length` bars ago, in the unit of the series as a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            required_length("length", 1, 5000, "bars back"),
        ],
        outputs: &[output(UnitRule::Difference, "the change")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "x[t] - x[t-length]",
        edge_cases: "Missing where either value is missing.",
        source: "Textbook definition; conventions of TA-Lib MOM.",
        version: 1,
    },
    build: |n| Box::new(Mom(Delay::new(n[0] as usize))),
};

struct Mom(Delay);

impl Piecewise for Mom {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        self.0.block(values, answers);
        for (answer, value) in answers.iter_mut().zip(*values) {
            *answer = value - *answer;
        }
    }
}
