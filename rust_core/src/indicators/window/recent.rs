//! The last values side by side, for functions that have to look at each of them.

use crate::indicators::piecewise::PIECE;

/// Keeps the last `length - 1` values in front of the next ones.
pub struct Recent {
    before: usize,
    kept: Vec<f64>,
}

impl Recent {
    /// Before the first bar all values are missing.
    pub fn new(length: usize) -> Self {
        let before = length.saturating_sub(1);
        Self { before, kept: vec![f64::NAN; before] }
    }

    /// Takes the next values and shows them with what came before: the window of bar `i` of these is
    /// `shown[i..i + length]`.
    #[inline]
    pub fn extend(&mut self, values: &[f64]) -> &[f64] {
        if self.kept.len() + values.len() > 2 * self.before + PIECE {
            self.kept.drain(..self.kept.len() - self.before);
        }
        let from = self.kept.len() - self.before;
        self.kept.extend_from_slice(values);
        &self.kept[from..]
    }
}
