//! TRIX.

use super::Entry;
use super::change::Change;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "trix",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The one-bar rate of change of a triple exponential average, in percent-points.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            required_length("length", 1, 5000, "length of each average"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "the change of the average")],
        warm_up: |n| 3 * (n[0] as usize - 1) + 1,
        settle: |n| Settle::Bars(3 * (n[0] as usize - 1) + 1 + fading_cascade(2.0 / (n[0] + 1.0), 3)),
        formula: "100 * (e3[t] / e3[t-1] - 1), e1 = ema(x, length), e2 = ema(e1, length), e3 = ema(e2, length)",
        edge_cases: "Missing where the average before is 0. A missing value holds the averages; the next change is taken against the last present average.",
        source: "J. K. Hutson, Technical Analysis of Stocks and Commodities (1983); conventions of TA-Lib TRIX.",
        version: 1,
    },
    build: |n| {
        Box::new(Trix { stages: std::array::from_fn(|_| Smoothing::exponential(n[0] as usize)), change: Change::new() })
    },
};

struct Trix {
    stages: [Smoothing; 3],
    change: Change,
}

impl Piecewise for Trix {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        let [one, two] = columns(scratch);
        let [first, second, third] = &mut self.stages;
        first.block(values, one);
        second.block(one, two);
        third.block(two, one);
        self.change.block(one, answers);
        for (answer, average) in answers.iter_mut().zip(one) {
            let before = *average - *answer;
            *answer = if before == 0.0 { f64::NAN } else { 100.0 * (*answer / before) };
        }
    }
}
