//! Moving correlation.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Correlation;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "correl",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "Pearson's correlation of the last `length` pairs of values, a ratio from -1 to 1.",
        reads: &[],
        params: &[
            series("x", Accepts::Series, "one series"),
            series("y", Accepts::Series, "the other, of any unit"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the correlation")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum((x - mean x) * (y - mean y)) / sqrt(sum((x - mean x)^2) * sum((y - mean y)^2)), over `length` \
                  pairs",
        edge_cases: "0 when one of the windows is flat (all values within a relative 1e-12), as TA-Lib has it. Of \
                     prices it mostly measures that both trend; of `change_ratio(close, 1)` it measures co-movement. \
                     Missing while one value of a pair in the window is missing.",
        source: "K. Pearson; conventions of TA-Lib CORREL.",
        version: 1,
    },
    build: |n| Box::new(Correl(Correlation::new(n[0] as usize))),
};

struct Correl(Correlation);

impl Piecewise for Correl {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([x, y], [correlations]) = (inputs, outputs) else { return };
        self.0.block(x, y, correlations);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn correl_of_windows_worked_by_hand() {
        // 1 2 3 with 2 4 6: 1. 2 3 4 with 4 6 2: x -1 0 1, y 0 2 -2: -2 / sqrt(2 * 8) = -0.5. Then a gap, then flat.
        expect("correl", &[3.0], &["1 2 3 4 5 6 7 8", "2 4 6 2 _ 5 5 5"], "_ _ 1 -0.5 _ _ _ 0");
    }
}
