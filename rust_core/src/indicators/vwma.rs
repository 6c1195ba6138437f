//! Volume-weighted moving average.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::Sum;
use crate::signature::{Accepts, Field, Kind, Settle, Signature, UnitRule, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "vwma",
        kind: Kind::TimeSeries,
        family: "moving average",
        summary: "The mean of the last `length` values weighted by volume, in the unit of the series.",
        reads: &[Field::Volume],
        params: &[
            series("series", Accepts::Series, "what to average"),
            required_length("length", 1, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Same, "the average")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "sum of x * volume / sum of volume, over the last `length` bars",
        edge_cases: "Missing while a missing value is in the window. Missing where the window has no volume.",
        source: "Textbook definition.",
        version: 1,
    },
    build: |n| Box::new(Vwma { weighted: Sum::new(n[0] as usize), volume: Sum::new(n[0] as usize) }),
};

struct Vwma {
    weighted: Sum,
    volume: Sum,
}

impl Piecewise for Vwma {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([volume, values], [averages]) = (inputs, outputs) else { return };
        let [products, sums] = columns(scratch);
        for ((product, value), volume) in products.iter_mut().zip(*values).zip(*volume) {
            *product = value * volume;
        }
        self.weighted.block(products, averages);
        self.volume.block(volume, sums);
        for (average, sum) in averages.iter_mut().zip(sums) {
            *average = if *sum == 0.0 { f64::NAN } else { *average / *sum };
        }
    }
}
