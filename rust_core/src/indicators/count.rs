//! How often a condition held.

use super::delay::Delay;
use super::{Entry, Indicator};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "count",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "On how many of the last `length` bars the condition was true, a count.",
        reads: &[],
        params: &[
            series("condition", Accepts::BooleanSeries, "what to count"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Count), "true bars in the window, 0 to `length`")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "c[t] + c[t-1] + ... + c[t-length+1], true being 1 and false 0",
        edge_cases: "Missing while a missing condition is in the window: it might have been true.",
        source: "Textbook definition.",
        version: 1,
    },
    build: |n| Box::new(Count { window: Delay::new(n[0] as usize), tally: Tally::new(n[0] as usize) }),
};

struct Count {
    window: Delay,
    tally: Tally,
}

struct Tally {
    length: u64,
    held: u64,
    /// Bars in a row, up to this one, whose condition is known.
    known: u64,
}

impl Tally {
    fn new(length: usize) -> Self {
        Self { length: length as u64, held: 0, known: 0 }
    }

    fn next(&mut self, entering: f64, leaving: f64) -> f64 {
        let holds = |value: f64| u64::from(value != 0.0 && !value.is_nan());
        self.held = self.held + holds(entering) - holds(leaving);
        self.known = if entering.is_nan() { 0 } else { self.known + 1 };
        if self.known >= self.length { self.held as f64 } else { f64::NAN }
    }
}

impl Indicator for Count {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let leaving = self.window.push(inputs[0]);
        outputs[0] = self.tally.next(inputs[0], leaving);
    }

    fn block(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let tally = &mut self.tally;
        self.window.block(inputs[0], outputs[0], |entering, leaving| tally.next(entering, leaving));
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn count_is_missing_while_a_condition_in_the_window_is() {
        expect("count", &[3.0], &["T F T T _ T F F T T"], "_ _ 2 2 _ _ _ 1 1 2");
        expect("count", &[1.0], &["T _ F"], "1 _ 0");
    }
}
