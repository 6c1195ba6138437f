//! Commodity channel index.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::{Mean, Recent};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::{TIE, Unit};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cci",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The commodity channel index: how far the typical price lies from its mean, in mean deviations times 0.015, percent-points.",
        reads: &[Field::High, Field::Low, Field::Close],
        params: &[length("length", 20, 2, 5000, "bars, this one included")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "mostly -100 to 100")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(p - mean) / (0.015 * d), p = (high + low + close) / 3, mean over the last `length` bars, d = mean of |p_i - mean| over the same bars",
        edge_cases: "Prices that differ by no more than 1e-12 of their mean on average are equal and give 0. Missing while a missing value is in the window.",
        source: "D. R. Lambert, Commodities magazine (October 1980); conventions of TA-Lib CCI.",
        version: 1,
    },
    build: |n| Box::new(Cci::new(n[0] as usize)),
};

struct Cci {
    length: usize,
    mean: Mean,
    recent: Recent,
}

impl Cci {
    fn new(length: usize) -> Self {
        Self { length, mean: Mean::new(length), recent: Recent::new(length) }
    }
}

impl Piecewise for Cci {
    const SCRATCH: usize = 2;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close], [answers]) = (inputs, outputs) else { return };
        let [price, mean] = columns(scratch);
        for (((price, high), low), close) in price.iter_mut().zip(*high).zip(*low).zip(*close) {
            *price = (high + low + close) / 3.0;
        }
        self.mean.block(price, mean);
        absolute_deviations(self.recent.extend(price), mean, self.length, answers);
        for ((answer, price), mean) in answers.iter_mut().zip(price.iter()).zip(mean.iter()) {
            let away = price - mean;
            let deviation = *answer / self.length as f64;
            let index = away / (0.015 * deviation);
            *answer = if deviation <= TIE * mean.abs() { 0.0 } else { index };
        }
    }
}

/// Bars that are summed side by side.
const LANES: usize = 8;

/// Writes for each bar the sum of the distances of its window's values from its mean, the oldest first. Neighbouring
/// bars are summed side by side, which leaves the order within each bar as it is.
fn absolute_deviations(recent: &[f64], means: &[f64], length: usize, sums: &mut [f64]) {
    let (groups, rest) = means.as_chunks::<LANES>();
    let (results, rest_results) = sums.as_chunks_mut::<LANES>();
    for (group, (means, results)) in groups.iter().zip(results).enumerate() {
        let window = &recent[group * LANES..][..length + LANES - 1];
        let mut sum = [0.0; LANES];
        for values in window.windows(LANES) {
            for lane in 0..LANES {
                sum[lane] += (values[lane] - means[lane]).abs();
            }
        }
        *results = sum;
    }
    for ((window, mean), sum) in recent[groups.len() * LANES..].windows(length).zip(rest).zip(rest_results) {
        *sum = window.iter().fold(0.0, |sum, value| sum + (value - mean).abs());
    }
}
