//! Bars since a condition was last true.

use super::Entry;
use super::piecewise::Piecewise;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "bars_since",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "How many bars ago the condition was last true, a count; 0 when it is true now.",
        reads: &[],
        params: &[series("condition", Accepts::BooleanSeries, "what to wait for")],
        outputs: &[output(UnitRule::Fixed(Unit::Count), "bars since it was true")],
        warm_up: |_| 0,
        settle: |_| Settle::Never,
        formula: "0 where the condition is true, else the value of the bar before plus 1",
        edge_cases: "Missing until the condition was true for the first time, so the earliest possible value stands on \
                     the first bar. On a bar whose condition is missing the answer is missing, that bar is counted, \
                     and the next known bar goes on from the last known true one.",
        source: "Textbook definition; ta.barssince of Pine Script.",
        version: 1,
    },
    build: |_| Box::new(BarsSince { bars: f64::NAN }),
};

struct BarsSince {
    /// NaN until the condition was true.
    bars: f64,
}

impl Piecewise for BarsSince {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([conditions], [since]) = (inputs, outputs) else { return };
        for (since, &condition) in since.iter_mut().zip(*conditions) {
            let missing = condition.is_nan();
            let holds = (condition != 0.0) & !missing;
            self.bars = if holds { 0.0 } else { self.bars + 1.0 };
            *since = if missing { f64::NAN } else { self.bars };
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn bars_since_starts_with_the_first_true_bar_and_counts_missing_ones() {
        expect("bars_since", &[], &["F _ T F F T _ F _ T"], "_ _ 0 1 2 0 _ 2 _ 0");
        expect("bars_since", &[], &["T F"], "0 1");
    }
}
