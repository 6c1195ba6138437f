//! Machines that are written once, over a piece of bars: a single bar is a piece of one.
//!
//! A piece is short enough that its columns stay in the nearest cache while one pass follows another. Nothing a
//! piece computes may depend on where the piece begins or ends; the shared windows and recursions keep that law by
//! counting from the first bar, and element-wise passes keep it by themselves.

use super::Indicator;

/// Bars in a piece: with ten columns in use, 40 KB.
pub const PIECE: usize = 512;

/// More columns than any machine reads, writes or keeps aside.
const COLUMNS: usize = 8;

/// A machine over pieces. `scratch` holds `SCRATCH` columns as long as the piece, their content undefined.
pub trait Piecewise: Send {
    /// Columns needed for values between passes, at most eight.
    const SCRATCH: usize;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]);
}

impl<P: Piecewise> Indicator for P {
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let mut columns: [&[f64]; COLUMNS] = [&[]; COLUMNS];
        for (column, value) in columns.iter_mut().zip(inputs) {
            *column = std::slice::from_ref(value);
        }
        let mut results: [&mut [f64]; COLUMNS] = Default::default();
        let (reads, writes) = (inputs.len().min(COLUMNS), outputs.len().min(COLUMNS));
        for (result, value) in results.iter_mut().zip(outputs) {
            *result = std::slice::from_mut(value);
        }
        let mut scratch = [f64::NAN; COLUMNS];
        self.piece(&columns[..reads], &mut results[..writes], &mut scratch[..P::SCRATCH]);
    }

    fn block(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let bars = outputs.first().map_or(0, |column| column.len());
        let mut scratch = vec![f64::NAN; P::SCRATCH * PIECE.min(bars)];
        let (reads, writes) = (inputs.len().min(COLUMNS), outputs.len().min(COLUMNS));
        for from in (0..bars).step_by(PIECE) {
            let to = bars.min(from + PIECE);
            let mut columns: [&[f64]; COLUMNS] = [&[]; COLUMNS];
            for (column, whole) in columns.iter_mut().zip(inputs) {
                *column = &whole[from..to];
            }
            let mut results: [&mut [f64]; COLUMNS] = Default::default();
            for (result, whole) in results.iter_mut().zip(outputs.iter_mut()) {
                *result = &mut whole[from..to];
            }
            self.piece(&columns[..reads], &mut results[..writes], &mut scratch[..P::SCRATCH * (to - from)]);
        }
    }
}

/// Cuts the scratch into `N` columns of one length.
pub fn columns<const N: usize>(scratch: &mut [f64]) -> [&mut [f64]; N] {
    let bars = (scratch.len() / N).max(1);
    let mut parts = scratch.chunks_exact_mut(bars);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Whether a value is missing anywhere in a column. Sums tell that none is, faster than looking at each value.
pub fn any_missing(column: &[f64]) -> bool {
    let (groups, rest) = column.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for group in groups {
        for (sum, value) in sums.iter_mut().zip(group) {
            *sum += value;
        }
    }
    sums.iter().chain(rest).sum::<f64>().is_nan() && column.iter().any(|value| value.is_nan())
}
