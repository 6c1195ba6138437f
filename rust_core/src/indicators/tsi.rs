//! True strength index.

use super::Entry;
use super::change::Change;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "tsi",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The true strength index: smoothed changes over smoothed absolute changes, -100 to 100 percent-points.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("long", 25, 1, 5000, "length of the first average"),
            length("short", 13, 1, 5000, "length of the second average"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "-100 to 100")],
        warm_up: |n| (n[0] + n[1]) as usize - 1,
        settle: |n| Settle::Bars((n[0] + n[1]) as usize - 1 + fading_cascade(2.0 / (n[0].max(n[1]) + 1.0), 2)),
        formula: "100 * ema(ema(c, long), short) / ema(ema(|c|, long), short), c[t] = x[t] - x[t-1]; seeds as in ema",
        edge_cases: "No change at all since the start gives 0. A missing value is passed over: the next change is taken against the last present value.",
        source: "W. Blau, Momentum, Direction and Divergence (1995).",
        version: 1,
    },
    build: |n| Box::new(Tsi::new(n[0] as usize, n[1] as usize)),
};

struct Tsi {
    change: Change,
    signed: [Smoothing; 2],
    absolute: [Smoothing; 2],
}

impl Tsi {
    fn new(long: usize, short: usize) -> Self {
        let pair = || [Smoothing::exponential(long), Smoothing::exponential(short)];
        Self { change: Change::new(), signed: pair(), absolute: pair() }
    }
}

impl Piecewise for Tsi {
    const SCRATCH: usize = 3;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        let [change, once, size] = columns(scratch);
        self.change.block(values, change);
        self.signed[0].block(change, once);
        self.signed[1].block(once, answers);
        change.iter_mut().for_each(|change| *change = change.abs());
        self.absolute[0].block(change, once);
        self.absolute[1].block(once, size);
        for (answer, size) in answers.iter_mut().zip(size) {
            *answer = if *size == 0.0 { 0.0 } else { 100.0 * (*answer / *size) };
        }
    }
}
