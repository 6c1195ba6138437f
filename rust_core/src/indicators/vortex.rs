//! Vortex indicator.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::true_range::TrueRange;
use super::window::{Delay, Sum};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "vortex",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Vortex: upward and downward movement over the last `length` bars, each as a ratio to the true range \
                  of those bars.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 1, 5000, "bars whose movement is added up; it reads one bar more")],
        outputs: &[
            member("plus", UnitRule::Fixed(Unit::Ratio), "upward movement"),
            member("minus", UnitRule::Fixed(Unit::Ratio), "downward movement"),
        ],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "plus = sum(|high[t] - low[t-1]|) / sum(true_range), minus = sum(|low[t] - high[t-1]|) / \
                  sum(true_range), over `length` bars",
        edge_cases: "Missing when nothing moved in the window (a range of zero), and while a bar with a missing \
                     price, or the bar after one, is in the window.",
        source: "E. Botes and D. Siepman, The Vortex Indicator, Technical Analysis of Stocks & Commodities (January \
                 2010).",
        version: 1,
    },
    build: |n| Box::new(Vortex::new(n[0] as usize)),
};

struct Vortex {
    high_before: Delay,
    low_before: Delay,
    true_range: TrueRange,
    up: Sum,
    down: Sum,
    range: Sum,
}

impl Vortex {
    fn new(length: usize) -> Self {
        let (before, sum) = (|| Delay::new(1), || Sum::new(length));
        Self {
            high_before: before(),
            low_before: before(),
            true_range: TrueRange::new(),
            up: sum(),
            down: sum(),
            range: sum(),
        }
    }
}

/// Replaces each value of `before` by its distance from `now`.
fn distances(now: &[f64], before: &mut [f64]) {
    for (before, now) in before.iter_mut().zip(now) {
        *before = (now - *before).abs();
    }
}

impl Piecewise for Vortex {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [plus, minus]) = (inputs, outputs) else { return };
        let [moves, range] = columns(scratch);
        self.low_before.block(low, moves);
        distances(high, moves);
        self.up.block(moves, plus);
        self.high_before.block(high, moves);
        distances(low, moves);
        self.down.block(moves, minus);
        self.true_range.block(high, low, close, moves);
        self.range.block(moves, range);
        for ((plus, minus), range) in plus.iter_mut().zip(minus.iter_mut()).zip(range.iter()) {
            let per_range = if *range == 0.0 { f64::NAN } else { *range };
            *plus /= per_range;
            *minus /= per_range;
        }
    }
}
