//! Donchian channel.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::{Highest, Lowest};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "donchian",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Donchian channel: the highest high and the lowest low of the last `length` bars and the line \
                  halfway between, price levels.",
        reads: &[Field::High, Field::Low],
        params: &[length("length", 20, 1, 5000, "bars, this one included")],
        outputs: &[
            member("upper", UnitRule::Fixed(Unit::LEVEL), "highest high of the window"),
            member("middle", UnitRule::Fixed(Unit::LEVEL), "halfway between the two"),
            member("lower", UnitRule::Fixed(Unit::LEVEL), "lowest low of the window"),
        ],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "upper = max(high[t], ..., high[t-length+1]), lower = min(low[t], ..., low[t-length+1]), middle = \
                  (upper + lower) / 2",
        edge_cases: "The window includes this bar, so the close can never lie above `upper`: a breakout rule compares \
                     with the bar before, `close > lag(donchian(20).upper, 1)`. A missing high or low blanks its own \
                     line and the middle while it is in the window.",
        source: "R. Donchian's four-week rule, as in C. Faith, The Original Turtle Trading Rules (2003); the lines \
                 are TA-Lib MAX of high and MIN of low.",
        version: 1,
    },
    build: |n| Box::new(Donchian { highest: Highest::new(n[0] as usize), lowest: Lowest::new(n[0] as usize) }),
};

struct Donchian {
    highest: Highest,
    lowest: Lowest,
}

impl Piecewise for Donchian {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low], [upper, middle, lower]) = (inputs, outputs) else { return };
        self.highest.block(high, upper);
        self.lowest.block(low, lower);
        for ((middle, upper), lower) in middle.iter_mut().zip(upper.iter()).zip(lower.iter()) {
            *middle = (upper + lower) * 0.5;
        }
    }
}
