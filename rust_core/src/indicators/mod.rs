//! Time-series functions: one state machine per file, one line per function in `catalog.rs`.
//!
//! A machine sees one bar at a time and never a later one. `block` may be faster than `step` but gives the same bits
//! for any division of the history into blocks; a property test holds every machine to it.

#[macro_use]
mod catalog;
mod age;
mod change;
mod directional;
mod flat;
mod gains;
mod money_flow;
mod piecewise;
mod shape;
mod smoothing;
mod sorted;
mod truth;
mod window;

use crate::signature::Signature;

macro_rules! declare {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// Every time-series function, in the order of `catalog.rs`.
        pub static CATALOG: &[&Entry] = &[$(&$name::ENTRY),*];
    };
}
functions!(declare);

/// The entry of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOG.iter().copied().find(|entry| entry.signature.name == name)
}

/// A running computation over one symbol's bars.
///
/// `inputs` are the bar fields of `Signature::reads`, then the series parameters, in order; optional series that were
/// left out are absent from the end. NaN is a missing value. A windowed machine answers NaN while a missing value is
/// in its window; a recursive one keeps its state and answers NaN for that bar.
pub trait Indicator: Send {
    /// Takes the next bar and writes one value per output, NaN until warm.
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]);

    /// Takes the next bars; the same bits as `step` on each. All slices have one length.
    fn block(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        step_through(self, inputs, outputs);
    }
}

/// The plain way through a block: one `step` per bar.
pub fn step_through<I: Indicator + ?Sized>(machine: &mut I, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let bars = outputs.first().map_or(0, |column| column.len());
    let mut row = vec![f64::NAN; inputs.len()];
    let mut values = vec![f64::NAN; outputs.len()];
    for bar in 0..bars {
        for (value, column) in row.iter_mut().zip(inputs) {
            *value = column[bar];
        }
        machine.step(&row, &mut values);
        for (column, value) in outputs.iter_mut().zip(&values) {
            column[bar] = *value;
        }
    }
}

/// A catalogue entry: what a function is, and how to start one.
pub struct Entry {
    pub signature: Signature,
    /// Starts a machine from the function's compile-time numbers, in order; they are already within range.
    pub build: fn(&[f64]) -> Box<dyn Indicator>,
}
