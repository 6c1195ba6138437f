//! Distance from the mean in standard deviations.

use super::Entry;
use super::flat::is_flat;
use super::piecewise::Piecewise;
use super::window::{Chunks, Tally};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "zscore",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "How many standard deviations this bar's value lies above the mean of the last `length` values, a \
                  ratio.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to standardise"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the score; at most sqrt(length - 1) either way")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(x[t] - mean) / stddev, both over the last `length` values, stddev of the population",
        edge_cases: "Missing when the window is flat (all values within a relative 1e-12): nothing can be said in \
                     units of no spread. Missing while a missing value is in the window. Across symbols: cs_zscore.",
        source: "Textbook definition.",
        version: 1,
    },
    build: |n| Box::new(Zscore(Chunks::new(n[0] as usize, Standing { length: n[0], per_length: 1.0 / n[0] }))),
};

/// Sums of offsets from the anchor and of their squares, and the newest offset.
struct Standing {
    length: f64,
    per_length: f64,
}

impl Tally<1, 2, 1> for Standing {
    const ANCHORED: bool = true;
    const JOINS_APART: bool = true;
    type Sums = [f64; 3];
    /// A window without a newer end ends with the anchor, whose offset is zero.
    const EMPTY: [f64; 3] = [0.0; 3];

    #[inline(always)]
    fn newer(&self, [first, second, _]: [f64; 3], [x]: [f64; 1]) -> [f64; 3] {
        [first + x, second + x * x, x]
    }

    #[inline(always)]
    fn older(&self, sums: [f64; 3], values: [f64; 1]) -> [f64; 3] {
        self.newer(sums, values)
    }

    #[inline(always)]
    fn keep(&self, [first, second, _]: [f64; 3], _: [f64; 1]) -> [f64; 2] {
        [first, second]
    }

    #[inline(always)]
    fn join(&self, older: [f64; 2], [first, second, newest]: [f64; 3], [anchor]: [f64; 1]) -> [f64; 1] {
        let (first, second) = (older[0] + first, older[1] + second);
        let mean = first * self.per_length;
        let squares = second - first * mean;
        let score = (newest - mean) / (squares * self.per_length).sqrt();
        [if is_flat(squares, self.length, anchor) { f64::NAN } else { score }]
    }
}

struct Zscore(Chunks<1, 2, 1, Standing>);

impl Piecewise for Zscore {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [scores]) = (inputs, outputs) else { return };
        self.0.block([values], [scores]);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn zscore_of_a_flat_window_is_missing() {
        // 1 2 3: mean 2, population deviation sqrt(2 / 3), so 1 / 0.816496580927726 = 1.224744871391589.
        expect("zscore", &[3.0], &["1 2 3 3 3 4"], "_ _ 1.224744871391589 0.7071067811865475 _ 1.414213562373095");
        // Three tenths, once as a sum of floats: still flat.
        expect("zscore", &[3.0], &["0.3 0.30000000000000004 0.3"], "_ _ _");
    }
}
