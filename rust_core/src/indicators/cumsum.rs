//! Running total.

use super::{Entry, Indicator};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cumsum",
        kind: Kind::TimeSeries,
        family: "window",
        summary: "The total of all values up to this bar, in the unit of the series.",
        reads: &[],
        params: &[series("series", Accepts::Series, "what to add up")],
        outputs: &[output(UnitRule::Same, "the total so far")],
        warm_up: |_| 0,
        settle: |_| Settle::Never,
        formula: "s[t] = s[t-1] + x[t]; s before the first bar is 0",
        edge_cases: "Missing on a bar whose value is missing; the total waits there and goes on with the next value. \
                     It depends on where the history begins, so compare it with its own past, not with a number.",
        source: "Textbook definition.",
        version: 1,
    },
    build: |_| Box::new(CumSum { total: 0.0 }),
};

struct CumSum {
    total: f64,
}

impl CumSum {
    fn next(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        self.total += value;
        self.total
    }
}

impl Indicator for CumSum {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        outputs[0] = self.next(inputs[0]);
    }

    fn block(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        for (out, &value) in outputs[0].iter_mut().zip(inputs[0]) {
            *out = self.next(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn cumsum_waits_at_a_gap() {
        expect("cumsum", &[], &["1 2 _ 4 -3"], "1 3 _ 7 4");
    }
}
