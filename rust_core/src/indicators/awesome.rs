//! Awesome oscillator.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Mean;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "awesome",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "A faster less a slower simple average of the bars' middle, a distance in dollars.",
        reads: &[Field::High, Field::Low],
        params: &[
            length("fast", 5, 1, 5000, "bars of the faster average"),
            length("slow", 34, 1, 5000, "bars of the slower average"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::DISTANCE), "the difference of the averages")],
        warm_up: |n| n[0].max(n[1]) as usize - 1,
        settle: |n| Settle::Bars(n[0].max(n[1]) as usize - 1),
        formula: "sma(m, fast) - sma(m, slow), m = (high + low) / 2",
        edge_cases: "Missing while a missing value is in the window.",
        source: "B. Williams, New Trading Dimensions (1998).",
        version: 1,
    },
    build: |n| Box::new(Awesome { fast: Mean::new(n[0] as usize), slow: Mean::new(n[1] as usize) }),
};

struct Awesome {
    fast: Mean,
    slow: Mean,
}

impl Piecewise for Awesome {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low], [answers]) = (inputs, outputs) else { return };
        let [middle, slow] = columns(scratch);
        for ((middle, high), low) in middle.iter_mut().zip(*high).zip(*low) {
            *middle = (high + low) / 2.0;
        }
        self.fast.block(middle, answers);
        self.slow.block(middle, slow);
        for (answer, slow) in answers.iter_mut().zip(slow) {
            *answer -= *slow;
        }
    }
}
