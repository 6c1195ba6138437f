//! Comparisons and crossings of two columns that are kept as truths: straight to words of 64 bars. All that is asked of
//! one pair of columns is answered in one walk.

use super::elementwise::Input;
use super::truths::{Truths, WORD};
use crate::logic::Comparison;
use crate::units::{TIE, exceeds};

/// What is asked of two columns at each bar.
#[derive(Debug, Clone, Copy)]
pub(super) enum Judgement {
    Compare(Comparison),
    /// As the functions of these names.
    CrossesAbove,
    CrossesBelow,
}

impl Judgement {
    /// The crossing of a function's name.
    pub(super) fn crossing(name: &str) -> Option<Self> {
        match name {
            "cross_above" => Some(Self::CrossesAbove),
            "cross_below" => Some(Self::CrossesBelow),
            _ => None,
        }
    }
}

/// How two columns stand at some bars, a bit each: the first above the second, below it, and whether that is known.
#[derive(Debug, Clone, Copy, Default)]
struct Stand {
    above: u64,
    below: u64,
    known: u64,
}

/// How they stood at the last bar of the block before; nothing is known before the first.
#[derive(Debug, Default)]
pub(super) struct Before {
    last: Stand,
    has_begun: bool,
}

/// Answers for `bars` bars, each into its column of truths.
pub(super) fn judge(
    before: &mut Before,
    (a, b): (Input, Input),
    bars: usize,
    asked: &[(Judgement, usize)],
    truths: &mut [Truths],
) {
    for from in (0..bars).step_by(WORD) {
        let count = WORD.min(bars - from);
        let stand = stand(a, b, from, count);
        for &(judgement, column) in asked {
            let (known, holding) = answer(judgement, stand, before);
            truths[column].push(known, holding, count);
        }
        let bit = |word: u64| word >> (count - 1) & 1;
        before.last = Stand { above: bit(stand.above), below: bit(stand.below), known: bit(stand.known) };
        before.has_begun = true;
    }
}

fn stand(a: Input, b: Input, from: usize, count: usize) -> Stand {
    let whole = whole_word(a, from).zip(whole_word(b, from));
    if let Some(stand) = whole.and_then(|(a, b)| stand_of_plain(a, b)) {
        return stand;
    }
    let (mut a, mut b) = (padded_word(a, from, count), padded_word(b, from, count));
    let known = clear_missing(&mut a) & clear_missing(&mut b);
    let Stand { above, below, .. } = stand_of_plain(&a, &b).unwrap_or_else(|| stand_of_any(&a, &b));
    Stand { above: above & known, below: below & known, known }
}

/// Puts zeros in the place of what is missing; answers what is not.
fn clear_missing(word: &mut [f64; WORD]) -> u64 {
    let mut known = 0;
    for (bar, value) in word.iter_mut().enumerate() {
        known |= u64::from(!value.is_nan()) << bar;
        *value = if value.is_nan() { 0.0 } else { *value };
    }
    known
}

fn stand_of_any(a: &[f64; WORD], b: &[f64; WORD]) -> Stand {
    let bits = |exceeds: fn(f64, f64) -> bool| {
        a.iter().zip(b).enumerate().fold(0, |word, (bar, (&a, &b))| word | u64::from(exceeds(a, b)) << bar)
    };
    Stand { above: bits(exceeds), below: bits(|a, b| exceeds(b, a)), known: u64::MAX }
}

/// The same where every difference is a finite number; there the rule of `exceeds` is one comparison.
fn stand_of_plain(a: &[f64; WORD], b: &[f64; WORD]) -> Option<Stand> {
    let (mut above, mut below, mut is_plain) = (0, 0, true);
    for bar in 0..WORD {
        let (a, b) = (a[bar], b[bar]);
        let (size_a, size_b) = (a.abs(), b.abs());
        let (gap, tie) = (a - b, TIE * if size_a > size_b { size_a } else { size_b });
        above |= u64::from(gap > tie) << bar;
        below |= u64::from(gap < -tie) << bar;
        is_plain &= gap.abs() <= f64::MAX;
    }
    is_plain.then_some(Stand { above, below, known: u64::MAX })
}

/// A word of a column as it lies there; `None` where it is cut off or one value stands for all.
fn whole_word(input: Input<'_>, from: usize) -> Option<&[f64; WORD]> {
    match input {
        Input::Constant(_) => None,
        Input::Series(values) => values[from..].first_chunk(),
    }
}

