//! Change against the last present value.

/// `x[t] - x[t-1]`; a missing value is passed over, and the first value has no change.
pub struct Change {
    previous: f64,
}

impl Change {
    pub fn new() -> Self {
        Self { previous: f64::NAN }
    }

    /// Writes the change at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], changes: &mut [f64]) {
        let Some(&newest) = values.last() else { return };
        if super::piecewise::any_missing(values) {
            for (&value, change) in values.iter().zip(changes) {
                *change = value - self.previous;
                if !value.is_nan() {
                    self.previous = value;
                }
            }
            return;
        }
        changes[0] = values[0] - self.previous;
        for (change, pair) in changes[1..].iter_mut().zip(values.windows(2)) {
            *change = pair[1] - pair[0];
        }
        self.previous = newest;
    }
}
