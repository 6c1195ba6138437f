//! How straight a series runs.

use super::Entry;
use super::flat::is_flat;
use super::piecewise::{Piecewise, columns};
use super::window::{Lean, Moments};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "linreg_r2",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The share of the variance of the last `length` values that a straight line explains, a ratio from 0 \
                  to 1.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to fit"),
            required_length("length", 3, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the coefficient of determination")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "the squared correlation of x with the bar's number, over `length` values",
        edge_cases: "Missing when the window is flat (all values within a relative 1e-12): there is nothing to \
                     explain. Missing while a missing value is in the window.",
        source: "Textbook definition of ordinary least squares.",
        version: 1,
    },
    build: |n| {
        Box::new(LinregR2 {
            length: n[0],
            time: (n[0] * n[0] - 1.0) * n[0] / 12.0,
            lean: Lean::new(n[0] as usize),
            moments: Moments::new(n[0] as usize),
        })
    },
};

struct LinregR2 {
    length: f64,
    /// The sum of squared deviations of the bars' numbers: `(n^3 - n) / 12`.
    time: f64,
    lean: Lean,
    moments: Moments,
}

impl Piecewise for LinregR2 {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [share]) = (inputs, outputs) else { return };
        let [mean, squares] = columns(scratch);
        self.lean.block(values, share);
        self.moments.block(values, mean, squares);
        for ((share, squares), value) in share.iter_mut().zip(squares.iter()).zip(*values) {
            let flat = is_flat(*squares, self.length, *value);
            // Clamping keeps a perfect line from exceeding 1 in the last bit.
            *share = if flat { f64::NAN } else { (*share * *share / (self.time * squares)).clamp(0.0, 1.0) };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn linreg_r2_of_windows_worked_by_hand() {
        // 1 3 5 is a line. 3 5 4: deviations -1 1 0 with -1 0 1 give 1; 1 / (2 * 2) = 0.25. 4 4 4 is flat.
        expect("linreg_r2", &[3.0], &["1 3 5 4 4 4 _"], "_ _ 1 0.25 0.75 _ _");
    }
}
