//! How often a condition held.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
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
    build: |n| Box::new(Count { leaving: Delay::new(n[0] as usize), length: n[0] as u64, held: 0, known: 0 }),
};

struct Count {
    leaving: Delay,
    length: u64,
    held: u64,
    /// Bars in a row, up to this one, whose condition is known.
    known: u64,
}

/// 1 for true, 0 for false and missing.
fn weight(condition: f64) -> u64 {
    u64::from(condition != 0.0 && !condition.is_nan())
}

impl Piecewise for Count {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([conditions], [counts]) = (inputs, outputs) else { return };
        self.leaving.block(conditions, counts);
        for (count, &entering) in counts.iter_mut().zip(*conditions) {
            self.held = self.held + weight(entering) - weight(*count);
            self.known = if entering.is_nan() { 0 } else { self.known + 1 };
            *count = if self.known >= self.length { self.held as f64 } else { f64::NAN };
        }
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
