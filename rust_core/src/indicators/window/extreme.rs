//! Largest and smallest of the last values.
//!
//! Comparing rounds nothing, so these are exact. Of equal values (0 and -0) the latest counts, whichever way is taken.

use super::extreme_chunks::ExtremeChunks;
use super::extreme_spans::ExtremeSpans;

/// The best of the last `length` values, the largest where `LARGEST`, else the smallest; NaN until there are so many
/// and while one of them is missing.
pub struct Extreme<const LARGEST: bool> {
    way: Way<LARGEST>,
    length: usize,
    /// Bars still without a value: until the window is full, or the last missing value has left it.
    blank: usize,
}

enum Way<const LARGEST: bool> {
    Spans(ExtremeSpans<LARGEST>),
    Chunks(ExtremeChunks<LARGEST>),
}

pub type Highest = Extreme<true>;
pub type Lowest = Extreme<false>;

impl<const LARGEST: bool> Extreme<LARGEST> {
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        let way = if ExtremeSpans::<LARGEST>::LENGTHS.contains(&length) {
            Way::Spans(ExtremeSpans::new(length))
        } else {
            Way::Chunks(ExtremeChunks::new(length))
        };
        Self { way, length, blank: length - 1 }
    }

    /// Writes the best at each bar.
    #[inline]
    pub fn block(&mut self, values: &[f64], best: &mut [f64]) {
        let missing = match &mut self.way {
            Way::Spans(spans) => spans.block(values, best),
            Way::Chunks(chunks) => chunks.block(values, best),
        };
        if missing || self.blank > 0 {
            self.blank_out(values, best);
        }
    }

    /// Takes back what was made of too few values or of missing ones.
    fn blank_out(&mut self, values: &[f64], best: &mut [f64]) {
        for (value, best) in values.iter().zip(best) {
            if value.is_nan() {
                self.blank = self.length;
            }
            if self.blank > 0 {
                (self.blank, *best) = (self.blank - 1, f64::NAN);
            }
        }
    }
}

/// What any value is better than.
pub const fn worst(largest: bool) -> f64 {
    if largest { f64::NEG_INFINITY } else { f64::INFINITY }
}

/// Of two values in the order of time; the later one where they are equal. One instruction, unlike `f64::max`, which
/// also weighs NaN on both sides.
#[inline(always)]
pub fn better<const LARGEST: bool>(earlier: f64, later: f64) -> f64 {
    if (LARGEST && earlier > later) || (!LARGEST && earlier < later) { earlier } else { later }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Word for word: the latest of the best, NaN while one of the window is missing.
    fn plain<const LARGEST: bool>(values: &[f64], length: usize) -> Vec<u64> {
        let of_window = |end: usize| {
            let window = &values[end.saturating_sub(length)..end];
            if window.len() < length || window.iter().any(|value| value.is_nan()) {
                return f64::NAN;
            }
            window.iter().copied().fold(worst(LARGEST), better::<LARGEST>)
        };
        (1..=values.len()).map(|end| of_window(end).to_bits()).collect()
    }

    fn in_blocks<const LARGEST: bool>(values: &[f64], length: usize, block: usize) -> Vec<u64> {
        let mut best = vec![0.0; values.len()];
        let mut extreme = Extreme::<LARGEST>::new(length);
        for (values, best) in values.chunks(block).zip(best.chunks_mut(block)) {
            extreme.block(values, best);
        }
        best.into_iter().map(f64::to_bits).collect()
    }

    proptest! {
        #[test]
        fn any_length_in_blocks_of_any_size_is_the_plain_search(
            draws in proptest::collection::vec(0_usize..60, 1..300),
            length in 1_usize..60,
            block in 1_usize..150,
        ) {
            let levels = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, f64::INFINITY, f64::NEG_INFINITY];
            let values: Vec<f64> = draws.iter().map(|&i| if i == 59 { f64::NAN } else { levels[i % 8] }).collect();
            prop_assert_eq!(in_blocks::<true>(&values, length, block), plain::<true>(&values, length));
            prop_assert_eq!(in_blocks::<false>(&values, length, block), plain::<false>(&values, length));
        }
    }
}
