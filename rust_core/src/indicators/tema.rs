//! Triple exponential moving average.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "tema",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The triple exponential moving average, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars of the seed of each average, and of the weight 2 / (length + 1)"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| 3 * (n[0] as usize - 1),
        settle: |n| Settle::Bars(3 * (n[0] as usize - 1) + fading_cascade(2.0 / (n[0] + 1.0), 3)),
        formula: "3 * e1 - 3 * e2 + e3, e1 = ema(x, length), e2 = ema(e1, length), e3 = ema(e2, length)",
        edge_cases: "A missing value holds the state and is answered by a missing value.",
        source: "P. Mulloy, Technical Analysis of Stocks and Commodities (January 1994); conventions of TA-Lib TEMA.",
        version: 1,
    },
    build: |n| Box::new(Tema { stages: std::array::from_fn(|_| Smoothing::exponential(n[0] as usize)) }),
};

struct Tema {
    stages: [Smoothing; 3],
}

impl Piecewise for Tema {
    const SCRATCH: usize = 3;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        let [e1, e2, e3] = columns(scratch);
        self.stages[0].block(values, e1);
        self.stages[1].block(e1, e2);
        self.stages[2].block(e2, e3);
        for (bar, average) in averages.iter_mut().enumerate() {
            *average = 3.0 * e1[bar] - 3.0 * e2[bar] + e3[bar];
        }
    }
}
