//! Stochastic oscillator.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::{Highest, Lowest, Mean};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, member};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "stoch",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The stochastic oscillator: where the close lies in the range of the last bars, smoothed, 0 to 100 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[
            length("k_length", 14, 1, 5000, "bars of the range, this one included"),
            length("k_smooth", 3, 1, 5000, "bars that k is averaged over; 1 is the fast stochastic"),
            length("d_smooth", 3, 1, 5000, "bars that d is averaged over"),
        ],
        outputs: &[
            member("k", UnitRule::Fixed(Unit::PercentPoints), "the position in the range, smoothed"),
            member("d", UnitRule::Fixed(Unit::PercentPoints), "k, smoothed again"),
        ],
        warm_up: |n| (n[0] + n[1] + n[2]) as usize - 3,
        settle: |n| Settle::Bars((n[0] + n[1] + n[2]) as usize - 3),
        formula: "k = sma(100 * (close - l) / (h - l), k_smooth), d = sma(k, d_smooth); h and l the highest high and lowest low of the last `k_length` bars",
        edge_cases: "A range of nothing gives 0, as in TA-Lib. Missing while a missing value is in a window; both members begin together and are missing together.",
        source: "G. C. Lane, Lane's Stochastics (1984); conventions of TA-Lib STOCH.",
        version: 1,
    },
    build: |n| Box::new(Stoch::new(n[0] as usize, n[1] as usize, n[2] as usize)),
};

struct Stoch {
    highest: Highest,
    lowest: Lowest,
    k: Mean,
    d: Mean,
}

impl Stoch {
    fn new(length: usize, k: usize, d: usize) -> Self {
        Self { highest: Highest::new(length), lowest: Lowest::new(length), k: Mean::new(k), d: Mean::new(d) }
    }
}

impl Piecewise for Stoch {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [k, d]) = (inputs, outputs) else { return };
        let [top, bottom] = columns(scratch);
        self.highest.block(high, top);
        self.lowest.block(low, bottom);
        position_in_range(close, bottom, top, 0.0);
        self.k.block(top, k);
        self.d.block(k, d);
        for (k, d) in k.iter_mut().zip(d.iter()) {
            *k = if d.is_nan() { f64::NAN } else { *k };
        }
    }
}

/// Replaces each top by where the value lies between bottom and top, 0 to 100; 0 in a range up to `nothing`.
pub fn position_in_range(values: &[f64], bottoms: &[f64], tops: &mut [f64], nothing: f64) {
    for ((top, bottom), value) in tops.iter_mut().zip(bottoms).zip(values) {
        let range = *top - bottom;
        let position = 100.0 * ((value - bottom) / range);
        *top = if range <= nothing { 0.0 } else { position };
    }
}
