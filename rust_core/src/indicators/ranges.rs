//! The range of a bar against the close before it; shared by keltner, supertrend and vortex.

/// Wilder's true range in the unit of the prices; NaN when one of the three is missing.
#[inline(always)]
pub(super) fn true_range(high: f64, low: f64, close_before: f64) -> f64 {
    let top = if close_before > high { close_before } else { high };
    let bottom = if close_before < low { close_before } else { low };
    if close_before.is_nan() { f64::NAN } else { top - bottom }
}
