//! Moving beta.

use super::Entry;
use super::piecewise::Piecewise;
use super::window::Slope;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "beta",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The slope of x on y over the last `length` pairs of values: how much x moves with one unit of y, in \
                  the unit of x per unit of y.",
        reads: &[],
        params: &[
            series("x", Accepts::Series, "what is explained: the stock's returns"),
            series("y", Accepts::Series, "what explains it: the market's returns"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Quotient, "the slope")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum((x - mean x) * (y - mean y)) / sum((y - mean y)^2), over `length` pairs",
        edge_cases: "It takes the two series as given: the usual beta is that of returns, `beta(change_ratio(close, \
                     1), change_ratio(symbol(\"SPY\", close), 1), 252)`, where TA-Lib BETA makes returns of prices by \
                     itself and has its arguments the other way round. Missing when y is flat in the window (all \
                     values within a relative 1e-12), and while one value of a pair in the window is missing.",
        source: "Textbook definition of ordinary least squares.",
        version: 1,
    },
    build: |n| Box::new(Beta(Slope::new(n[0] as usize))),
};

struct Beta(Slope);

impl Piecewise for Beta {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([x, y], [slopes]) = (inputs, outputs) else { return };
        self.0.block(x, y, slopes);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn beta_of_windows_worked_by_hand() {
        // x on y: x 2 4 6 moves two for each of y 1 2 3. x 4 6 2 on y 2 3 4: -2 / 2. Then a gap, then a flat y.
        expect("beta", &[3.0], &["2 4 6 2 1 1 2 3", "1 2 3 4 _ 5 5 5"], "_ _ 2 -1 _ _ _ _");
    }
}
