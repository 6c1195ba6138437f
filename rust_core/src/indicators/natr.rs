//! Normalised average true range.

use super::Entry;
use super::atr::Atr;
use super::piecewise::Piecewise;
use super::smoothing::fading;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "natr",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "Wilder's average of the true range, in percent-points of the close.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 1, 5000, "ranges of the seed, and of Wilder's weight 1 / length")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "the average range over the close")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(1.0 / n[0])),
        formula: "100 * atr(length) / close",
        edge_cases: "Missing where the close is 0. A bar with a missing value is passed over: the next range is taken against the last present close.",
        source: "J. Forman, Technical Analysis of Stocks and Commodities (May 2006); conventions of TA-Lib NATR.",
        version: 1,
    },
    build: |n| Box::new(Natr(Atr::new(n[0] as usize))),
};

struct Natr(Atr);

impl Piecewise for Natr {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        self.0.block([high, low, close], answers, scratch);
        for (answer, close) in answers.iter_mut().zip(*close) {
            *answer = if *close == 0.0 { f64::NAN } else { 100.0 * (*answer / close) };
        }
    }
}
