//! Supertrend.

use super::Entry;
use super::atr::Atr;
use super::piecewise::Piecewise;
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
                     turn. A close on a band does not turn it. A bar with a missing price is answered by a missing \
                     value, and the bands wait.",
        source: "O. Seban's indicator; ta.supertrend of Pine Script, whose direction has the opposite sign; the range \
                 follows TA-Lib ATR.",
        version: 1,
    },
    build: |n| Box::new(Supertrend { range: Atr::new(n[0] as usize), width: n[1], trail: None }),
};

struct Supertrend {
    range: Atr,
    width: f64,
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

impl Supertrend {
    /// The line and the direction at a bar.
    fn next(&mut self, middle: f64, range: f64, close: f64) -> (f64, f64) {
        if range.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        let reach = self.width * range;
        let trail = Trail::next(self.trail, middle + reach, middle - reach, close);
        self.trail = Some(trail);
        if trail.rising { (trail.lower, 1.0) } else { (trail.upper, -1.0) }
    }
}

impl Piecewise for Supertrend {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low, close], [line, direction]) = (inputs, outputs) else { return };
        self.range.block([high, low, close], line, direction);
        for ((((line, side), high), low), close) in
            line.iter_mut().zip(direction.iter_mut()).zip(*high).zip(*low).zip(*close)
        {
            (*line, *side) = self.next((high + low) * 0.5, *line, *close);
        }
    }
}
