//! Aroon.

use super::Entry;
use super::age::{SinceHighest, SinceLowest};
use super::piecewise::Piecewise;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "aroon",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Aroon: how recent the highest high and the lowest low of the last `length` + 1 bars are, in \
                  percent-points from 0 (oldest) to 100 (this bar).",
        reads: &[Field::High, Field::Low],
        params: &[length("length", 14, 2, 5000, "bars between the oldest bar read and this one")],
        outputs: &[
            member("up", UnitRule::Fixed(Unit::PercentPoints), "recency of the highest high"),
            member("down", UnitRule::Fixed(Unit::PercentPoints), "recency of the lowest low"),
        ],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "up = 100 * (length - bars since the highest high of length + 1 bars) / length; down likewise with \
                  the lowest low",
        edge_cases: "Of equal extremes the latest counts. A missing high or low blanks its own line while it is in \
                     the window.",
        source: "T. S. Chande (1995); conventions of TA-Lib AROON, which gives the two lines in the other order.",
        version: 1,
    },
    build: |n| {
        Box::new(Aroon {
            length: n[0],
            since_high: SinceHighest::new(n[0] as usize + 1),
            since_low: SinceLowest::new(n[0] as usize + 1),
        })
    },
};

struct Aroon {
    length: f64,
    since_high: SinceHighest,
    since_low: SinceLowest,
}

impl Piecewise for Aroon {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low], [up, down]) = (inputs, outputs) else { return };
        self.since_high.block(high, up);
        self.since_low.block(low, down);
        for age in up.iter_mut().chain(down.iter_mut()) {
            *age = 100.0 * (self.length - *age) / self.length;
        }
    }
}
