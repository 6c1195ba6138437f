//! A lone symbol under plain rules, without limits: the closes at which its rules may decide something, a bit each. They
//! are worked out once per run, so that what lies between is passed over word by word.

use crate::bars::Placement;
use crate::plan::Plan;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::Setup;
use crate::simulate::cues::Cue;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::signals::{WORD, bits_from};
use crate::units::{Shares, Side};
use std::ops::Range;

/// Bits by bar, for the sides long and short; none for a side that is never entered.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The rules admit an entry.
    pub enters: [Vec<u64>; 2],
    /// A position on that side is to be closed.
    pub leaves: [Vec<u64>; 2],
}

pub(super) struct Lone {
    pub symbol: usize,
    /// Step of its first bar; a bar follows at every step.
    pub first_step: usize,
    words: Words,
}

impl Lone {
    /// `None` where a step may do something that the bits do not show: limits, rules of positions, missing bars, nights
    /// that cost something. Bars after the step `last` are not looked at; `room` is memory of an earlier run.
    pub fn new(
        plan: &Plan,
        market: &Market<'_>,
        rules: &RuleRoots<'_>,
        setup: &Setup,
        last: usize,
        room: &mut Words,
    ) -> Option<Self> {
        let &[symbol] = market.members.as_slice() else { return None };
        let Placement::Dense { first: first_step } = market.bars(symbol).placement else { return None };
        let is_free = setup.policy.is_none() && setup.carry.is_none() && setup.conventions.fills_as_native();
        if !is_free || plan.portfolio.is_some() || !rules.are_plain() {
            return None;
        }
        let mut words = std::mem::take(room);
        let bars = market.bars_within(symbol, &(0..last + 1)).end;
        rules.write_words(market, (symbol, bars), plan.close_on_leave, &mut words);
        Some(Self { symbol, first_step, words })
    }

    /// The memory, for the next run.
    pub fn into_words(self) -> Words {
        self.words
    }

    /// The entry that is asked for at a step.
    #[inline]
    pub fn cue(&self, rules: &RuleRoots<'_>, step: usize) -> Option<Cue> {
        let bar = step.checked_sub(self.first_step)?;
        let side = self.side(bar)?;
        let rises = bar == 0 || self.side(bar - 1) != Some(side);
        Some(Cue::new(self.symbol, side == Side::Buy, rises, rules.strength(self.symbol, bar, step)))
    }

    /// The side that a bar asks to enter; no bar asks for both.
    #[inline]
    pub fn side(&self, bar: usize) -> Option<Side> {
        let [long, short] = &self.words.enters;
        if holds(long, bar) { Some(Side::Buy) } else { holds(short, bar).then_some(Side::Sell) }
    }

    /// Whether a bar asks to close what is held.
    #[inline]
    pub fn leaves(&self, bar: usize, held: Shares) -> bool {
        holds(&self.words.leaves[usize::from(held.0 < 0)], bar)
    }

    /// The first of `bars` at whose close something may be decided, the end where there is none. Nothing is closed before
    /// the bar `ripe`.
    #[inline]
    pub fn first_decision(&self, bars: Range<usize>, held: Shares, ripe: usize) -> usize {
        let Words { enters: [long, short], leaves } = &self.words;
        let entry = |words: &[u64], end: usize| first(words, bars.start..end).unwrap_or(end);
        match held.0.signum() {
            0 => entry(short, entry(long, bars.end)),
            sign => {
                let (leaves, other) = if sign > 0 { (&leaves[0], short) } else { (&leaves[1], long) };
                entry(other, first(leaves, ripe.max(bars.start)..bars.end).unwrap_or(bars.end))
            }
        }
    }

    /// Notes where, while a position is held, its entry condition turns true again: signals that lead to nothing.
    pub fn note_begun(
        &self,
        rules: &RuleRoots<'_>,
        market: &Market<'_>,
        bars: Range<usize>,
        held: Shares,
        signals: &mut Vec<SignalRow>,
    ) {
        if held == Shares::ZERO {
            return;
        }
        let direction = if held.0 > 0 { Direction::Long } else { Direction::Short };
        for bar in self.begun(bars, held) {
            let step = bar + self.first_step;
            let strength = rules.strength(self.symbol, bar, step);
            signals.push(SignalRow::new(market.ns(step), self.symbol, direction, strength));
        }
    }

    /// The bars at which an entry begins to be asked for on the side that is held.
    fn begun(&self, bars: Range<usize>, held: Shares) -> impl Iterator<Item = usize> {
        let words = self.words.enters[usize::from(held.0 < 0)].as_slice();
        let mut index = bars.start / WORD;
        let mut rest = rises(words, index) & bits_from(bars.start, index * WORD);
        std::iter::from_fn(move || {
            while rest == 0 {
                index += 1;
                if index * WORD >= bars.end {
                    return None;
                }
                rest = rises(words, index);
            }
            let bar = index * WORD + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            (bar < bars.end).then_some(bar)
        })
    }
}

fn holds(words: &[u64], bar: usize) -> bool {
    words.get(bar / WORD).is_some_and(|word| word >> (bar % WORD) & 1 == 1)
}

/// The first bar of a range whose bit is set.
#[inline]
fn first(words: &[u64], bars: Range<usize>) -> Option<usize> {
    let mut index = bars.start / WORD;
    let mut word = words.get(index)? & bits_from(bars.start, index * WORD);
    while word == 0 {
        index += 1;
        if index * WORD >= bars.end {
            return None;
        }
        word = *words.get(index)?;
    }
    let bar = index * WORD + word.trailing_zeros() as usize;
    (bar < bars.end).then_some(bar)
}

/// Of the bars of a word, those whose bit is set and that of the bar before is not.
fn rises(words: &[u64], index: usize) -> u64 {
    let word = words.get(index).copied().unwrap_or(0);
    let before = index.checked_sub(1).and_then(|index| words.get(index)).map_or(0, |word| word >> (WORD - 1));
    word & !(word << 1 | before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_found_within_and_across_words() {
        let set = [0, 5, 63, 64, 130];
        let mut words = vec![0_u64; 4];
        set.iter().for_each(|bar| words[bar / WORD] |= 1 << (bar % WORD));
        for start in 0..256 {
            for end in start..=256 {
                let expected = set.iter().copied().find(|&bar| (start..end).contains(&bar));
                assert_eq!(first(&words, start..end), expected, "{start}..{end}");
            }
        }
        let lone = Lone { symbol: 0, first_step: 0, words: Words { enters: [words, Vec::new()], ..Words::default() } };
        let begun = |bars| lone.begun(bars, Shares::ONE).collect::<Vec<_>>();
        assert_eq!(begun(0..256), [0, 5, 63, 130]);
        assert_eq!(begun(1..130), [5, 63]);
        assert_eq!(begun(64..131), [130]);
        assert_eq!(lone.begun(0..256, -Shares::ONE).count(), 0);
        assert_eq!(lone.first_decision(6..256, Shares::ZERO, 0), 63);
        assert_eq!(lone.first_decision(6..256, -Shares::ONE, 0), 63);
        assert_eq!(lone.first_decision(6..256, Shares::ONE, 0), 256);
    }
}
