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
    build: |n| Box::new(Psar { pace: Pace { step: n[0].min(n[1]), max: n[1] }, course: Course::default() }),
};

struct Psar {
    pace: Pace,
    course: Course,
}

/// The acceleration's start and increase, and its bound.
#[derive(Clone, Copy)]
struct Pace {
    step: f64,
    max: f64,
}

/// The bar before, once there is one, and the trend, once there are two.
#[derive(Clone, Copy, Default)]
struct Course {
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

impl Trend {
    fn start(pace: Pace, before: Bar, bar: Bar) -> Self {
        let (fall, rise) = (before.low - bar.low, bar.high - before.high);
        let inverted = fall > 0.0 && fall > rise;
        Self { inverted, stop: before.seen(inverted).low, extreme: bar.seen(inverted).high, pace: pace.step }
    }

    /// The stop at this bar; the trend goes on to the next.
    #[inline(always)]
    fn advance(&mut self, pace: Pace, before: Bar, bar: Bar) -> f64 {
        let (mut bar, mut before) = (bar.seen(self.inverted), before.seen(self.inverted));
        if bar.low <= self.stop {
            (bar, before) = (bar.inverted(), before.inverted());
            let stop = smaller(smaller(-self.extreme, before.low), bar.low);
            *self = Self { inverted: !self.inverted, stop, extreme: bar.high, pace: pace.step };
        } else if bar.high > self.extreme {
            (self.extreme, self.pace) = (bar.high, smaller(self.pace + pace.step, pace.max));
        }
        let stop = self.stop;
        let next = stop + self.pace * (self.extreme - stop);
        self.stop = smaller(smaller(next, before.low), bar.low);
        if self.inverted { -stop } else { stop }
    }
}

impl Course {
    #[inline(always)]
    fn next(&mut self, pace: Pace, bar: Bar) -> f64 {
        if bar.high.is_nan() || bar.low.is_nan() {
            return f64::NAN;
        }
        let Some(before) = self.before.replace(bar) else { return f64::NAN };
        if let Some(trend) = &mut self.trend {
            return trend.advance(pace, before, bar);
        }
        // The second bar is held against itself, not against the first: so TA-Lib begins.
        self.trend.insert(Trend::start(pace, before, bar)).advance(pace, bar, bar)
    }
}

impl Piecewise for Psar {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low], [stops]) = (inputs, outputs) else { return };
        // A copy of their own stays in registers.
        let (pace, mut course) = (self.pace, self.course);
        for ((stop, &high), &low) in stops.iter_mut().zip(*high).zip(*low) {
            *stop = course.next(pace, Bar { high, low });
        }
        self.course = course;
    }
}
