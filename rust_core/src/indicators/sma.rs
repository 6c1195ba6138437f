//! Simple moving average.

use super::{Entry, Indicator};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "sma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The mean of the last `length` values, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the mean")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(x[t] + x[t-1] + ... + x[t-length+1]) / length",
        edge_cases: "Missing while a missing value is in the window.",
        source: "Textbook definition; conventions of TA-Lib SMA.",
        version: 1,
    },
    build: |n| Box::new(Sma::new(n[0] as usize)),
};

struct Sma {
    window: Vec<f64>,
    next: usize,
    seen: usize,
}

impl Sma {
    fn new(length: usize) -> Self {
        Self { window: vec![f64::NAN; length], next: 0, seen: 0 }
    }
}

impl Indicator for Sma {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        self.window[self.next] = inputs[0];
        self.next = (self.next + 1) % self.window.len();
        self.seen += 1;
        outputs[0] = if self.seen < self.window.len() {
            f64::NAN
        } else {
            self.window.iter().sum::<f64>() / self.window.len() as f64
        };
    }
}
