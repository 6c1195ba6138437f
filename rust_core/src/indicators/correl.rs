//! Moving correlation.

use super::Entry;
use super::flat::is_flat;
use super::piecewise::{Piecewise, columns};
use super::window::Comoments;
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
    build: |n| Box::new(Correl { length: n[0], sums: Comoments::new(n[0] as usize) }),
};

struct Correl {
    length: f64,
    sums: Comoments,
}

impl Piecewise for Correl {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([x, y], [correlation]) = (inputs, outputs) else { return };
        let [xx, yy] = columns(scratch);
        self.sums.block(x, y, xx, yy, correlation);
        for ((((result, xx), yy), x), y) in correlation.iter_mut().zip(xx.iter()).zip(yy.iter()).zip(*x).zip(*y) {
            let flat = is_flat(*xx, self.length, *x) | is_flat(*yy, self.length, *y);
            // Clamping keeps a perfect correlation from exceeding 1 in the last bit.
            *result = if flat { 0.0 } else { (*result / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0) };
        }
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
