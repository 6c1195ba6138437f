//! The value some bars ago.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Delay;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "lag",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "The value of the series `bars` bars ago, in its unit.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to look back at"),
            required_length("bars", 0, 5000, "how many bars back; 0 is this bar"),
        ],
        outputs: &[output(UnitRule::Same, "the earlier value")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "x[t-bars]",
        edge_cases: "Missing where that value is missing. Bars are the symbol's own: a session without a bar does not \
                     count. There is no negative lag, so no value of the future can be read.",
        source: "Textbook definition.",
        version: 1,
    },
    build: |n| Box::new(Lag { past: Delay::new(n[0] as usize) }),
};

struct Lag {
    past: Delay,
}

impl Piecewise for Lag {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [earlier]) = (inputs, outputs) else { return };
        self.past.block(values, earlier);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn lag_shifts_the_series_with_its_gaps() {
        expect("lag", &[2.0], &["1 2 _ 4 5 6"], "_ _ 1 2 _ 4");
        expect("lag", &[0.0], &["1 _ 3"], "1 _ 3");
    }
}
