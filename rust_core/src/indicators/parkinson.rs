//! Range volatility.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Sum;
use crate::maths;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "parkinson",
        kind: Kind::TimeSeries,
        family: "volatility",
        summary: "Parkinson's volatility of one bar, from the ranges of the last `length` bars; a ratio of the price.",
        reads: &[Field::High, Field::Low],
        params: &[length("length", 20, 1, 5000, "bars, this one included")],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the volatility, 0 or more")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sqrt(sum(ln(high / low)^2) / (4 * ln(2) * length)), over `length` bars; times the root of 252 it is \
                  that of a year of daily bars",
        edge_cases: "Bars without a range (high = low) add nothing. Gaps between bars are not seen, so it lies under \
                     the volatility from close to close. Missing while a bar with a missing price is in the window.",
        source: "M. Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of \
                 Business 53 (1980).",
        version: 1,
    },
    build: |n| Box::new(Parkinson { per_bar: 1.0 / (4.0 * maths::ln(2.0) * n[0]), squares: Sum::new(n[0] as usize) }),
};

struct Parkinson {
    /// 1 / (4 ln 2 length).
    per_bar: f64,
    squares: Sum,
}

impl Piecewise for Parkinson {
    const SCRATCH: usize = 1;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low], [volatility]) = (inputs, outputs) else { return };
        let [squares] = columns(scratch);
        for ((square, high), low) in squares.iter_mut().zip(*high).zip(*low) {
            let range = maths::ln(high / low);
            *square = range * range;
        }
        self.squares.block(squares, volatility);
        volatility.iter_mut().for_each(|sum| *sum = (*sum * self.per_bar).sqrt());
    }
}
