//! Parabolic stop and reverse.

use super::{Entry, Indicator};
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

#[derive(Clone, Copy)]
struct Trend {
    rising: bool,
    /// The stop for the coming bar, the extreme so far, and the acceleration.
    stop: f64,
    extreme: f64,
    pace: f64,
}

impl Bar {
    /// A stop held below both bars of a rise, or above both of a fall.
    fn outside(self, before: Self, rising: bool, stop: f64) -> f64 {
        if rising { stop.min(before.low).min(self.low) } else { stop.max(before.high).max(self.high) }
    }
}

impl Psar {
    fn start(&self, before: Bar, bar: Bar) -> Trend {
        let (fall, rise) = (before.low - bar.low, bar.high - before.high);
        let rising = !(fall > 0.0 && fall > rise);
        let (stop, extreme) = if rising { (before.low, bar.high) } else { (before.high, bar.low) };
        Trend { rising, stop, extreme, pace: self.step }
    }

    /// The stop at this bar, and the trend after it.
    fn advance(&self, mut trend: Trend, before: Bar, bar: Bar) -> (f64, Trend) {
        let touched = if trend.rising { bar.low <= trend.stop } else { bar.high >= trend.stop };
        if touched {
            trend.rising = !trend.rising;
            trend.stop = bar.outside(before, trend.rising, trend.extreme);
            trend.extreme = if trend.rising { bar.high } else { bar.low };
            trend.pace = self.step;
        } else if trend.rising && bar.high > trend.extreme || !trend.rising && bar.low < trend.extreme {
            trend.extreme = if trend.rising { bar.high } else { bar.low };
            trend.pace = (trend.pace + self.step).min(self.max);
        }
        let stop = trend.stop;
        let next = stop + trend.pace * (trend.extreme - stop);
        trend.stop = bar.outside(before, trend.rising, next);
        (stop, trend)
    }
}

impl Indicator for Psar {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        outputs[0] = f64::NAN;
        let [high, low] = *inputs else { return };
        if high.is_nan() || low.is_nan() {
            return;
        }
        let bar = Bar { high, low };
        // The second bar is held against itself, not against the first: so TA-Lib begins.
        let Some(before) = self.before.replace(bar) else { return };
        let (trend, before) = match self.trend {
            Some(trend) => (trend, before),
            None => (self.start(before, bar), bar),
        };
        let (stop, trend) = self.advance(trend, before, bar);
        self.trend = Some(trend);
        outputs[0] = stop;
    }
}
