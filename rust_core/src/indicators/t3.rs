//! T3 moving average.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, number, output, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "t3",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "Tillson's T3: a sixfold exponential average with the lag partly taken back, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            length("length", 5, 1, 5000, "bars of the seed of each average, and of the weight 2 / (length + 1)"),
            number("factor", 0.7, 0.0, 1.0, "how much of the lag is taken back: 0 is a plain threefold average"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| 6 * (n[0] as usize - 1),
        settle: |n| Settle::Bars(6 * (n[0] as usize - 1) + fading_cascade(2.0 / (n[0] + 1.0), 6)),
        formula: "c1 * e6 + c2 * e5 + c3 * e4 + c4 * e3 with e1 = ema(x, length), e2 = ema(e1, length), ..., v = factor, c1 = -v^3, c2 = 3v^2 + 3v^3, c3 = -6v^2 - 3v - 3v^3, c4 = 1 + 3v + v^3 + 3v^2",
        edge_cases: "A missing value holds the state and is answered by a missing value.",
        source: "T. Tillson, Technical Analysis of Stocks and Commodities (January 1998); conventions of TA-Lib T3.",
        version: 1,
    },
    build: |n| Box::new(T3::new(n[0] as usize, n[1])),
};

struct T3 {
    stages: [Smoothing; 6],
    weights: [f64; 4],
}

impl T3 {
    fn new(length: usize, v: f64) -> Self {
        let (square, cube) = (v * v, v * v * v);
        let weights =
            [-cube, 3.0 * (square + cube), -6.0 * square - 3.0 * (v + cube), 1.0 + 3.0 * v + cube + 3.0 * square];
        Self { stages: std::array::from_fn(|_| Smoothing::exponential(length)), weights }
    }
}

impl Piecewise for T3 {
    const SCRATCH: usize = 6;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        let [e1, e2, e3, e4, e5, e6] = columns(scratch);
        let [s1, s2, s3, s4, s5, s6] = &mut self.stages;
        s1.block(values, e1);
        s2.block(e1, e2);
        s3.block(e2, e3);
        s4.block(e3, e4);
        s5.block(e4, e5);
        s6.block(e5, e6);
        let [c1, c2, c3, c4] = self.weights;
        for (bar, average) in averages.iter_mut().enumerate() {
            *average = c1 * e6[bar] + c2 * e5[bar] + c3 * e4[bar] + c4 * e3[bar];
        }
    }
}
