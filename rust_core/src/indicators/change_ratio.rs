//! Relative change against an earlier bar.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "change_ratio",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "The relative change of the series over `bars` bars, a ratio: 0.05 is a rise of 5%.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what changes"),
            required_length("bars", 1, 5000, "how many bars back to compare with"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the relative change")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "x[t] / x[t-bars] - 1",
        edge_cases: "Missing when either value is missing or the earlier one is zero. Of a series that changes sign \
                     the figure is what the formula says, and seldom what is meant.",
        source: "Textbook definition (simple return); TA-Lib ROCP is the same up to rounding, `roc` is a hundred \
                 times it.",
        version: 1,
    },
    build: |n| Box::new(ChangeRatio { past: Delay::new(n[0] as usize) }),
};

struct ChangeRatio {
    past: Delay,
}

impl Piecewise for ChangeRatio {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [change]) = (inputs, outputs) else { return };
        self.past.block(values, change);
        for (change, now) in change.iter_mut().zip(*values) {
            let then = *change;
            *change = if then == 0.0 { f64::NAN } else { now / then - 1.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn change_ratio_is_missing_after_zero_and_beside_gaps() {
        // 4 / 2 - 1 = 1; 1 / 4 - 1 = -0.75; 0 / 1 - 1 = -1; nothing can be said of a rise from 0.
        expect("change_ratio", &[1.0], &["2 4 1 0 5 _ 5"], "_ 1 -0.75 -1 _ _ _");
    }
}
