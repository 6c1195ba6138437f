//! Moving kurtosis.

use super::Entry;
use super::piecewise::Piecewise;
use super::shape::ExcessKurtosis;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "kurtosis",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The excess kurtosis of the last `length` values, a ratio: 0 for a normal series, above 0 with \
                  heavier tails.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "whose shape to measure"),
            required_length("length", 4, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the excess kurtosis")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "m4 / m2^2 - 3, m_k = sum((x[t-i] - mean)^k) / length; of the population, without a correction for \
                  small samples",
        edge_cases: "Missing when the window is flat (all values within a relative 1e-12). Missing while a missing \
                     value is in the window.",
        source: "K. Pearson's measure in R. A. Fisher's convention (g2); scipy.stats.kurtosis.",
        version: 1,
    },
    build: |n| Box::new(Kurtosis(ExcessKurtosis::new(n[0] as usize))),
};

struct Kurtosis(ExcessKurtosis);

impl Piecewise for Kurtosis {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [kurtoses]) = (inputs, outputs) else { return };
        self.0.block(values, kurtoses);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn kurtosis_of_a_window_worked_by_hand() {
        // 0 0 0 4: mean 1, m2 = (1 + 1 + 1 + 9) / 4 = 3, m4 = (1 + 1 + 1 + 81) / 4 = 21: 21 / 9 - 3 = -2 / 3.
        expect("kurtosis", &[4.0], &["0 0 0 4 4 4 4 _"], "_ _ _ -0.6666666666666667 -2 -0.6666666666666667 _ _");
    }
}
