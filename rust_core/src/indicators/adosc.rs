//! Chaikin oscillator.

use super::Entry;
use super::money_flow::Line;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "adosc",
        kind: Kind::TimeSeries,
        family: "volume",
        summary: "The Chaikin oscillator: a fast less a slow exponential average of the accumulation/distribution \
                  line, in shares.",
        reads: &[Field::High, Field::Low, Field::Close, Field::Volume],
        params: &[
            length("fast", 3, 1, 5000, "bars of the fast average, weight 2 / (fast + 1)"),
            length("slow", 10, 1, 5000, "bars of the slow average, weight 2 / (slow + 1)"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::VOLUME), "fast average less slow average")],
        warm_up: |n| n[0].max(n[1]) as usize - 1,
        settle: |n| Settle::Bars(fading(2.0 / (n[0].max(n[1]) + 1.0)).max(n[0].max(n[1]) as usize - 1)),
        formula: "ema(ad, fast) - ema(ad, slow), both averages beginning with the line's first value",
        edge_cases: "Not the difference of two `ema` of `ad`, whose seed is a mean: the first value is the seed here, \
                     as in TA-Lib. A bar with a missing value is answered by a missing value; line and averages wait.",
        source: "M. Chaikin; conventions of TA-Lib ADOSC.",
        version: 1,
    },
    build: |n| Box::new(Adosc::new(n[0], n[1])),
};

struct Adosc {
    line: Line,
    fast: Smoothing,
    slow: Smoothing,
    /// Bars with a value that are still to come before the answer has one.
    cold: usize,
}

impl Adosc {
    fn new(fast: f64, slow: f64) -> Self {
        // A seed of one value.
        let average = |length: f64| Smoothing::new(2.0 / (length + 1.0), 1, 0);
        Self { line: Line::default(), fast: average(fast), slow: average(slow), cold: fast.max(slow) as usize - 1 }
    }
}

impl Piecewise for Adosc {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close, volume], [oscillator]) = (inputs, outputs) else { return };
        let [line, slow] = columns(scratch);
        self.line.block(high, low, close, volume, line);
        self.fast.block(line, oscillator);
        self.slow.block(line, slow);
        for (value, slow) in oscillator.iter_mut().zip(slow.iter()) {
            *value -= slow;
            if self.cold > 0 && !value.is_nan() {
                (self.cold, *value) = (self.cold - 1, f64::NAN);
            }
        }
    }
}
