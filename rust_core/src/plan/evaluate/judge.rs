//! Comparisons and crossings of two columns that are kept as truths: straight to words of 64 bars. All that is asked of
//! one pair of columns is answered in one walk.

use super::elementwise::Input;
use super::truths::{Truths, WORD, bits};
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
    let (mut left, mut right) = ([f64::NAN; WORD], [f64::NAN; WORD]);
    let (a, b) = (word_of(a, from, count, &mut left), word_of(b, from, count, &mut right));
    let (mut above, mut below) = ([0_u8; WORD], [0_u8; WORD]);
    if is_finite(a) & is_finite(b) {
        // The rule of `exceeds` where nothing is missing or infinite: the sign of what is left of the tie tells.
        for bar in 0..WORD {
            let (a, b) = (a[bar], b[bar]);
            let (size_a, size_b) = (a.abs(), b.abs());
            let (gap, tie) = (a - b, TIE * if size_a > size_b { size_a } else { size_b });
            above[bar] = sign(tie - gap);
            below[bar] = sign(tie + gap);
        }
        return Stand { above: bits(&above), below: bits(&below), known: u64::MAX };
    }
    let mut known = [0_u8; WORD];
    for bar in 0..WORD {
        let (a, b) = (a[bar], b[bar]);
        above[bar] = u8::from(exceeds(a, b));
        below[bar] = u8::from(exceeds(b, a));
        known[bar] = u8::from(!(a.is_nan() | b.is_nan()));
    }
    Stand { above: bits(&above), below: bits(&below), known: bits(&known) }
}

/// 1 for a number below zero.
fn sign(value: f64) -> u8 {
    (value.to_bits() >> 63) as u8
}

/// Whether a word has no missing and no infinite value, and none so large that a difference could overflow.
fn is_finite(word: &[f64; WORD]) -> bool {
    word.iter().fold(true, |all, value| all & (value.abs() < f64::MAX / 4.0))
}

/// A whole word of a column, padded where it is cut off or one value stands for all.
fn word_of<'a>(input: Input<'a>, from: usize, count: usize, room: &'a mut [f64; WORD]) -> &'a [f64; WORD] {
    match input {
        Input::Constant(value) => room[..count].fill(value),
        Input::Series(values) => match values[from..].first_chunk() {
            Some(word) => return word,
            None => room[..count].copy_from_slice(&values[from..from + count]),
        },
    }
    room
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
