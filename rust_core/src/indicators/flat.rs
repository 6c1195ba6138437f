//! When a window counts as flat: its values are equal as the engine compares computed numbers.

use crate::units::TIE;

/// Whether `length` values with this sum of squared deviations lie within a relative 1e-12 of each other, `value`
/// being one of them. False when something is missing.
#[inline(always)]
pub(super) fn is_flat(squares: f64, length: f64, value: f64) -> bool {
    let tie = TIE * value;
    squares <= length * (tie * tie)
}
