//! Who must leave at one close, and how much of it.
//!
//! Conventions of this room:
//! - A symbol without a bar at this close decides nothing.
//! - An entry to the other side of what is held is also an exit (a reversal); both orders are sent, sales first.
//! - A decided exit cancels what is left of an entry that filled in part.
//! - A partial exit closes its part of what is held at the decision, rounded down, at least one share (one lot of
//!   `round_lot`), and counts as taken with its first fill. One is decided at a time, in the order of the file; an exit of
//!   all takes the place of one that has not filled.
//! - `min_hold_days`: an exit may fill from the fill's session + n on, so it is decided one session earlier.
//! - `max_hold`: the exit is decided at the first close at which that many days or sessions have passed since the fill.

use crate::kernel::lot::Lot;
use crate::kernel::{Event, Order, Reason, Role};
use crate::plan::position::PositionValues;
use crate::simulate::additions::has_passed;
use crate::simulate::book::Done;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::Signal;
use crate::simulate::run::Run;
use crate::simulate::signals::Root;
use crate::units::Shares;

impl Run<'_> {
    /// What is to be closed. With it goes what is left of an entry that filled in part.
    pub(super) fn exit_signals(&mut self, now: usize) -> Done<()> {
        if self.state.account.active.is_empty() {
            return Ok(());
        }
        let mut slots = std::mem::take(&mut self.scratch.slots);
        let mut remainders = Vec::new();
        for &symbol in &self.state.account.active {
            let position = &self.state.account.positions[symbol];
            if position.quantity.0 == 0 || self.is_leaving(symbol) {
                continue;
            }
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let mut exit = self.exit(symbol, bar, now, &mut slots);
            if exit.is_none() && !self.rules.partials.is_empty() {
                exit = self.partial_exit(symbol, bar, now, &mut slots);
            }
            let Some((reason, quantity)) = exit else { continue };
            let quantity = quantity.min(self.sellable(symbol, now));
            if quantity.0 > 0 {
                self.queue.firm.push(Signal::Exit { symbol, quantity, reason });
                let ns = self.market.ns(now);
                let row = SignalRow::new(ns, symbol, Direction::Flat, f64::NAN);
                self.output.signals.push(row);
                let orders = &self.state.orders;
                let is_over = |order: &Order| order.opens() || order.role == Role::Exit;
                remainders.extend(position.working.iter().filter(|&&id| is_over(&orders[id as usize - 1])));
            }
        }
        let at = self.market.moment(now);
        for &id in &remainders {
            self.apply(at, Event::Cancelled(id))?;
        }
        self.scratch.slots = slots;
        Ok(())
    }

    /// Whether an exit order is working; a partial exit is none, because an exit of all takes its place.
    pub(super) fn is_leaving(&self, symbol: usize) -> bool {
        self.has_working(symbol, |order| order.role == Role::Exit && !matches!(order.reason, Reason::PartialExit(_)))
    }

    pub(super) fn has_working(&self, symbol: usize, is_such: impl Fn(&Order) -> bool) -> bool {
        let working = &self.state.account.positions[symbol].working;
        working.iter().any(|&id| is_such(&self.state.orders[id as usize - 1]))
    }

    /// The first partial exit that has not been taken and whose condition holds, and how much it closes.
    #[inline(never)]
    fn partial_exit(&self, symbol: usize, bar: usize, now: usize, slots: &mut Vec<f64>) -> Option<(Reason, Shares)> {
        if self.has_working(symbol, |order| order.role == Role::Exit) {
            return None;
        }
        let (position, history) = (&self.state.account.positions[symbol], &self.state.account.histories[symbol]);
        let values = self.position_values(symbol, bar, now);
        let open = self.rules.partials.iter().enumerate().filter(|(place, _)| !history.has_taken(*place));
        let (place, (_, part)) =
            open.into_iter().find(|(_, (when, _))| when.is_true_of(&values, symbol, bar, now, slots))?;
        let unit = self.sizer().unit();
        let quantity = part.of_shares(position.quantity.abs(), unit).max(unit.min(position.quantity.abs()));
        Some((Reason::PartialExit(place as u8), quantity))
    }

    /// Why a position is to be closed at this close, and how much of it.
    pub(super) fn exit(&self, symbol: usize, bar: usize, now: usize, slots: &mut Vec<f64>) -> Option<(Reason, Shares)> {
        let position = &self.state.account.positions[symbol];
        let is_long = position.quantity.0 > 0;
        let all = position.quantity.abs();
        if self.plan.close_on_leave && !self.rules.is_member(symbol, bar, now) {
            return Some((Reason::LeftUniverse, all));
        }
        let rule = if is_long { &self.rules.exit_long } else { &self.rules.exit_short };
        if let Some(rule) = rule {
            let is_true = if rule.is_of_position() {
                self.holds_of(rule, symbol, bar, now, slots)
            } else {
                rule.is_true(symbol, bar, now)
            };
            if is_true {
                return Some((Reason::ExitRule, all));
            }
        }
        let may_reverse = self.targets.is_none() && self.rules.long.is_some() && self.rules.short.is_some();
        if may_reverse && self.is_opposed(symbol, is_long, now) {
            return Some((Reason::Reversal, all));
        }
        if self.rules.max_hold.is_some() { self.held_too_long(symbol, now) } else { None }
    }

    /// Whether a position-stage rule holds.
    #[inline(never)]
    fn holds_of(&self, rule: &Root<'_>, symbol: usize, bar: usize, now: usize, slots: &mut Vec<f64>) -> bool {
        rule.is_true_of(&self.position_values(symbol, bar, now), symbol, bar, now, slots)
    }

    /// Whether the other side of a position is to be entered.
    #[inline(never)]
    fn is_opposed(&self, symbol: usize, is_long: bool, now: usize) -> bool {
        self.cues_at(now).binary_search_by_key(&(symbol, !is_long), |cue| (cue.symbol(), cue.is_long())).is_ok()
    }

    /// The lots that have been held as long as they may.
    #[inline(never)]
    fn held_too_long(&self, symbol: usize, now: usize) -> Option<(Reason, Shares)> {
        let (hold, at) = (self.rules.max_hold?, self.market.moment(now));
        let is_over = |lot: &&Lot| has_passed(hold, lot.entered, at);
        let lots = &self.state.account.positions[symbol].lots;
        let over: Shares = lots.iter().filter(is_over).map(|lot| lot.quantity.abs()).sum();
        (over.0 > 0).then_some((Reason::MaxHold, over))
    }

    /// What position-stage rules know: prices on today's basis, ages from the oldest lot.
    pub(super) fn position_values(&self, symbol: usize, bar: usize, now: usize) -> PositionValues {
        let position = &self.state.account.positions[symbol];
        let is_long = position.quantity.0 > 0;
        let at = self.market.moment(now);
        let entered = position.lots.first().map_or(at, |lot| lot.entered);
        let bests = position.lots.iter().map(|lot| lot.best);
        let best = if is_long { bests.max() } else { bests.min() }.unwrap_or(position.mark).to_f64();
        let (entry, close) = (position.entry_price().to_f64(), self.market.bars(symbol).close[bar]);
        let (history, youngest) = (&self.state.account.histories[symbol], position.lots.last());
        let gain = |from: f64, to: f64| if is_long { to / from - 1.0 } else { 1.0 - to / from };
        PositionValues {
            entry_price: entry,
            bars_held: f64::from(at.session.saturating_sub(entered.session)),
            days_held: f64::from(at.date) - f64::from(entered.date),
            profit: gain(entry, close),
            best_profit: gain(entry, best),
            from_best: gain(best, close),
            quantity: position.quantity.to_f64(),
            weight: position.value().to_f64() / self.equity().to_f64(),
            is_long,
            entries: f64::from(history.entries),
            partials: f64::from(history.partials()),
            last_entry_price: youngest.map_or(f64::NAN, |lot| lot.entry_price().to_f64()),
            bars_since_entry: youngest
                .map_or(f64::NAN, |lot| f64::from(at.session.saturating_sub(lot.entered.session))),
        }
    }

    /// Shares old enough, at the next session, for the minimum hold.
    pub(super) fn sellable(&self, symbol: usize, now: usize) -> Shares {
        let position = &self.state.account.positions[symbol];
        if self.plan.min_hold_days == 0 {
            return position.quantity.abs();
        }
        let next = self.market.next_session(now);
        let is_ripe = |lot: &&Lot| next.saturating_sub(lot.entered.session) >= self.plan.min_hold_days;
        position.lots.iter().filter(is_ripe).map(|lot| lot.quantity.abs()).sum()
    }
}
