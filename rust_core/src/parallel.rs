//! Work on many symbols: by all threads where there is much of it, on the calling thread where there is little.
//!
//! Handing work to another thread takes longer than a few thousand bars do. The answer is the same either way.

use rayon::prelude::*;

/// Bars below which one thread is faster than several.
const FEW_BARS: usize = 32_768;

/// The function of each item, in order; `bars` is how much work all of them are together.
pub fn map<T: Send, R: Send>(items: Vec<T>, bars: usize, function: impl Fn(usize, T) -> R + Sync + Send) -> Vec<R> {
    if items.len() < 2 || bars < FEW_BARS {
        return items.into_iter().enumerate().map(|(index, item)| function(index, item)).collect();
    }
    items.into_par_iter().enumerate().map(|(index, item)| function(index, item)).collect()
}

/// The first piece of `bars`, each of `piece` bars, for which the function has an answer.
pub fn find_first<R: Send>(
    bars: usize,
    piece: usize,
    function: impl Fn(std::ops::Range<usize>) -> Option<R> + Sync + Send,
) -> Option<R> {
    let look = |index: usize| function(index * piece..bars.min((index + 1) * piece));
    if bars < FEW_BARS {
        return (0..bars.div_ceil(piece)).find_map(look);
    }
    (0..bars.div_ceil(piece)).into_par_iter().find_map_first(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_bars_give_the_same_answers() {
        for bars in [10, FEW_BARS * 3 + 1] {
            assert_eq!(
                map((0..100).collect(), bars, |index, item: usize| index * 2 + item),
                (0..100).map(|i| i * 3).collect::<Vec<_>>()
            );
            let found = find_first(bars, 4, |rows| (rows.end > 6).then_some(rows));
            assert_eq!(found, Some(4..8));
            assert_eq!(find_first(bars, 4, |rows| rows.contains(&bars).then_some(rows)), None);
        }
    }
}
