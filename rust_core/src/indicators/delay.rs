//! The value some bars ago, kept in a ring; shared by the functions that look at one past bar or at what leaves a
//! window. It never looks further back than it was told to, and answers NaN before the first bar.

pub(super) struct Delay {
    ring: Vec<f64>,
    oldest: usize,
}

impl Delay {
    /// `bars` may be 0: then the past value is the present one.
    pub(super) fn new(bars: usize) -> Self {
        Self { ring: vec![f64::NAN; bars], oldest: 0 }
    }

    /// Takes this bar's value and gives back the one `bars` bars ago.
    pub(super) fn push(&mut self, value: f64) -> f64 {
        let bars = self.ring.len();
        let Some(slot) = self.ring.get_mut(self.oldest) else { return value };
        self.oldest = if self.oldest + 1 == bars { 0 } else { self.oldest + 1 };
        std::mem::replace(slot, value)
    }

    /// Writes `f(now, then)` for each bar of a column, in order.
    pub(super) fn block(&mut self, column: &[f64], out: &mut [f64], mut f: impl FnMut(f64, f64) -> f64) {
        let bars = self.ring.len();
        let head = bars.min(column.len());
        for (value, &now) in out.iter_mut().zip(&column[..head]) {
            *value = f(now, self.push(now));
        }
        for ((value, &now), &then) in out[head..].iter_mut().zip(&column[head..]).zip(column) {
            *value = f(now, then);
        }
        if column.len() > bars {
            self.ring.copy_from_slice(&column[column.len() - bars..]);
            self.oldest = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_the_value_of_that_many_bars_ago() {
        let mut delay = Delay::new(2);
        assert!(delay.push(1.0).is_nan());
        assert!(delay.push(2.0).is_nan());
        assert_eq!(delay.push(3.0), 1.0);
        assert_eq!(delay.push(4.0), 2.0);
        assert_eq!(Delay::new(0).push(7.0), 7.0);
    }

    #[test]
    fn blocks_of_any_size_continue_each_other() {
        let column: Vec<f64> = (0..40).map(f64::from).collect();
        for cut in 0..=40 {
            let mut delay = Delay::new(7);
            let mut out = vec![0.0; 40];
            let (left, right) = out.split_at_mut(cut);
            delay.block(&column[..cut], left, |_, then| then);
            delay.block(&column[cut..], right, |_, then| then);
            for (bar, value) in out.iter().enumerate() {
                assert!(if bar < 7 { value.is_nan() } else { *value == (bar - 7) as f64 }, "cut {cut}, bar {bar}");
            }
        }
    }
}
