//! Whether a condition has held for some bars in a row.

use super::Entry;
use super::piecewise::Piecewise;
use super::truth::Run;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "held_for",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "Whether the condition was true on each of the last `length` bars.",
        reads: &[],
        params: &[
            series("condition", Accepts::BooleanSeries, "what must have held"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "c[t] and c[t-1] and ... and c[t-length+1]",
        edge_cases: "Kleene's three values: one false in the window makes it false even beside missing ones; otherwise \
                     a missing condition in the window makes it missing. Missing until `length` bars have been seen.",
        source: "Textbook definition; S. C. Kleene, Introduction to Metamathematics (1952), strong connectives.",
        version: 1,
    },
    build: |n| Box::new(HeldFor { run: Run::new(n[0] as usize) }),
};

struct HeldFor {
    run: Run,
}

impl Piecewise for HeldFor {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([conditions], [held]) = (inputs, outputs) else { return };
        held.copy_from_slice(conditions);
        self.run.block(held);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn held_for_needs_every_bar_and_one_false_settles_it() {
        expect("held_for", &[3.0], &["T T T T F T _ T T T T"], "_ _ T T F F F _ _ T T");
        expect("held_for", &[1.0], &["T _ F"], "T _ F");
    }
}
