//! A column of truths in two bits a bar: whether it is known, and whether it holds.

use crate::logic::truth;
use std::ops::Range;

pub(super) const WORD: usize = u64::BITS as usize;

/// One member's truths, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truths {
    bars: usize,
    known: Vec<u64>,
    holding: Vec<u64>,
}

impl Truths {
    pub(super) fn with_capacity(bars: usize) -> Self {
        let words = bars.div_ceil(WORD);
        Self { bars: 0, known: Vec::with_capacity(words), holding: Vec::with_capacity(words) }
    }

    /// Memory that the words hold.
    pub fn bytes(&self) -> usize {
        (self.known.len() + self.holding.len()) * size_of::<u64>()
    }

    pub fn len(&self) -> usize {
        self.bars
    }

    pub fn is_empty(&self) -> bool {
        self.bars == 0
    }

    /// Appends values: NaN is unknown, 0 is false.
    pub(super) fn extend(&mut self, values: &[f64]) {
        let filled = self.bars % WORD;
        let (head, rest) = values.split_at(if filled == 0 { 0 } else { values.len().min(WORD - filled) });
        if let (Some(known), Some(holding)) = (self.known.last_mut(), self.holding.last_mut()) {
            let (k, h) = pack(head);
            *known |= k << (filled % WORD);
            *holding |= h << (filled % WORD);
        }
        for word in rest.chunks(WORD) {
            let (known, holding) = pack(word);
            self.known.push(known);
            self.holding.push(holding);
        }
        self.bars += values.len();
    }

    /// Appends up to 64 bars, a bit each; what does not hold may be unknown, and bits past `count` do not matter.
    pub(super) fn push(&mut self, known: u64, holding: u64, count: usize) {
        let used = u64::MAX >> (WORD - count);
        let (known, holding, filled) = (known & used, holding & used, self.bars % WORD);
        for (words, word) in [(&mut self.known, known), (&mut self.holding, holding)] {
            match words.last_mut() {
                Some(last) if filled > 0 => {
                    *last |= word << filled;
                    if filled + count > WORD {
                        words.push(word >> (WORD - filled));
                    }
                }
                _ => words.push(word),
            }
        }
        self.bars += count;
    }

    /// Whether the condition is known to hold at a bar.
    pub fn holds(&self, bar: usize) -> bool {
        self.holding.get(bar / WORD).is_some_and(|word| word >> (bar % WORD) & 1 == 1)
    }

    /// Which bars hold, 64 to a word, the first in the lowest bit.
    pub fn words(&self) -> &[u64] {
        &self.holding
    }

    /// Which of the bars from `64 * index` on hold, the first in the lowest bit; 0 past the end.
    pub fn word(&self, index: usize) -> u64 {
        self.holding.get(index).copied().unwrap_or(0)
    }

    /// 1, 0 or NaN; NaN past the end.
    pub fn value(&self, bar: usize) -> f64 {
        let known = self.known.get(bar / WORD).is_some_and(|word| word >> (bar % WORD) & 1 == 1);
        if known { truth(self.holds(bar)) } else { f64::NAN }
    }

    pub(super) fn values(&self, bars: Range<usize>) -> impl Iterator<Item = f64> + '_ {
        bars.map(|bar| self.value(bar))
    }

    /// Bars at which the condition holds, in order.
    pub fn holding(&self) -> impl Iterator<Item = usize> + '_ {
        self.holding.iter().enumerate().flat_map(|(index, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < WORD).then_some(index * WORD + bit)
            })
        })
    }
}

/// Up to a word of values as known bits and holding bits.
fn pack(values: &[f64]) -> (u64, u64) {
    if let Ok(word) = values.try_into() {
        return pack_word(word);
    }
    let (mut known, mut holding) = (0, 0);
    for (bit, &value) in values.iter().enumerate() {
        let is_known = u64::from(!value.is_nan());
        known |= is_known << bit;
        holding |= (is_known & u64::from(value != 0.0)) << bit;
    }
    (known, holding)
}

/// A whole word: first one byte a value, which is done for several at once, then eight bytes to eight bits.
fn pack_word(values: &[f64; WORD]) -> (u64, u64) {
    let (mut known, mut holding) = ([0_u8; WORD], [0_u8; WORD]);
    for ((known, holding), value) in known.iter_mut().zip(&mut holding).zip(values) {
        *known = u8::from(!value.is_nan());
        *holding = u8::from(!value.is_nan() & (*value != 0.0));
    }
    (bits(&known), bits(&holding))
}

/// Bytes of 0 or 1 as bits, the first lowest.
pub(super) fn bits(bytes: &[u8; WORD]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    // Byte i times the bit 56 - 7i falls on bit 56 + i; no two products fall on one bit.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().enumerate().fold(0, |word, (place, eight)| word | byte(eight) << (8 * place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truths_survive_packing_in_pieces_of_any_size() {
        let values: Vec<f64> = (0..300).map(|i| [0.0, 1.0, f64::NAN, 1.0, 0.0][i * 7 % 11 % 5]).collect();
        for piece in [1, 5, 63, 64, 65, 128, 300] {
            let mut truths = Truths::with_capacity(10);
            values.chunks(piece).for_each(|chunk| truths.extend(chunk));
            assert_eq!(truths.len(), 300);
            let found: Vec<u64> = truths.values(0..300).map(f64::to_bits).collect();
            assert_eq!(found, values.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
            let holding: Vec<usize> = (0..300).filter(|&bar| values[bar] == 1.0).collect();
            assert_eq!(truths.holding().collect::<Vec<_>>(), holding);
            assert!(truths.value(300).is_nan() && !truths.holds(300));
        }
    }
}
