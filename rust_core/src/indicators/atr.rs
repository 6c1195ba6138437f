//! Average true range.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading};
use super::true_range::TrueRange;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "atr",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "Wilder's average of the true range, a distance in dollars.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 1, 5000, "ranges of the seed, and of Wilder's weight 1 / length")],
        outputs: &[output(UnitRule::Fixed(Unit::DISTANCE), "the average range")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(1.0 / n[0])),
        formula: "a[t] = a[t-1] * (1 - 1 / length) + true_range[t] / length; seed: the mean of the first `length` true ranges, which begin on the second bar",
        edge_cases: "A bar with a missing value is passed over: the next range is taken against the last present close.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); conventions of TA-Lib ATR.",
        version: 1,
    },
    build: |n| Box::new(Atr::new(n[0] as usize)),
};

/// The average, which `natr` also builds on.
pub struct Atr {
    range: TrueRange,
    average: Smoothing,
}

impl Atr {
    pub fn new(length: usize) -> Self {
        Self { range: TrueRange::new(), average: Smoothing::wilder(length) }
    }

    /// Writes the average at each bar.
    pub fn block(&mut self, [high, low, close]: [&[f64]; 3], averages: &mut [f64], scratch: &mut [f64]) {
        self.range.block(high, low, close, scratch);
        self.average.block(scratch, averages);
    }
}

impl Piecewise for Atr {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [averages]) = (inputs, outputs) else { return };
        self.block([high, low, close], averages, scratch);
    }
}
