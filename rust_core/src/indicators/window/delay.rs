//! The value some bars ago.

/// The value `length` bars before; NaN while there is none.
pub struct Delay {
    /// The last `length` values, the oldest at `next`.
    kept: Vec<f64>,
    next: usize,
}

impl Delay {
    pub fn new(length: usize) -> Self {
        Self { kept: vec![f64::NAN; length], next: 0 }
    }

    /// Writes the delayed value at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], delayed: &mut [f64]) {
        let (bars, length) = (values.len(), self.kept.len());
        let from_kept = length.min(bars);
        // Oldest first: from `next` to the end of the ring, then from its start.
        let straight = from_kept.min(length - self.next);
        delayed[..straight].copy_from_slice(&self.kept[self.next..self.next + straight]);
        delayed[straight..from_kept].copy_from_slice(&self.kept[..from_kept - straight]);
        delayed[from_kept..bars].copy_from_slice(&values[..bars - from_kept]);
        let newest = &values[bars - from_kept..];
        self.kept[self.next..self.next + straight].copy_from_slice(&newest[..straight]);
        self.kept[..from_kept - straight].copy_from_slice(&newest[straight..]);
        if length > 0 {
            self.next = (self.next + from_kept) % length;
        }
    }
}
