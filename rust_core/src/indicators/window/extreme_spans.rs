//! The best of the last values where these are not many: a window is covered by a few spans of eight values each,
//! which may overlap. Nothing hangs on the bar before, so bars are taken side by side.

use super::extreme::{better, worst};
use crate::indicators::piecewise::PIECE;
use std::ops::RangeInclusive;

/// Values of a span, and values that are taken at once.
const SPAN: usize = 8;
const GROUP: usize = 4;

/// The best of the last `length` values, `length` within `LENGTHS`.
pub struct ExtremeSpans<const LARGEST: bool> {
    length: usize,
    tail: Tail,
    /// The best of eight values, of the bars that windows reach back to and then of a piece.
    eights: Vec<f64>,
}

/// The newest value, and the best of the newest two and four where the next spans need them, the oldest first.
#[derive(Clone, Copy)]
struct Tail {
    value: f64,
    pairs: [f64; 2],
    fours: [f64; GROUP],
}

impl<const LARGEST: bool> ExtremeSpans<LARGEST> {
    /// Where this is faster than chunks.
    pub const LENGTHS: RangeInclusive<usize> = SPAN..=5 * SPAN;

    pub fn new(length: usize) -> Self {
        let worst = worst(LARGEST);
        let tail = Tail { value: worst, pairs: [worst; 2], fours: [worst; GROUP] };
        Self { length, tail, eights: vec![worst; length - SPAN + PIECE] }
    }

    /// Writes the best at each bar; answers whether a value may be missing.
    #[inline]
    pub fn block(&mut self, values: &[f64], best: &mut [f64]) -> bool {
        let (before, mut missing) = (self.length - SPAN, false);
        for (values, best) in values.chunks(PIECE).zip(best.chunks_mut(PIECE)) {
            missing |= self.spans(values);
            match self.length.div_ceil(SPAN) {
                1 => cover::<LARGEST, 1>(&self.eights, before, best),
                2 => cover::<LARGEST, 2>(&self.eights, before, best),
                3 => cover::<LARGEST, 3>(&self.eights, before, best),
                4 => cover::<LARGEST, 4>(&self.eights, before, best),
                _ => cover::<LARGEST, 5>(&self.eights, before, best),
            }
            self.eights.copy_within(values.len()..values.len() + before, 0);
        }
        missing
    }

    /// Finds the best of the last eight values at each bar. A sum tells whether a value may be missing.
    #[inline(always)]
    fn spans(&mut self, values: &[f64]) -> bool {
        let (groups, rest) = values.as_chunks::<GROUP>();
        let (results, last) = self.eights[self.length - SPAN..].split_at_mut(groups.len() * GROUP);
        let (results, _) = results.as_chunks_mut::<GROUP>();
        let sums = self.tail.groups::<LARGEST>(groups, results);
        for (value, result) in rest.iter().zip(last) {
            *result = self.tail.one::<LARGEST>(*value);
        }
        sums.iter().chain(rest).sum::<f64>().is_nan()
    }
}

/// Joins `SPANS` spans that cover the window of each bar, which reaches `before` bars back from its newest span.
fn cover<const LARGEST: bool, const SPANS: usize>(eights: &[f64], before: usize, best: &mut [f64]) {
    let bars = best.len();
    // The oldest first.
    let spans: [&[f64]; SPANS] = std::array::from_fn(|i| {
        let back = before.min((SPANS - 1 - i) * SPAN);
        &eights[before - back..][..bars]
    });
    for bar in 0..bars {
        let mut found = spans[0][bar];
        for span in &spans[1..] {
            found = better::<LARGEST>(found, span[bar]);
        }
        best[bar] = found;
    }
}

impl Tail {
    /// The best of the last eight values after the next one.
    #[inline]
    fn one<const LARGEST: bool>(&mut self, value: f64) -> f64 {
        let pair = better::<LARGEST>(self.value, value);
        let four = better::<LARGEST>(self.pairs[0], pair);
        let eight = better::<LARGEST>(self.fours[0], four);
        (self.value, self.pairs) = (value, [self.pairs[1], pair]);
        self.fours = [self.fours[1], self.fours[2], self.fours[3], four];
        eight
    }

    /// The same for whole groups; answers sums over all values. Not made part of its caller, which would mix these lanes
    /// with the single values after them.
    #[inline(never)]
    fn groups<const LARGEST: bool>(&mut self, groups: &[[f64; GROUP]], results: &mut [[f64; GROUP]]) -> [f64; GROUP] {
        let mut tail = *self;
        let mut sums = [0.0; GROUP];
        for (group, result) in groups.iter().zip(results) {
            *result = tail.four::<LARGEST>(*group);
            for (sum, value) in sums.iter_mut().zip(group) {
                *sum += value;
            }
        }
        *self = tail;
        sums
    }

    /// The same after each of the next four.
    #[inline(always)]
    fn four<const LARGEST: bool>(&mut self, values: [f64; GROUP]) -> [f64; GROUP] {
        let before = [self.value, values[0], values[1], values[2]];
        let pairs = each::<LARGEST>(before, values);
        let fours = each::<LARGEST>([self.pairs[0], self.pairs[1], pairs[0], pairs[1]], pairs);
        let eights = each::<LARGEST>(self.fours, fours);
        (self.value, self.pairs, self.fours) = (values[3], [pairs[2], pairs[3]], fours);
        eights
    }
}

/// The better of each pair.
#[inline(always)]
fn each<const LARGEST: bool>(earlier: [f64; GROUP], later: [f64; GROUP]) -> [f64; GROUP] {
    let mut best = [0.0; GROUP];
    for i in 0..GROUP {
        best[i] = better::<LARGEST>(earlier[i], later[i]);
    }
    best
}
