//! Whether one series has just crossed above another.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::truth::{above, and_not};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cross_above",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "Whether `a` was at or below `b` on the bar before and is above it now.",
        reads: &[],
        params: &[
            series("a", Accepts::Series, "what crosses"),
            series("b", Accepts::SameSeries, "the line that is crossed; a series or a constant"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
        warm_up: |_| 1,
        settle: |_| Settle::Bars(1),
        formula: "a[t-1] <= b[t-1] and a[t] > b[t]",
        edge_cases: "Values within a relative 1e-12 are equal, so a line that is only touched is not crossed, and the \
                     bar that leaves it is the crossing. Missing on the first bar. After that Kleene's three values: \
                     false as soon as one of the two comparisons fails, missing when that cannot be known. A crossing \
                     hidden by a missing bar is not reported later.",
        source: "Textbook definition, with the engine's rule for ties between computed numbers.",
        version: 1,
    },
    build: |_| Box::new(CrossAbove::new()),
};

pub(super) struct CrossAbove {
    /// On the bar before; missing before the first.
    was_above: f64,
    started: bool,
}

impl CrossAbove {
    pub(super) fn new() -> Self {
        Self { was_above: f64::NAN, started: false }
    }

    /// Writes whether `a` crosses above `b` at each bar; `is_above` is room to work in.
    pub(super) fn block(&mut self, a: &[f64], b: &[f64], is_above: &mut [f64], crosses: &mut [f64]) {
        let Some((first, later)) = crosses.split_first_mut() else { return };
        let mut missing = self.was_above.is_nan();
        for ((is_above, a), b) in is_above.iter_mut().zip(a).zip(b) {
            *is_above = above(*a, *b);
            missing |= is_above.is_nan();
        }
        *first = if self.started { and_not(is_above[0], self.was_above) } else { f64::NAN };
        let pairs = later.iter_mut().zip(is_above.iter().zip(&is_above[1..]));
        if missing {
            pairs.for_each(|(crosses, (before, now))| *crosses = and_not(*now, *before));
        } else {
            // Of two known truths, 1.0 and not 1.0 is 0.0 bit by bit.
            pairs.for_each(|(crosses, (before, now))| *crosses = f64::from_bits(now.to_bits() & !before.to_bits()));
        }
        (self.was_above, self.started) = (is_above[is_above.len() - 1], true);
    }
}

impl Piecewise for CrossAbove {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([a, b], [crosses]) = (inputs, outputs) else { return };
        let [is_above] = columns(scratch);
        self.block(a, b, is_above, crosses);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn a_touch_is_no_crossing_and_leaving_the_line_is() {
        expect("cross_above", &[], &["1 2 3 2 1 3 4 2 3", "2 2 2 2 2 2 2 2 2"], "_ F T F F T F F T");
    }

    #[test]
    fn a_missing_bar_hides_the_crossing_unless_one_side_fails() {
        // Bar 1: unknown. Bar 2: above now, before unknown. Bar 4: unknown. Bar 5: below now, so false whatever was.
        expect("cross_above", &[], &["1 _ 3 4 _ 1 3", "2 2 2 2 2 2 2"], "_ _ _ F F F T");
    }

    #[test]
    fn rounding_does_not_cross() {
        expect("cross_above", &[], &["0.3 0.30000000000000004 0.4", "0.3 0.3 0.3"], "_ F T");
    }
}
