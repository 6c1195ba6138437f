//! Positive directional indicator.

use super::Entry;
use super::directional::Directional;
use super::piecewise::{Piecewise, columns};
use super::smoothing::fading;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "plus_di",
        kind: Kind::TimeSeries,
        family: "trend",
        summary: "The share of movement up in the true range, both in Wilder's smoothing, 0 to 100 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 14, 2, 5000, "bars of the seed, and of Wilder's weight 1 / length")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "0 to 100")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(1.0 / n[0])),
        formula: "100 * m / r, m and r Wilder averages of the movement high[t] - high[t-1] where it is positive and above low[t-1] - low[t] (else 0), and of the true range; seed: the first `length` - 1 of both, taken as `length` with a first of 0",
        edge_cases: "A bar with a missing value is passed over: the next movement is taken against the last present bar. Ranges of nothing since the start give 0.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); conventions of TA-Lib PLUS_DI.",
        version: 1,
    },
    build: |n| Box::new(PlusDi(Directional::new(n[0] as usize))),
};

struct PlusDi(Directional);

impl Piecewise for PlusDi {
    const SCRATCH: usize = 2 + Directional::SCRATCH;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        let (own, lent) = scratch.split_at_mut(2 * high.len());
        let [other, range] = columns(own);
        self.0.block([high, low, close], [answers, other], range, lent);
        for (answer, range) in answers.iter_mut().zip(range) {
            *answer = if *range == 0.0 { 0.0 } else { 100.0 * (*answer / *range) };
        }
    }
}
