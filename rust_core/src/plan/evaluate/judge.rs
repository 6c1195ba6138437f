//! Comparisons and crossings of two columns that are kept as truths: straight to words of 64 bars. All that is asked of
//! one pair of columns is answered in one walk.

use super::elementwise::Input;
use super::truths::{Truths, WORD, bits};
use crate::logic::Comparison;
use crate::units::exceeds;

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
    let (mut above, mut below, mut known) = ([0_u8; WORD], [0_u8; WORD], [0_u8; WORD]);
    for bar in 0..WORD {
        let (a, b) = (a[bar], b[bar]);
        above[bar] = u8::from(exceeds(a, b));
        below[bar] = u8::from(exceeds(b, a));
        known[bar] = u8::from(!(a.is_nan() | b.is_nan()));
    }
    Stand { above: bits(&above), below: bits(&below), known: bits(&known) }
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
