//! Whether a condition held at least once in the last bars.

use super::Entry;
use super::piecewise::Piecewise;
use super::truth::{Run, not};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "within",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "Whether the condition was true on at least one of the last `length` bars.",
        reads: &[],
        params: &[
            series("condition", Accepts::BooleanSeries, "what may have held"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "c[t] or c[t-1] or ... or c[t-length+1]",
        edge_cases: "Kleene's three values: one true in the window makes it true even beside missing ones; otherwise a \
                     missing condition in the window makes it missing. Missing until `length` bars have been seen.",
        source: "Textbook definition; S. C. Kleene, Introduction to Metamathematics (1952), strong connectives.",
        version: 1,
    },
    build: |n| Box::new(Within { absent: Run::new(n[0] as usize) }),
};

/// "Some bar held" is "not every bar failed", missing values included.
struct Within {
    absent: Run,
}

impl Piecewise for Within {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([conditions], [held]) = (inputs, outputs) else { return };
        for (absent, condition) in held.iter_mut().zip(*conditions) {
            *absent = not(*condition);
        }
        self.absent.block(held);
        held.iter_mut().for_each(|absent| *absent = not(*absent));
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn within_needs_one_bar_and_one_true_settles_it() {
        expect("within", &[3.0], &["T F F F _ F T F _ F F F"], "_ _ T F _ _ T T T _ _ F");
        expect("within", &[1.0], &["T _ F"], "T _ F");
    }
}
