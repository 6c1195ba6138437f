//! Hull moving average.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Weighted;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "hma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The Hull moving average: a weighted average with little lag, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1 + n[0].sqrt() as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1 + n[0].sqrt() as usize - 1),
        formula: "wma(2 * wma(x, length / 2) - wma(x, length), sqrt(length)), both lengths rounded down",
        edge_cases: "Missing while a missing value is in the window.",
        source: "A. Hull, How to reduce lag in a moving average (2005).",
        version: 1,
    },
    build: |n| Box::new(Hma::new(n[0] as usize)),
};

struct Hma {
    half: Weighted,
    full: Weighted,
    last: Weighted,
}

impl Hma {
    fn new(length: usize) -> Self {
        Self { half: Weighted::new(length / 2), full: Weighted::new(length), last: Weighted::new(length.isqrt()) }
    }
}

impl Piecewise for Hma {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [averages]) = (inputs, outputs) else { return };
        let [half, full] = columns(scratch);
        self.half.block(values, half);
        self.full.block(values, full);
        for (half, full) in half.iter_mut().zip(full) {
            *half = 2.0 * *half - *full;
        }
        self.last.block(half, averages);
    }
}
