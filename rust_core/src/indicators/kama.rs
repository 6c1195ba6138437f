//! Kaufman's adaptive moving average.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::smoothing::fading;
use super::window::{Delay, Sum};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "kama",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The exponential average whose weight follows how straight the last `length` changes ran, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "changes that the weight follows"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(SLOW * SLOW)),
        formula: "k[t] = k[t-1] + (x[t] - k[t-1]) * (e * (2/3 - 2/31) + 2/31)^2, e = |x[t] - x[t-length]| / sum of the last `length` |x[i] - x[i-1]|; seed: k = x on the bar before the first answer",
        edge_cases: "e is 1 where the changes sum to nothing or to no more than the rise over them, as in TA-Lib. While a missing value is among the last length + 1, the state is held and the answer missing. Settles at the latest as the slowest weight does.",
        source: "P. J. Kaufman, Smarter Trading (1995); conventions of TA-Lib KAMA.",
        version: 1,
    },
    build: |n| Box::new(Kama::new(n[0] as usize)),
};

/// Weights of the newest value in a trend and in noise: averages of 2 and 30 bars.
const FAST: f64 = 2.0 / 3.0;
const SLOW: f64 = 2.0 / 31.0;

struct Kama {
    past: Delay,
    before: Delay,
    travel: Sum,
    average: f64,
}

impl Kama {
    fn new(length: usize) -> Self {
        Self { past: Delay::new(length), before: Delay::new(1), travel: Sum::new(length), average: f64::NAN }
    }
}

impl Piecewise for Kama {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        let [past, before, steps, travel] = columns(scratch);
        self.past.block(values, past);
        self.before.block(values, before);
        for ((step, value), before) in steps.iter_mut().zip(*values).zip(before.iter()) {
            *step = (value - before).abs();
        }
        self.travel.block(steps, travel);
        for (bar, answer) in averages.iter_mut().enumerate() {
            let (value, rise) = (values[bar], values[bar] - past[bar]);
            let straight = travel[bar] <= rise || travel[bar] == 0.0;
            let efficiency = if straight { 1.0 } else { (rise / travel[bar]).abs() };
            let root = efficiency * (FAST - SLOW) + SLOW;
            *answer = f64::NAN;
            if !root.is_nan() {
                let average = if self.average.is_nan() { before[bar] } else { self.average };
                self.average = average + (value - average) * (root * root);
                *answer = self.average;
            }
        }
    }
}
