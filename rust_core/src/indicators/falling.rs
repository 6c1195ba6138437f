//! Whether a series has gone falling bar after bar.

use super::Entry;
use super::piecewise::Piecewise;
use super::truth::{Run, above};
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "falling",
        kind: Kind::TimeSeries,
        family: "event",
        summary: "Whether the series was lower than the bar before on each of the last `length` bars.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what moves"),
            required_length("length", 1, 5000, "how many moves in a row; it reads one bar more"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "x[t] < x[t-1] and ... and x[t-length+1] < x[t-length]",
        edge_cases: "Strict: an unchanged value, or one within a relative 1e-12, ends the run. One comparison that \
                     fails makes it false; otherwise a missing value among the `length` + 1 read makes it missing.",
        source: "Textbook definition, with the engine's rule for ties between computed numbers.",
        version: 1,
    },
    build: |n| Box::new(Falling { before: Delay::new(1), started: false, run: Run::new(n[0] as usize) }),
};

struct Falling {
    before: Delay,
    started: bool,
    run: Run,
}

impl Piecewise for Falling {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [runs]) = (inputs, outputs) else { return };
        self.before.block(values, runs);
        for (run, now) in runs.iter_mut().zip(*values) {
            *run = above(*run, *now);
        }
        // The first bar has nothing before it: no comparison, not even a missing one.
        let first = usize::from(!std::mem::replace(&mut self.started, true)).min(runs.len());
        self.run.block(&mut runs[first..]);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn falling_needs_each_move_to_be_strictly_down() {
        // Moves: down, down, flat, down, down, missing, missing, down, down, up.
        expect("falling", &[2.0], &["9 8 7 7 6 5 _ 4 3 2 3"], "_ _ T F F T _ _ _ T F");
        expect("falling", &[2.0], &["1 1 _ 3 2 1"], "_ _ F _ _ T");
    }
}
