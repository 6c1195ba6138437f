//! Moving skewness.

use super::Entry;
use super::piecewise::Piecewise;
use super::shape::Skewness;
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
    build: |n| Box::new(Skew(Skewness::new(n[0] as usize))),
};

struct Skew(Skewness);

impl Piecewise for Skew {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [skews]) = (inputs, outputs) else { return };
        self.0.block(values, skews);
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