/// A word of its own, missing past its last bar.
fn padded_word(input: Input, from: usize, count: usize) -> [f64; WORD] {
    let mut word = [f64::NAN; WORD];
    match input {
        Input::Constant(value) => word[..count].fill(value),
        Input::Series(values) => word[..count].copy_from_slice(&values[from..from + count]),
    }
    word
}

/// Known and holding bits.
fn answer(judgement: Judgement, Stand { above, below, known }: Stand, before: &Before) -> (u64, u64) {
    let holding = match judgement {
        Judgement::Compare(Comparison::Greater) => above,
        Judgement::Compare(Comparison::Less) => below,
        Judgement::Compare(Comparison::GreaterEqual) => known & !below,
        Judgement::Compare(Comparison::LessEqual) => known & !above,
        Judgement::Compare(Comparison::Equal) => known & !(above | below),
        Judgement::Compare(Comparison::NotEqual) => above | below,
        Judgement::CrossesAbove => return crossing(above, before.last.above, known, before),
        Judgement::CrossesBelow => return crossing(below, before.last.below, known, before),
    };
    (known, holding)
}

/// Beyond now and known not to have been so on the bar before; false as soon as one of the two fails. The first bar of
/// all has none before it.
fn crossing(beyond: u64, was_beyond: u64, known: u64, before: &Before) -> (u64, u64) {
    let (earlier, known_earlier) = (beyond << 1 | was_beyond, known << 1 | before.last.known);
    let after_first = u64::MAX << u32::from(!before.has_begun);
    let answered = (known & !beyond) | earlier | (known & known_earlier);
    (answered & after_first, beyond & known_earlier & !earlier & after_first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::find;
    use crate::logic::{self, Comparison::*};

    #[test]
    fn words_are_the_functions_and_comparisons_of_each_bar() {
        let values =
            [1.0, 2.0, f64::NAN, 2.0 + 1e-13, -1.0, f64::INFINITY, 0.0, -0.0, f64::NEG_INFINITY, 1e-300, 1e308];
        let column = |times: usize, plain: usize| -> Vec<f64> {
            // The second half holds plain numbers alone, so that both ways of comparing are taken.
            (0..300).map(|bar| if bar < 150 { values[bar * times % 11] } else { ((bar * plain) % 7) as f64 }).collect()
        };
        let (a, b) = (column(3, 3), column(5, 2));
        let judgements = [Greater, Less, GreaterEqual, LessEqual, Equal, NotEqual].map(Judgement::Compare);
        let asked: Vec<(Judgement, usize)> = judgements
            .into_iter()
            .chain([Judgement::CrossesAbove, Judgement::CrossesBelow])
            .enumerate()
            .map(|(column, judgement)| (judgement, column))
            .collect();
        let crossings: Vec<Vec<f64>> = ["cross_above", "cross_below"]
            .iter()
            .filter_map(|name| find(name))
            .map(|entry| {
                let mut out = vec![0.0; 300];
                (entry.build)(&[]).block(&[&a, &b], &mut [&mut out]);
                out
            })
            .collect();
        for block in [1, 7, 64, 100, 300] {
            let mut truths = vec![Truths::with_capacity(300); asked.len()];
            let mut before = Before::default();
            for from in (0..300).step_by(block) {
                let to = 300.min(from + block);
                let inputs = (Input::Series(&a[from..to]), Input::Series(&b[from..to]));
                judge(&mut before, inputs, to - from, &asked, &mut truths);
            }
            for (judgement, column) in &asked {
                for bar in 0..300 {
                    let expected = match judgement {
                        Judgement::Compare(comparison) => logic::compare(a[bar], b[bar], *comparison),
                        Judgement::CrossesAbove => crossings[0][bar],
                        Judgement::CrossesBelow => crossings[1][bar],
                    };
                    assert_eq!(truths[*column].value(bar).to_bits(), expected.to_bits(), "{judgement:?} at {bar}");
                }
            }
        }
        let mut truths = [Truths::default()];
        let asked = [(Judgement::Compare(Less), 0)];
        judge(&mut Before::default(), (Input::Constant(1.0), Input::Series(&[0.0, 2.0, 1.0])), 3, &asked, &mut truths);
        assert_eq!(truths[0].holding().collect::<Vec<_>>(), [1]);
    }
}
