//! Moving volume-weighted average price.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Sum;
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, output, required_length};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "vwap",
        kind: Kind::TimeSeries,
        family: "volume",
        summary: "The average typical price of the last `length` bars, weighted by volume, a price level.",
        reads: &[Field::High, Field::Low, Field::Close, Field::Volume],
        params: &[required_length("length", 1, 5000, "bars, this one included")],
        outputs: &[output(UnitRule::Fixed(Unit::LEVEL), "the average price")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum(volume * (high + low + close) / 3) / sum(volume), over `length` bars",
        edge_cases: "A moving window, not the average since the session's open. Missing when nothing was traded in \
                     the window, and while a bar with a missing value is in it.",
        source: "Textbook definition on bars; the typical price is that of TA-Lib TYPPRICE.",
        version: 1,
    },
    build: |n| Box::new(Vwap { value: Sum::new(n[0] as usize), volume: Sum::new(n[0] as usize) }),
};

struct Vwap {
    value: Sum,
    volume: Sum,
}

impl Piecewise for Vwap {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close, volume], [price]) = (inputs, outputs) else { return };
        let [traded, total] = columns(scratch);
        for ((((out, high), low), close), volume) in traded.iter_mut().zip(*high).zip(*low).zip(*close).zip(*volume) {
            *out = (high + low + close) / 3.0 * volume;
        }
        self.value.block(traded, price);
        self.volume.block(volume, total);
        for (price, total) in price.iter_mut().zip(total.iter()) {
            *price = if *total == 0.0 { f64::NAN } else { *price / total };
        }
    }
}
