//! Volume weighted by where the close lies in its bar's range; shared by ad, adosc and cmf.

/// The bar's money flow in shares: all its volume when it closes at the high, none at the middle, less all of it at
/// the low; none without a range. NaN when a value is missing.
#[inline(always)]
pub(super) fn flow(high: f64, low: f64, close: f64, volume: f64) -> f64 {
    let range = high - low;
    let weighted = ((close - low) - (high - close)) / range * volume;
    // A missing close or volume stays missing even where there is no range: zero times NaN is NaN.
    if range <= 0.0 { if close.is_nan() || volume.is_nan() { f64::NAN } else { 0.0 } } else { weighted }
}

/// The running total of the flow. A bar without a flow is answered by NaN, and the total waits.
#[derive(Default)]
pub(super) struct Line {
    total: f64,
}

impl Line {
    pub(super) fn block(&mut self, high: &[f64], low: &[f64], close: &[f64], volume: &[f64], line: &mut [f64]) {
        for ((((out, high), low), close), volume) in line.iter_mut().zip(high).zip(low).zip(close).zip(volume) {
            *out = flow(*high, *low, *close, *volume);
        }
        for value in line {
            if !value.is_nan() {
                self.total += *value;
                *value = self.total;
            }
        }
    }
}
