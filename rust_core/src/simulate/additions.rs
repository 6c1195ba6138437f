//! Additions to open positions.
//!
//! Conventions of this room:
//! - An addition is asked for at a close at which the symbol is a member, nothing closes any of the position, no order
//!   to open or close is working in it, and fewer additions than `times` have filled.
//! - Its size is a part of what the first entry filled (restated by splits), rounded down, less what would take the
//!   position above `max_position`; additions come before new entries.

use crate::kernel::{Moment, Role};
use crate::plan::Hold;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::Signal;
use crate::simulate::run::Run;
use crate::units::{Shares, Side};

/// Whether so many days or sessions have passed from one moment to another.
pub(super) fn has_passed(hold: Hold, from: Moment, to: Moment) -> bool {
    match hold {
        Hold::Sessions(sessions) => to.session.saturating_sub(from.session) >= sessions,
        Hold::CalendarDays(days) => i64::from(to.date) - i64::from(from.date) >= i64::from(days),
    }
}

impl Run<'_> {
    /// Asks for additions; the first `exits` signals of the queue are what closes.
    #[inline(never)]
    pub(super) fn addition_signals(&mut self, now: usize, exits: usize) {
        let mut slots = std::mem::take(&mut self.scratch.slots);
        let ns = self.market.ns(now);
        for place in 0..self.state.account.active.len() {
            let symbol = self.state.account.active[place];
            let Some((side, quantity)) = self.addition(symbol, now, exits, &mut slots) else { continue };
            let bar = self.market.bar_at(symbol, now).unwrap_or_default();
            let priority = self.rules.strength(symbol, bar, now);
            self.queue.firm.push(Signal::ScaleIn { symbol, side, quantity, priority });
            let direction = if side == Side::Buy { Direction::Long } else { Direction::Short };
            self.output.signals.push(SignalRow::new(ns, symbol, direction, priority));
        }
        self.scratch.slots = slots;
    }

    fn addition(&self, symbol: usize, now: usize, exits: usize, slots: &mut Vec<f64>) -> Option<(Side, Shares)> {
        let rule = self.rules.scale_in.as_ref()?;
        let (position, history) = (&self.state.account.positions[symbol], &self.state.account.histories[symbol]);
        let bar = self.market.bar_at(symbol, now)?;
        let is_closing = |signal: &Signal| matches!(signal, Signal::Exit { symbol: leaving, .. } if *leaving == symbol);
        if position.quantity.0 == 0
            || history.entries > rule.times
            || !self.rules.is_member(symbol, bar, now)
            || self.queue.firm[..exits].iter().any(is_closing)
            || self.has_working(symbol, |order| matches!(order.role, Role::Entry | Role::Exit))
        {
            return None;
        }
        if !rule.when.is_true_of(&self.position_values(symbol, bar, now), symbol, bar, now, slots)
            || self.exit(symbol, bar, now, slots).is_some()
        {
            return None;
        }
        let sizer = self.sizer();
        let wanted = rule.size.of_shares(history.first, sizer.unit());
        let room = match sizer.sizing.max_position_frac {
            None => wanted,
            Some(cap) => {
                let most = sizer.shares_of(cap, sizer.reference(self.market.close(symbol, now)?), Shares::ZERO);
                Shares((most - position.quantity.abs()).0 / sizer.unit().0 * sizer.unit().0)
            }
        };
        let quantity = wanted.min(room);
        let side = Side::of(position.quantity);
        (quantity.0 > 0).then_some((side, quantity))
    }
}
