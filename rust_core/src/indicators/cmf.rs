//! Chaikin money flow.

use super::Entry;
use super::money_flow::flows;
use super::piecewise::{Piecewise, columns};
use super::window::Sum;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cmf",
        kind: Kind::TimeSeries,
        family: "volume",
        summary: "Chaikin money flow: volume weighted by where the close lies in its bar's range, over all volume, of \
                  the last `length` bars; a ratio from -1 to 1.",
        reads: &[Field::High, Field::Low, Field::Close, Field::Volume],
        params: &[length("length", 20, 1, 5000, "bars, this one included")],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the flow")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum(volume * ((close - low) - (high - close)) / (high - low)) / sum(volume), over `length` bars",
        edge_cases: "A bar without a range (high = low) flows neither way, though its volume counts. Missing when \
                     nothing was traded in the window, and while a bar with a missing value is in it.",
        source: "M. Chaikin's money flow, as in S. B. Achelis, Technical Analysis from A to Z (1995).",
        version: 1,
    },
    build: |n| Box::new(Cmf { flow: Sum::new(n[0] as usize), volume: Sum::new(n[0] as usize) }),
};

struct Cmf {
    flow: Sum,
    volume: Sum,
}

impl Piecewise for Cmf {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close, volume], [ratio]) = (inputs, outputs) else { return };
        let [traded, total] = columns(scratch);
        flows(high, low, close, volume, traded);
        self.flow.block(traded, ratio);
        self.volume.block(volume, total);
        for (ratio, total) in ratio.iter_mut().zip(total.iter()) {
            *ratio = if *total == 0.0 { f64::NAN } else { *ratio / total };
        }
    }
}
