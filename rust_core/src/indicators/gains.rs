//! Wilder's averages of gains and of losses, shared by `rsi`, `cmo` and `stochrsi`.

use super::smoothing::Smoothing;

/// Averages over changes against the last present value.
pub struct GainsLosses {
    previous: f64,
    gains: Smoothing,
    losses: Smoothing,
}

impl GainsLosses {
    pub fn new(length: usize) -> Self {
        Self { previous: f64::NAN, gains: Smoothing::wilder(length), losses: Smoothing::wilder(length) }
    }

    /// Writes both averages at each bar; losses are positive. Every column is as long as `values`.
    pub fn block(&mut self, values: &[f64], [gains, losses]: [&mut [f64]; 2], [ups, downs]: [&mut [f64]; 2]) {
        let Some(&newest) = values.last() else { return };
        let mut missing = self.previous.is_nan() || values[0].is_nan();
        (ups[0], downs[0]) = parts(values[0] - self.previous);
        for ((up, down), pair) in ups[1..].iter_mut().zip(&mut downs[1..]).zip(values.windows(2)) {
            let change = pair[1] - pair[0];
            (*up, *down) = parts(change);
            missing |= change.is_nan();
        }
        if missing {
            for ((up, down), &value) in ups.iter_mut().zip(downs.iter_mut()).zip(values) {
                (*up, *down) = parts(value - self.previous);
                self.previous = if value.is_nan() { self.previous } else { value };
            }
        } else {
            self.previous = newest;
        }
        self.gains.block(ups, gains);
        self.losses.block(downs, losses);
    }
}

/// What a change gains and what it loses. Comparisons fall to the change, so that a missing one stays missing.
#[inline(always)]
fn parts(change: f64) -> (f64, f64) {
    (if change < 0.0 { 0.0 } else { change }, if change > 0.0 { 0.0 } else { -change })
}
