//! Absolute price oscillator.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, output, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "apo",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "A faster less a slower exponential average, in the unit of the series as a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("fast", 12, 2, 5000, "length of the faster average"),
            length("slow", 26, 2, 5000, "length of the slower average"),
        ],
        outputs: &[output(UnitRule::Difference, "the difference of the averages")],
        warm_up: |n| n[0].max(n[1]) as usize - 1,
        settle: |n| Settle::Bars(n[0].max(n[1]) as usize - 1 + fading(2.0 / (n[0].max(n[1]) + 1.0))),
        formula: "ema(x, fast) - ema(x, slow), each with its own seed",
        edge_cases: "Lengths in the wrong order are exchanged, as in TA-Lib. A missing value holds the state and is answered by a missing value.",
        source: "Textbook definition; conventions of TA-Lib APO with exponential averages.",
        version: 1,
    },
    build: |n| Box::new(Apo::new(n[0] as usize, n[1] as usize)),
};

struct Apo {
    fast: Smoothing,
    slow: Smoothing,
}

impl Apo {
    fn new(fast: usize, slow: usize) -> Self {
        Self { fast: Smoothing::exponential(fast.min(slow)), slow: Smoothing::exponential(fast.max(slow)) }
    }
}

impl Piecewise for Apo {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        self.fast.block(values, answers);
        self.slow.block(values, scratch);
        for (answer, slow) in answers.iter_mut().zip(scratch) {
            *answer -= *slow;
        }
    }
}
