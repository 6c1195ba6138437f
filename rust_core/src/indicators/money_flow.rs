//! Volume weighted by where the close lies in its bar's range; shared by ad, adosc and cmf.

/// The bar's money flow in shares: all its volume when it closes at the high, none at the middle, less all of it at
/// the low; none without a range. NaN when a value is missing.
#[inline(always)]
fn flow(high: f64, low: f64, close: f64, volume: f64) -> f64 {
    let range = high - low;
    let weighted = ((close - low) - (high - close)) / range * volume;
    // Zero times NaN is NaN: a missing close or volume stays missing where there is no range.
    let none = close * 0.0 + volume * 0.0;
    if range <= 0.0 { none } else { weighted }
}

/// Writes the flow of each bar.
#[inline]
pub(super) fn flows(high: &[f64], low: &[f64], close: &[f64], volume: &[f64], flows: &mut [f64]) {
    let bars = flows.len();
    let (high, low, close, volume) = (&high[..bars], &low[..bars], &close[..bars], &volume[..bars]);
    for bar in 0..bars {
        flows[bar] = flow(high[bar], low[bar], close[bar], volume[bar]);
    }
}

/// The running total of the flow. A bar without a flow is answered by NaN, and the total waits.
#[derive(Default)]
pub(super) struct Line {
    total: f64,
}

impl Line {
    /// Writes the total at each bar.
    pub(super) fn block(&mut self, high: &[f64], low: &[f64], close: &[f64], volume: &[f64], line: &mut [f64]) {
        flows(high, low, close, volume, line);
        let mut total = self.total;
        for value in line {
            if !value.is_nan() {
                total += *value;
                *value = total;
            }
        }
        self.total = total;
    }
}
