//! Moving skewness.

use super::Entry;
use super::flat::is_flat;
use super::piecewise::{Piecewise, columns};
use super::shape::Shape;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "skew",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The skewness of the last `length` values, a ratio: above 0 with a long upper tail, below 0 with a \
                  long lower one.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "whose shape to measure"),
            required_length("length", 3, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the skewness")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "m3 / m2^1.5, m_k = sum((x[t-i] - mean)^k) / length; of the population, without a correction for \
                  small samples",
        edge_cases: "Missing when the window is flat (all values within a relative 1e-12). Missing while a missing \
                     value is in the window.",
        source: "R. A. Fisher's g1; scipy.stats.skew.",
        version: 1,
    },
    build: |n| Box::new(Skew { length: n[0], shape: Shape::new(n[0] as usize) }),
};

struct Skew {
    length: f64,
    shape: Shape,
}

impl Piecewise for Skew {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [skew]) = (inputs, outputs) else { return };
        let [second, fourth] = columns(scratch);
        self.shape.block(values, second, skew, fourth);
        for ((skew, second), value) in skew.iter_mut().zip(second.iter()).zip(*values) {
            let flat = is_flat(self.length * second, self.length, *value);
            *skew = if flat { f64::NAN } else { *skew / (second * second.sqrt()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn skew_of_a_window_worked_by_hand() {
        // 0 0 3: mean 1, m2 = (1 + 1 + 4) / 3 = 2, m3 = (-1 - 1 + 8) / 3 = 2: 2 / 2^1.5 = 0.707106781...
        expect("skew", &[3.0], &["0 0 3 3 3 _ 1"], "_ _ 0.7071067811865476 -0.7071067811865476 _ _ _");
    }
}
