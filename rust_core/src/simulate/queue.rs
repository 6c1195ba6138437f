//! What a close asks for, in the order in which it is to be ordered: exits, then adjustments, then entries by priority.
//!
//! Entries are ranked only as far as slots go: most closes have many candidates and few free slots.

use crate::kernel::Reason;
use crate::units::{Shares, Side};
use std::cmp::Ordering;

#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// Close that much of a position.
    Exit {
        symbol: usize,
        quantity: Shares,
        reason: Reason,
    },
    /// Open or add that much, toward a target weight.
    Add {
        symbol: usize,
        side: Side,
        quantity: Shares,
        weight: f64,
    },
    /// Add that much to an open position, by its rule.
    ScaleIn {
        symbol: usize,
        side: Side,
        quantity: Shares,
        priority: f64,
    },
    Enter(Candidate),
}

/// Someone who may enter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub symbol: usize,
    pub side: Side,
    pub priority: f64,
}

impl Candidate {
    /// The larger priority first, a missing one last, ties by symbol.
    fn precedes(&self, other: &Self) -> Ordering {
        let rank = |candidate: &Self| {
            if candidate.priority.is_nan() { f64::NEG_INFINITY } else { candidate.priority }
        };
        rank(other).total_cmp(&rank(self)).then(self.symbol.cmp(&other.symbol))
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    pub firm: Vec<Signal>,
    pub candidates: Vec<Candidate>,
    next_firm: usize,
    next_candidate: usize,
    ranked: usize,
}

impl Queue {
    pub fn clear(&mut self) {
        self.firm.clear();
        self.candidates.clear();
        (self.next_firm, self.next_candidate, self.ranked) = (0, 0, 0);
    }

    /// The next exit or adjustment.
    #[inline]
    pub fn next_firm(&mut self) -> Option<Signal> {
        let signal = self.firm.get(self.next_firm).copied();
        self.next_firm += usize::from(signal.is_some());
        signal
    }

    #[inline]
    pub fn has_candidates(&self) -> bool {
        self.next_candidate < self.candidates.len()
    }

    /// The next candidate, while so many slots are free.
    #[inline]
    pub fn next_candidate(&mut self, free: u32) -> Option<Signal> {
        if free == 0 || !self.has_candidates() {
            return None;
        }
        if self.next_candidate == self.ranked {
            let rest = &mut self.candidates[self.ranked..];
            let wanted = rest.len().min(free as usize);
            if rest.len() > 1 {
                bring_forward(rest, wanted);
            }
            self.ranked += wanted;
        }
        let candidate = self.candidates[self.next_candidate];
        self.next_candidate += 1;
        Some(Signal::Enter(candidate))
    }
}

/// As many first candidates as are kept in order while the others are looked at once.
const FEW: usize = 16;

/// Puts the first `wanted` in rank order at the front; the order of the others is open.
#[inline(never)]
fn bring_forward(candidates: &mut [Candidate], wanted: usize) {
    if wanted == 0 || wanted > FEW {
        if wanted < candidates.len() {
            candidates.select_nth_unstable_by(wanted, Candidate::precedes);
        }
        return candidates[..wanted].sort_unstable_by(Candidate::precedes);
    }
    let (first, others) = candidates.split_at_mut(wanted);
    first.sort_unstable_by(Candidate::precedes);
    for other in others {
        let mut place = wanted;
        while place > 0 && other.precedes(&first[place - 1]).is_lt() {
            place -= 1;
        }
        if place < wanted {
            first[place..].rotate_right(1);
            std::mem::swap(other, &mut first[place]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_come_in_rank_order_whatever_the_slots() {
        let priorities = [3.0, f64::NAN, 7.0, 3.0, -1.0, 9.0, f64::NAN];
        for free in 1..8 {
            let mut queue = Queue::default();
            let candidate = |(symbol, &priority)| Candidate { symbol, side: Side::Buy, priority };
            queue.candidates = priorities.iter().enumerate().map(candidate).collect();
            let mut symbols = Vec::new();
            while let Some(Signal::Enter(candidate)) = queue.next_candidate(free) {
                symbols.push(candidate.symbol);
            }
            assert_eq!(symbols, [5, 2, 0, 3, 4, 1, 6]);
        }
    }
}
