//! Average directional index.

use super::Entry;
use super::directional::Directional;
use super::piecewise::{Piecewise, columns};
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "adx",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "Wilder's average directional index: how one-sided movement is, 0 to 100 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 2, 5000, "bars of each seed, and of Wilder's weight 1 / length")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "0 to 100")],
        warm_up: |n| 2 * (n[0] as usize) - 1,
        settle: |n| Settle::Bars(2 * (n[0] as usize) - 1 + fading_cascade(1.0 / n[0], 2)),
        formula: "the Wilder average of 100 * |p - m| / (p + m), p = plus_di(length), m = minus_di(length); seed: the mean of the first `length` of these",
        edge_cases: "No movement at all since the start gives 0. A bar with a missing value is passed over: the next movement is taken against the last present bar.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); conventions of TA-Lib ADX.",
        version: 1,
    },
    build: |n| {
        Box::new(Adx { directional: Directional::new(n[0] as usize), average: Smoothing::wilder(n[0] as usize) })
    },
};

struct Adx {
    directional: Directional,
    average: Smoothing,
}

impl Piecewise for Adx {
    const SCRATCH: usize = 3 + Directional::SCRATCH;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        let (own, lent) = scratch.split_at_mut(3 * high.len());
        let [up, down, index] = columns(own);
        self.directional.block([high, low, close], [up, down], index, lent);
        for ((index, up), down) in index.iter_mut().zip(up.iter()).zip(down.iter()) {
            let both = up + down;
            *index = if both == 0.0 { 0.0 } else { 100.0 * ((up - down).abs() / both) };
        }
        self.average.block(index, answers);
    }
}
