//! Supertrend.

use super::ranges::true_range;
use super::smoothing::Smoothing;
use super::{Entry, Indicator};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member, number};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "supertrend",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Supertrend: a stop line that trails the price by `width` average true ranges and changes sides when \
                  the close passes it, a price level, and the side.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[
            length("length", 10, 1, 5000, "bars of the average true range"),
            number("width", 3.0, 0.0, 100.0, "average true ranges between the bar's middle and the line"),
        ],
        outputs: &[
            member("line", UnitRule::Fixed(Unit::LEVEL), "the stop: below the price in a rise, above it in a fall"),
            member("direction", UnitRule::Fixed(Unit::Ratio), "1 in a rise, -1 in a fall"),
        ],
        warm_up: |n| n[0] as usize,
        settle: |_| Settle::Never,
        formula: "basic = (high + low) / 2 +- width * atr(length); a lower band only rises while the close before was \
                  not below it, an upper band only falls while the close before was not above it; direction turns to \
                  1 when the close is above the upper band, to -1 when it is below the lower one; line = lower band \
                  when 1, upper band when -1",
        edge_cases: "The first direction is -1, as on the charts it comes from; the line forgets that at the first \
                     turn. A close on a band does not turn it. On a bar without a range (a missing price, or none \
                     before) it answers missing and holds its bands.",
        source: "O. Seban's indicator; ta.supertrend of Pine Script, whose direction has the opposite sign; the range \
                 follows TA-Lib ATR.",
        version: 1,
    },
    build: |n| {
        Box::new(Supertrend {
            range: Smoothing::wilder(n[0] as usize),
            width: n[1],
            close_before: f64::NAN,
            trail: None,
        })
    },
};

struct Supertrend {
    range: Smoothing,
    width: f64,
    close_before: f64,
    /// `None` until the average true range exists.
    trail: Option<Trail>,
}

#[derive(Clone, Copy)]
struct Trail {
    upper: f64,
    lower: f64,
    rising: bool,
    /// The close of the bar these bands belong to.
    close: f64,
}

impl Trail {
    fn next(before: Option<Self>, upper: f64, lower: f64, close: f64) -> Self {
        let Some(before) = before else { return Self { upper, lower, rising: false, close } };
        let upper = if upper < before.upper || before.close > before.upper { upper } else { before.upper };
        let lower = if lower > before.lower || before.close < before.lower { lower } else { before.lower };
        let rising = if before.rising { close >= lower } else { close > upper };
        Self { upper, lower, rising, close }
    }
}

impl Indicator for Supertrend {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let ([high, low, close], [line, direction]) = (inputs, outputs) else { return };
        let range = self.range.step(true_range(*high, *low, self.close_before));
        self.close_before = *close;
        if range.is_nan() || close.is_nan() {
            (*line, *direction) = (f64::NAN, f64::NAN);
            return;
        }
        let (middle, reach) = ((high + low) * 0.5, self.width * range);
        let trail = Trail::next(self.trail, middle + reach, middle - reach, *close);
        self.trail = Some(trail);
        (*line, *direction) = if trail.rising { (trail.lower, 1.0) } else { (trail.upper, -1.0) };
    }
}
