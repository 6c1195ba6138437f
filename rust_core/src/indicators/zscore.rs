//! Distance from the mean in standard deviations.

use super::Entry;
use super::flat::is_flat;
use super::piecewise::{Piecewise, columns};
use super::window::Moments;
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
    build: |n| Box::new(Zscore { length: n[0], per_length: 1.0 / n[0], moments: Moments::new(n[0] as usize) }),
};

struct Zscore {
    length: f64,
    per_length: f64,
    moments: Moments,
}

impl Piecewise for Zscore {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [scores]) = (inputs, outputs) else { return };
        let [mean] = columns(scratch);
        self.moments.block(values, mean, scores);
        for ((score, mean), value) in scores.iter_mut().zip(mean.iter()).zip(*values) {
            let squares = *score;
            let flat = is_flat(squares, self.length, *value);
            *score = if flat { f64::NAN } else { (value - mean) / (squares * self.per_length).sqrt() };
        }
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
