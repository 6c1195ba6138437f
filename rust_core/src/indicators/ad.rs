//! Accumulation/distribution line.

use super::Entry;
use super::money_flow::Line;
use super::piecewise::Piecewise;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "ad",
        kind: Kind::TimeSeries,
        family: "volume",
        summary: "The accumulation/distribution line: the running total of volume weighted by where the close lies in \
                  its bar's range, in shares.",
        reads: &[Field::High, Field::Low, Field::Close, Field::Volume],
        params: &[],
        outputs: &[output(UnitRule::Fixed(Unit::VOLUME), "the total so far")],
        warm_up: |_| 0,
        settle: |_| Settle::Never,
        formula: "ad[t] = ad[t-1] + volume * ((close - low) - (high - close)) / (high - low); ad before the first bar \
                  is 0",
        edge_cases: "A bar without a range (high = low) adds nothing. A bar with a missing value is answered by a \
                     missing value, and the total waits. Its height depends on where the history begins: compare it \
                     with its own past.",
        source: "M. Chaikin's line; conventions of TA-Lib AD.",
        version: 1,
    },
    build: |_| Box::new(Ad { line: Line::default() }),
};

struct Ad {
    line: Line,
}

impl Piecewise for Ad {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([high, low, close, volume], [line]) = (inputs, outputs) else { return };
        self.line.block(high, low, close, volume, line);
    }
}
