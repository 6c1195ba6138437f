//! The two ends of sorted session returns, without sorting what lies between.

/// How much of the returns is a tail.
const TAIL: f64 = 0.05;

/// Returns with those around the low and the high percentile in their sorted places.
#[derive(Debug, Clone)]
pub struct Tails {
    /// Sorted as far as the value above the low percentile; the values on both sides of the high percentile in place.
    parted: Vec<f64>,
}

impl Tails {
    pub fn of(returns: &[f64]) -> Self {
        let mut parted = returns.to_vec();
        let last = parted.len().saturating_sub(1);
        let low = (TAIL * last as f64).ceil() as usize;
        let high = ((1.0 - TAIL) * last as f64).floor() as usize;
        if high <= low {
            parted.sort_unstable_by(f64::total_cmp);
            return Self { parted };
        }
        parted.select_nth_unstable_by(low, f64::total_cmp);
        parted[..low].sort_unstable_by(f64::total_cmp);
        parted[low + 1..].select_nth_unstable_by(high - low - 1, f64::total_cmp);
        if let Some(above) = (high + 1..=last).min_by(|&a, &b| parted[a].total_cmp(&parted[b])) {
            parted.swap(high + 1, above);
        }
        Self { parted }
    }

    /// The 5th percentile, linear-interpolated as NumPy's default.
    pub fn low(&self) -> Option<f64> {
        self.percentile(TAIL)
    }

    /// The 95th percentile.
    pub fn high(&self) -> Option<f64> {
        self.percentile(1.0 - TAIL)
    }

    /// The worst 5% of the returns and one more, ascending.
    pub fn worst(&self) -> Option<&[f64]> {
        let last = self.parted.len().checked_sub(1)?;
        self.parted.get(..=(last as f64 * TAIL) as usize)
    }

    fn percentile(&self, fraction: f64) -> Option<f64> {
        let last = self.parted.len().checked_sub(1)?;
        let place = fraction * last as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        Some(self.parted[below] + (self.parted[above] - self.parted[below]) * (place - below as f64))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tails_are_those_of_the_sorted_returns() {
        for count in 1..200_usize {
            // Multiples of 37 modulo a prime come out of order; halving makes ties.
            let values: Vec<f64> = (0..count).map(|i| (i * 37 % 211 / 2) as f64 - 40.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let tails = Tails::of(&values);
            for (found, fraction) in [(tails.low(), 0.05), (tails.high(), 0.95)] {
                let place = fraction * (count - 1) as f64;
                let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
                assert_eq!(found.unwrap(), below + (above - below) * place.fract(), "{fraction} of {count}");
            }
            assert_eq!(tails.worst().unwrap(), &sorted[..=((count - 1) as f64 * 0.05) as usize]);
        }
        assert!(Tails::of(&[]).worst().is_none() && Tails::of(&[]).low().is_none());
    }
}
