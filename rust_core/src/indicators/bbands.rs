//! Bollinger bands.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Moments;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, member, number, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "bbands",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "Bollinger bands: a simple moving average, and lines `width` standard deviations above and below it, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to put bands around"),
            length("length", 20, 2, 5000, "bars, this one included"),
            number("width", 2.0, 0.0, 100.0, "standard deviations between the middle and each band"),
        ],
        outputs: &[
            member("upper", UnitRule::Same, "middle + width * stddev"),
            member("middle", UnitRule::Same, "the mean"),
            member("lower", UnitRule::Same, "middle - width * stddev"),
        ],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "middle = mean of the last `length` values; stddev = sqrt(sum of (x - middle)^2 / length), of the population",
        edge_cases: "Equal values put all three lines on the value. Missing while a missing value is in the window.",
        source: "J. Bollinger, Bollinger on Bollinger Bands (2001); conventions of TA-Lib BBANDS.",
        version: 1,
    },
    build: |n| Box::new(Bbands { per_length: 1.0 / n[0], width: n[1], moments: Moments::new(n[0] as usize) }),
};

struct Bbands {
    per_length: f64,
    width: f64,
    moments: Moments,
}

impl Piecewise for Bbands {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [upper, middle, lower]) = (inputs, outputs) else { return };
        self.moments.block(values, middle, upper);
        for ((upper, middle), lower) in upper.iter_mut().zip(middle.iter()).zip(lower.iter_mut()) {
            let reach = self.width * (*upper * self.per_length).sqrt();
            *upper = middle + reach;
            *lower = middle - reach;
        }
    }
}
