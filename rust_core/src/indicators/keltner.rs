//! Keltner channel.

use super::Entry;
use super::atr::Atr;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member, number};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "keltner",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "Keltner channel: an exponential moving average of the close, and lines `width` average true ranges \
                  above and below it, price levels.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[
            length("length", 20, 1, 5000, "bars of the average's seed and of its weight 2 / (length + 1)"),
            length("atr_length", 10, 1, 5000, "bars of the average true range"),
            number("width", 2.0, 0.0, 100.0, "average true ranges between the middle and each line"),
        ],
        outputs: &[
            member("upper", UnitRule::Fixed(Unit::LEVEL), "middle + width * atr"),
            member("middle", UnitRule::Fixed(Unit::LEVEL), "ema(close, length)"),
            member("lower", UnitRule::Fixed(Unit::LEVEL), "middle - width * atr"),
        ],
        warm_up: |n| (n[0] as usize - 1).max(n[1] as usize),
        settle: |n| {
            Settle::Bars((n[0] as usize - 1 + fading(2.0 / (n[0] + 1.0))).max(n[1] as usize + fading(1.0 / n[1])))
        },
        formula: "middle = ema(close, length); upper, lower = middle +- width * atr(atr_length)",
        edge_cases: "The middle line has its first value at bar `length` - 1, the outer ones wait for the average \
                     true range. A missing close blanks all three lines of its bar, a missing high or low \
                     the outer two; both averages hold and go on.",
        source: "C. W. Keltner, How to Make Money in Commodities (1960), in L. B. Raschke's version with an \
                 exponential average and the average true range; its parts follow TA-Lib EMA and ATR.",
        version: 1,
    },
    build: |n| {
        Box::new(Keltner {
            average: Smoothing::exponential(n[0] as usize),
            range: Atr::new(n[1] as usize),
            width: n[2],
        })
    },
};

struct Keltner {
    average: Smoothing,
    range: Atr,
    width: f64,
}

impl Piecewise for Keltner {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low, close], [upper, middle, lower]) = (inputs, outputs) else { return };
        self.range.block([high, low, close], upper, lower);
        self.average.block(close, middle);
        for ((upper, middle), lower) in upper.iter_mut().zip(middle.iter()).zip(lower.iter_mut()) {
            let reach = self.width * *upper;
            *upper = middle + reach;
            *lower = middle - reach;
        }
    }
}
