//! Bars since a condition was last true.

use super::truth::read;
use super::{Entry, Indicator};
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
    build: |_| Box::new(BarsSince { bars: None }),
};

struct BarsSince {
    bars: Option<u64>,
}

impl Indicator for BarsSince {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let holds = read(inputs[0]);
        self.bars = if holds == Some(true) { Some(0) } else { self.bars.map(|bars| bars + 1) };
        outputs[0] = match (holds, self.bars) {
            (Some(_), Some(bars)) => bars as f64,
            _ => f64::NAN,
        };
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
