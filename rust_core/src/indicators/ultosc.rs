//! Ultimate oscillator.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::{Delay, Sum};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "ultosc",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The ultimate oscillator: buying pressure over three windows, 0 to 100 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[
            length("short", 7, 1, 5000, "bars of one window"),
            length("middle", 14, 1, 5000, "bars of another"),
            length("long", 28, 1, 5000, "bars of the third"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "0 to 100")],
        warm_up: |n| n[0].max(n[1]).max(n[2]) as usize,
        settle: |n| Settle::Bars(n[0].max(n[1]).max(n[2]) as usize),
        formula: "100 * (4 * a1 + 2 * a2 + a3) / 7, a the sum of close - min(low, previous close) over the sum of the true range, in the shortest, middle and longest window",
        edge_cases: "The shortest window weighs most in whatever order the lengths are given, as in TA-Lib. A window whose true ranges are all 0 adds nothing. Missing while a missing value is in the longest window or on the bar before it.",
        source: "L. Williams, Technical Analysis of Stocks and Commodities (August 1985); conventions of TA-Lib ULTOSC.",
        version: 1,
    },
    build: |n| Box::new(Ultosc::new([n[0] as usize, n[1] as usize, n[2] as usize])),
};

struct Ultosc {
    before: Delay,
    /// Sums of pressure and of range, the shortest window first.
    windows: [[Sum; 2]; 3],
}

impl Ultosc {
    fn new(mut lengths: [usize; 3]) -> Self {
        lengths.sort_unstable();
        Self { before: Delay::new(1), windows: lengths.map(|length| [Sum::new(length), Sum::new(length)]) }
    }
}

impl Piecewise for Ultosc {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        let [pressure, range, share, total] = columns(scratch);
        self.before.block(close, range);
        for (bar, range) in range.iter_mut().enumerate() {
            let before = *range;
            // With a missing close before, both ends are missing: it stands on the side that comparisons fall to.
            let bottom = if low[bar] < before { low[bar] } else { before };
            let top = if high[bar] > before { high[bar] } else { before };
            pressure[bar] = close[bar] - bottom + 0.0 * (high[bar] + low[bar]);
            *range = top - bottom + 0.0 * pressure[bar];
        }
        answers.fill(0.0);
        for ([pressures, ranges], weight) in self.windows.iter_mut().zip([4.0, 2.0, 1.0]) {
            pressures.block(pressure, share);
            ranges.block(range, total);
            for ((answer, share), total) in answers.iter_mut().zip(share.iter()).zip(total.iter()) {
                *answer += if *total == 0.0 { 0.0 } else { weight * (share / total) };
            }
        }
        answers.iter_mut().for_each(|answer| *answer *= 100.0 / 7.0);
    }
}
