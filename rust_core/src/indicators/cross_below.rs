//! Whether one series has just crossed below another.

use super::Entry;
use super::cross_above::CrossAbove;
use super::piecewise::{Piecewise, columns};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cross_below",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "Whether `a` was at or above `b` on the bar before and is below it now.",
        reads: &[],
        params: &[
            series("a", Accepts::Series, "what crosses"),
            series("b", Accepts::SameSeries, "the line that is crossed; a series or a constant"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
        warm_up: |_| 1,
        settle: |_| Settle::Bars(1),
        formula: "a[t-1] >= b[t-1] and a[t] < b[t]",
        edge_cases: "Values within a relative 1e-12 are equal, so a line that is only touched is not crossed, and the \
                     bar that leaves it is the crossing. Missing on the first bar. After that Kleene's three values: \
                     false as soon as one of the two comparisons fails, missing when that cannot be known. A crossing \
                     hidden by a missing bar is not reported later.",
        source: "Textbook definition, with the engine's rule for ties between computed numbers.",
        version: 1,
    },
    build: |_| Box::new(CrossBelow(CrossAbove::new())),
};

/// `a` crosses below `b` exactly when `b` crosses above `a`.
struct CrossBelow(CrossAbove);

impl Piecewise for CrossBelow {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([a, b], [crosses]) = (inputs, outputs) else { return };
        let [is_above] = columns(scratch);
        self.0.block(b, a, is_above, crosses);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn a_touch_is_no_crossing_and_leaving_the_line_is() {
        expect("cross_below", &[], &["3 2 1 2 3 1 0 2 1", "2 2 2 2 2 2 2 2 2"], "_ F T F F T F F T");
    }

    #[test]
    fn a_missing_line_hides_the_crossing_unless_one_side_fails() {
        expect("cross_below", &[], &["3 3 1 1 1 3 1", "2 _ 2 2 _ 2 2"], "_ _ _ F F F T");
    }
}
