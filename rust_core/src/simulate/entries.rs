//! Who asks to enter at one close.
//!
//! Conventions of this room:
//! - A symbol without a bar at this close decides nothing.
//! - An entry needs membership, a position neither held nor being entered, and an exit rule that is not true as well.
//! - `cooldown`: conditions count again at the first close at which that many days or sessions have passed since the
//!   last fill that closed something of the symbol. So with one a reversal only closes.

use crate::plan::SizingMethod;
use crate::simulate::additions::has_passed;
use crate::simulate::book::Done;
use crate::simulate::cues::CuesAt;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::{Candidate, Signal};
use crate::simulate::run::Run;
use crate::units::Side;

impl Run<'_> {
    /// Gathers what the plan asks for at the close of `now`.
    pub(super) fn read_signals(&mut self, now: usize) -> Done<()> {
        self.queue.clear();
        self.slots = None;
        self.is_view_current = false;
        if self.cues.as_ref().is_some_and(|cues| !cues.covers(now)) {
            self.list_cues(now);
        }
        self.exit_signals(now)?;
        if self.targets.is_some() {
            return self.target_signals(now);
        }
        let exits = self.queue.firm.len();
        self.entry_signals(now);
        if self.rules.scale_in.is_some() {
            self.addition_signals(now, exits);
        }
        Ok(())
    }

    #[inline(never)]
    fn list_cues(&mut self, now: usize) {
        let Some(cues) = &mut self.cues else { return };
        match &self.targets {
            Some(targets) => targets.list(cues, &self.rules, &self.market, now),
            None => self.rules.list(cues, &self.market, now),
        }
    }

    pub(super) fn cues_at(&self, now: usize) -> CuesAt<'_> {
        CuesAt::of(self.cues.as_ref(), self.lone.as_ref(), &self.rules, &self.market, now)
    }

    #[inline]
    pub(super) fn next_signal(&mut self) -> Option<Signal> {
        if let Some(signal) = self.queue.next_firm() {
            return Some(signal);
        }
        if !self.queue.has_candidates() {
            return None;
        }
        if matches!(self.sizing().method, SizingMethod::HalfKelly { .. }) {
            self.closed.take_in(&self.effects.closed);
        }
        let free = self.free_slots();
        self.queue.next_candidate(free)
    }

    fn entry_signals(&mut self, now: usize) {
        let exits = self.queue.firm.len();
        // What leaves makes room; where nothing does, the slots stay as they are found here.
        let has_room = exits > 0 || self.free_slots() > 0;
        let cues = CuesAt::of(self.cues.as_ref(), self.lone.as_ref(), &self.rules, &self.market, now);
        // Whoever is not active is idle; both lists ascend.
        let mut active = self.state.account.active.iter().copied().peekable();
        for cue in cues.iter().filter(|cue| has_room || cue.rises()) {
            let symbol = cue.symbol();
            if cue.rises() {
                let direction = if cue.is_long() { Direction::Long } else { Direction::Short };
                self.output.signals.push(SignalRow::new(self.market.ns(now), symbol, direction, cue.strength));
            }
            let side = if cue.is_long() { Side::Buy } else { Side::Sell };
            while active.next_if(|&before| before < symbol).is_some() {}
            let is_active = active.peek() == Some(&symbol);
            let may_enter = || !is_active || self.may_enter(symbol, side, &self.queue.firm[..exits]);
            if has_room && may_enter() && self.is_rested(symbol, now) {
                self.queue.candidates.push(Candidate { symbol, side, priority: cue.strength });
            }
        }
        if !self.queue.candidates.is_empty() {
            if matches!(self.sizing().method, SizingMethod::InverseVolatility { .. }) {
                self.inverse_sum = self.inverse_volatility_sum(now);
            }
            if self.rules.changes.is_some() {
                self.weigh_by_risk(now);
            }
        }
    }

    /// Whether the cool-down of a symbol is over. A position that is still held, on its way to the other side, has not
    /// begun it.
    fn is_rested(&self, symbol: usize, now: usize) -> bool {
        let Some(cooldown) = self.rules.cooldown else { return true };
        if self.state.account.positions[symbol].quantity.0 != 0 {
            return false;
        }
        self.state.account.histories[symbol].left.is_none_or(|left| has_passed(cooldown, left, self.market.moment(now)))
    }

    /// Whether a symbol is neither held on that side nor being entered; an opposite position must be on its way out.
    fn may_enter(&self, symbol: usize, side: Side, exits: &[Signal]) -> bool {
        let position = &self.state.account.positions[symbol];
        if position.is_idle() {
            return true;
        }
        let is_free = match position.quantity.0.signum() {
            0 => true,
            held if held == side.sign() => false,
            _ => {
                let all = position.quantity.abs();
                let closes = |signal: &Signal| {
                    matches!(signal, Signal::Exit { symbol: leaving, quantity, .. }
                        if *leaving == symbol && *quantity == all)
                };
                self.is_leaving(symbol) || exits.iter().any(closes)
            }
        };
        is_free && !position.working.iter().any(|&id| self.state.orders[id as usize - 1].opens())
    }

    /// The sum of 1 / volatility over candidates and holdings, for the method that shares out by it.
    #[inline(never)]
    fn inverse_volatility_sum(&self, now: usize) -> f64 {
        let Some(root) = &self.rules.volatility else { return f64::NAN };
        let entering = self.queue.candidates.iter().map(|candidate| candidate.symbol);
        let held = self.state.account.active.iter().copied();
        let held = held.filter(|&symbol| self.state.account.positions[symbol].quantity.0 != 0);
        entering
            .chain(held)
            .filter_map(|symbol| self.market.bar_at(symbol, now).map(|bar| root.value(symbol, bar, now)))
            .filter(|&volatility| volatility > 0.0)
            .map(|volatility| 1.0 / volatility)
            .sum()
    }
}
