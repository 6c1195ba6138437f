//! True range.

use super::Entry;
use super::piecewise::Piecewise;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "true_range",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "The range of the bar, widened to the previous close, a distance in dollars.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[],
        outputs: &[output(UnitRule::Fixed(Unit::DISTANCE), "the range")],
        warm_up: |_| 1,
        settle: |_| Settle::Bars(1),
        formula: "max(high - low, |high - close[t-1]|, |low - close[t-1]|)",
        edge_cases: "The first bar has none. A bar with a missing value is passed over: the next range is taken against the last present close.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); conventions of TA-Lib TRANGE.",
        version: 1,
    },
    build: |_| Box::new(TrueRange::new()),
};

/// The range against the last present close, which `atr`, `natr` and the directional movements build on.
pub struct TrueRange {
    close: f64,
}

impl TrueRange {
    pub fn new() -> Self {
        Self { close: f64::NAN }
    }

    /// Writes the range at each bar.
    #[inline]
    pub fn block(&mut self, high: &[f64], low: &[f64], close: &[f64], ranges: &mut [f64]) {
        let Some(&newest) = close.last() else { return };
        let mut missing = self.close.is_nan() || close[0].is_nan();
        ranges[0] = range(high[0], low[0], self.close);
        for (((answer, high), low), pair) in ranges[1..].iter_mut().zip(&high[1..]).zip(&low[1..]).zip(close.windows(2))
        {
            *answer = range(*high, *low, pair[0]);
            missing |= answer.is_nan() | pair[1].is_nan();
        }
        if missing || ranges[0].is_nan() {
            self.by_bar(high, low, close, ranges);
        } else {
            self.close = newest;
        }
    }

    fn by_bar(&mut self, high: &[f64], low: &[f64], close: &[f64], ranges: &mut [f64]) {
        for (bar, answer) in ranges.iter_mut().enumerate() {
            let present = !(high[bar].is_nan() || low[bar].is_nan() || close[bar].is_nan());
            let known = present && !self.close.is_nan();
            *answer = if known { range(high[bar], low[bar], self.close) } else { f64::NAN };
            self.close = if present { close[bar] } else { self.close };
        }
    }
}

/// The three-way maximum, as one difference of the widened ends; missing where high or low is.
#[inline(always)]
fn range(high: f64, low: f64, before: f64) -> f64 {
    (if before > high { before } else { high }) - (if before < low { before } else { low })
}

impl Piecewise for TrueRange {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low, close], [ranges]) = (inputs, outputs) else { return };
        self.block(high, low, close, ranges);
    }
}
