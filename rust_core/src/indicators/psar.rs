//! Parabolic stop and reverse.

use super::Entry;
use super::piecewise::Piecewise;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, number, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "psar",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Wilder's parabolic stop and reverse: where the stop of the running trend stands, a price level; \
                  below the bars in a rise, above them in a fall.",
        reads: &[Field::High, Field::Low],
        params: &[
            number("step", 0.02, 0.0, 1.0, "acceleration at the start, and its increase at each new extreme"),
            number("max", 0.2, 0.0, 1.0, "the largest acceleration"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::LEVEL), "the stop")],
        warm_up: |_| 1,
        settle: |_| Settle::Never,
        formula: "sar[t+1] = sar[t] + a * (extreme - sar[t]), held outside the range of bars t and t-1; a new extreme \
                  adds `step` to a, up to `max`; when the bar touches sar the trend reverses: sar becomes the old \
                  extreme, held outside the range of bars t and t-1, and a starts at `step`",
        edge_cases: "The second bar starts a fall when its low has moved further down than its high has moved up, \
                     else a rise; the first stop is the first bar's low (rise) or high (fall). A bar with a missing \
                     price is passed over and answered by a missing value. A `step` above `max` counts as `max`.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); start and results of TA-Lib SAR.",
        version: 1,
    },
    build: |n| Box::new(Psar { step: n[0].min(n[1]), max: n[1], before: None, trend: None }),
};

struct Psar {
    step: f64,
    max: f64,
    before: Option<Bar>,
    trend: Option<Trend>,
}

#[derive(Clone, Copy)]
struct Bar {
    high: f64,
    low: f64,
}

impl Bar {
    /// The bar upside down: a fall seen so is a rise, and one set of rules serves both.
    #[inline(always)]
    fn inverted(self) -> Self {
        Self { high: -self.low, low: -self.high }
    }

    #[inline(always)]
    fn seen(self, inverted: bool) -> Self {
        if inverted { self.inverted() } else { self }
    }
}

/// A rise; a fall is one seen upside down.
#[derive(Clone, Copy)]
struct Trend {
    inverted: bool,
    /// The stop for the coming bar, the extreme so far, and the acceleration.
    stop: f64,
    extreme: f64,
    pace: f64,
}

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

impl Psar {
    fn start(&self, before: Bar, bar: Bar) -> Trend {
        let (fall, rise) = (before.low - bar.low, bar.high - before.high);
        let inverted = fall > 0.0 && fall > rise;
        Trend { inverted, stop: before.seen(inverted).low, extreme: bar.seen(inverted).high, pace: self.step }
    }

    /// The stop at this bar; `trend` goes on to the next.
    #[inline(always)]
    fn advance(&self, trend: &mut Trend, before: Bar, bar: Bar) -> f64 {
        let (mut bar, mut before) = (bar.seen(trend.inverted), before.seen(trend.inverted));
        if bar.low <= trend.stop {
            (bar, before) = (bar.inverted(), before.inverted());
            let stop = smaller(smaller(-trend.extreme, before.low), bar.low);
            *trend = Trend { inverted: !trend.inverted, stop, extreme: bar.high, pace: self.step };
        } else if bar.high > trend.extreme {
            (trend.extreme, trend.pace) = (bar.high, smaller(trend.pace + self.step, self.max));
        }
        let stop = trend.stop;
        let next = stop + trend.pace * (trend.extreme - stop);
        trend.stop = smaller(smaller(next, before.low), bar.low);
        if trend.inverted { -stop } else { stop }
    }

    #[inline(always)]
    fn next(&mut self, bar: Bar) -> f64 {
        if bar.high.is_nan() || bar.low.is_nan() {
            return f64::NAN;
        }
        let Some(before) = self.before.replace(bar) else { return f64::NAN };
        // The second bar is held against itself, not against the first: so TA-Lib begins.
        let (mut trend, before) = match self.trend {
            Some(trend) => (trend, before),
            None => (self.start(before, bar), bar),
        };
        let stop = self.advance(&mut trend, before, bar);
        self.trend = Some(trend);
        stop
    }
}

impl Piecewise for Psar {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low], [stops]) = (inputs, outputs) else { return };
        for ((stop, &high), &low) in stops.iter_mut().zip(*high).zip(*low) {
            *stop = self.next(Bar { high, low });
        }
    }
}
