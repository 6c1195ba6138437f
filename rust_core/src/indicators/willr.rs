//! Williams' %R.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::{Highest, Lowest};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "willr",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "Where the close lies under the top of the last bars' range, -100 to 0 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 2, 5000, "bars, this one included")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "-100 at the bottom, 0 at the top")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "-100 * (h - close) / (h - l), h and l the highest high and lowest low of the last `length` bars",
        edge_cases: "A range of nothing gives 0, as in TA-Lib. Missing while a missing value is in the window.",
        source: "L. Williams, How I Made One Million Dollars (1973); conventions of TA-Lib WILLR.",
        version: 1,
    },
    build: |n| Box::new(Willr { highest: Highest::new(n[0] as usize), lowest: Lowest::new(n[0] as usize) }),
};

struct Willr {
    highest: Highest,
    lowest: Lowest,
}

impl Piecewise for Willr {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        let [top, bottom] = columns(scratch);
        self.highest.block(high, top);
        self.lowest.block(low, bottom);
        for (bar, answer) in answers.iter_mut().enumerate() {
            let range = top[bar] - bottom[bar];
            let under = -100.0 * ((top[bar] - close[bar]) / range);
            *answer = if range == 0.0 { 0.0 } else { under };
        }
    }
}
