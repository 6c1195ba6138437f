//! Change against an earlier bar.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, output, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "diff",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "The change of the series over `bars` bars, in its unit; of a level, a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what changes"),
            length("bars", 1, 1, 5000, "how many bars back to compare with"),
        ],
        outputs: &[output(UnitRule::Difference, "the change")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "x[t] - x[t-bars]",
        edge_cases: "Missing when either of the two values is missing; values between them do not matter.",
        source: "Textbook definition; the results of TA-Lib MOM.",
        version: 1,
    },
    build: |n| Box::new(Diff { past: Delay::new(n[0] as usize) }),
};

struct Diff {
    past: Delay,
}

impl Piecewise for Diff {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [change]) = (inputs, outputs) else { return };
        self.past.block(values, change);
        for (change, now) in change.iter_mut().zip(*values) {
            *change = now - *change;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn diff_subtracts_the_earlier_value() {
        expect("diff", &[1.0], &["1 4 _ 4 9"], "_ 3 _ _ 5");
        expect("diff", &[2.0], &["1 4 _ 4 9"], "_ _ _ 0 _");
    }
}
