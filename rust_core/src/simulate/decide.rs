//! From columns to drafted orders at one close: who leaves, who enters, how much, as what order.
//!
//! Conventions that SEMANTICS leaves to this room:
//! - A symbol without a bar at this close decides nothing.
//! - An entry needs membership, a position neither held nor being entered, and an exit rule that is not true as well.
//! - An entry to the other side of what is held is also an exit (a reversal); both orders are sent, sales first.
//! - A decided exit cancels what is left of an entry that filled in part.
//! - `min_hold_days`: an exit may fill from the fill's session + n on, so it is decided one session earlier.
//! - `max_hold`: the exit is decided at the first close at which that many days or sessions have passed since the fill.

use crate::error::Result;
use crate::kernel::lot::Lot;
use crate::kernel::protection::Protection;
use crate::kernel::router::Intent;
use crate::kernel::sizing::{SizingInputs, shares, size};
use crate::kernel::{Event, Order, Reason, Role};
use crate::plan::position::PositionValues;
use crate::plan::{Hold, NodeId, Plan, SizingMethod};
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::{Candidate, Signal};
use crate::simulate::run::Run;
use crate::simulate::signals::{Cue, Cues, CuesAt, Root, Signals};
use crate::simulate::skip::LoneColumns;
use crate::units::{Price, Shares, Side};

/// An order before its verdict.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub order: Order,
    /// Close times one plus the buffer: what it was sized on.
    pub reference: Price,
    /// Where its stop would stand, were it filled at the reference.
    pub stop: Option<Price>,
    pub close: Price,
}

/// The roots of a plan's conditions.
#[derive(Default)]
pub(super) struct RuleRoots<'a> {
    pub member: Option<Root<'a>>,
    long: Option<Root<'a>>,
    short: Option<Root<'a>>,
    priority: Option<Root<'a>>,
    exit_long: Option<Root<'a>>,
    exit_short: Option<Root<'a>>,
    volatility: Option<Root<'a>>,
    max_hold: Option<Hold>,
}

impl<'a> RuleRoots<'a> {
    pub fn new<S: Signals + ?Sized>(plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        let root = |node: NodeId| Root::new(node, plan, market, signals);
        let rules = plan.rules.clone().unwrap_or_default();
        let volatility = match plan.sizing.method {
            SizingMethod::VolatilityTarget { volatility, .. } | SizingMethod::InverseVolatility { volatility, .. } => {
                Some(root(volatility))
            }
            _ => None,
        };
        Self {
            member: plan.member.map(root),
            long: rules.long.map(root),
            short: rules.short.map(root),
            priority: rules.priority.map(root),
            exit_long: rules.exit_long.map(root),
            exit_short: rules.exit_short.map(root),
            volatility,
            max_hold: rules.max_hold,
        }
    }

    pub fn is_member(&self, symbol: usize, bar: usize, step: usize) -> bool {
        self.member.as_ref().is_none_or(|member| member.is_true(symbol, bar, step))
    }

    /// The priority of an entry, NaN where none is declared.
    pub fn strength(&self, symbol: usize, bar: usize, step: usize) -> f64 {
        self.priority.as_ref().map_or(f64::NAN, |root| root.value(symbol, bar, step))
    }

    /// Entry conditions by step: long or short, a member, and no exit at the same close. Both sides at once is neither.
    pub fn cues(&self, market: &Market<'a>) -> Cues {
        let roots = [&self.member, &self.long, &self.short, &self.exit_long, &self.exit_short];
        if roots.into_iter().flatten().all(|root| !root.is_of_market()) {
            let sides = [self.long.is_some(), self.short.is_some()];
            let word = |symbol: usize, index: usize, is_long: bool| self.word(symbol, index, is_long);
            return Cues::gather_words(market, sides, word, self.priority.as_ref());
        }
        Cues::gather(market, [self.long.as_ref(), self.short.as_ref()], |symbol, bar, step, is_long| {
            self.side(symbol, bar, step) == if is_long { 1 } else { -1 }
        })
    }

    /// At which of 64 bars a side may be entered, where no condition is market-wide.
    fn word(&self, symbol: usize, index: usize, is_long: bool) -> u64 {
        let word = |root: &Option<Root<'a>>| root.as_ref().map_or(0, |root| root.word(symbol, index));
        let member = if self.member.is_some() { word(&self.member) } else { u64::MAX };
        let (own, other, exit) = if is_long {
            (&self.long, &self.short, &self.exit_long)
        } else {
            (&self.short, &self.long, &self.exit_short)
        };
        word(own) & !word(other) & !word(exit) & member
    }

    /// The side that may be entered at a bar: 1, -1, or 0 for none.
    fn side(&self, symbol: usize, bar: usize, step: usize) -> i64 {
        let holds = |root: &Option<Root<'a>>| root.as_ref().is_some_and(|root| root.is_true(symbol, bar, step));
        let (long, short) = (holds(&self.long), holds(&self.short));
        if long == short || !self.is_member(symbol, bar, step) {
            return 0;
        }
        match (long, holds(if long { &self.exit_long } else { &self.exit_short })) {
            (_, true) => 0,
            (true, false) => 1,
            (false, false) => -1,
        }
    }

    /// The same for one member at one step, without the list.
    pub fn cue(&self, market: &Market<'a>, symbol: usize, step: usize) -> Option<Cue> {
        let bar = market.bar_at(symbol, step)?;
        let side = self.side(symbol, bar, step);
        let before = if bar == 0 { 0 } else { self.side(symbol, bar - 1, market.step_of(symbol, bar - 1)) };
        (side != 0).then(|| Cue::new(symbol, side > 0, side != before))
    }

    /// The columns that decide for a lone member; `None` where something else does as well.
    pub fn lone_columns(&self, symbol: usize) -> Option<LoneColumns<'a>> {
        let column = |root: &Option<Root<'a>>| match root {
            None => Some(None),
            Some(root) => root.column(symbol).map(Some),
        };
        self.max_hold.is_none().then_some(())?;
        Some(LoneColumns {
            entries: [column(&self.long)?, column(&self.short)?],
            exits: [column(&self.exit_long)?, column(&self.exit_short)?],
            member: column(&self.member)?,
        })
    }
}

impl Run<'_> {
    /// Gathers what the plan asks for at the close of `now`.
    pub(super) fn read_signals(&mut self, now: usize) -> Result<()> {
        self.queue.clear();
        self.slots = None;
        self.is_view_current = false;
        self.exit_signals(now)?;
        if self.targets.is_some() { self.target_signals(now) } else { self.entry_signals(now) }
    }

    pub(super) fn cues_at(&self, now: usize) -> CuesAt<'_> {
        match (&self.cues, self.market.members.first()) {
            (Some(cues), _) => CuesAt::Listed(cues.at(now)),
            (None, Some(&symbol)) => CuesAt::Lone(self.rules.cue(&self.market, symbol, now)),
            (None, None) => CuesAt::Lone(None),
        }
    }

    pub(super) fn next_signal(&mut self) -> Option<Signal> {
        let mut queue = std::mem::take(&mut self.queue);
        let signal = queue.next(|| self.free_slots());
        self.queue = queue;
        signal
    }

    /// What is to be closed. With it goes what is left of an entry that filled in part.
    fn exit_signals(&mut self, now: usize) -> Result<()> {
        let mut slots = std::mem::take(&mut self.scratch.slots);
        let mut remainders = std::mem::take(&mut self.scratch.ids);
        for &symbol in &self.state.account.active {
            let position = &self.state.account.positions[symbol];
            if position.quantity.0 == 0 || self.is_leaving(symbol) {
                continue;
            }
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let Some((reason, quantity)) = self.exit(symbol, bar, now, &mut slots) else { continue };
            let quantity = quantity.min(self.sellable(symbol, now));
            if quantity.0 > 0 {
                self.queue.firm.push(Signal::Exit { symbol, quantity, reason });
                let ns = self.market.panel.timeline.ts_ns[now];
                let row = SignalRow { ns, symbol, direction: Direction::Flat, strength: f64::NAN };
                self.output.signals.push(row);
                let orders = &self.state.orders;
                remainders.extend(position.working.iter().filter(|&&id| orders[id as usize - 1].opens()));
            }
        }
        let at = self.market.moment(now);
        for &id in &remainders {
            self.apply(at, Event::Cancelled(id))?;
        }
        remainders.clear();
        (self.scratch.slots, self.scratch.ids) = (slots, remainders);
        Ok(())
    }

    /// Whether an exit order is working.
    fn is_leaving(&self, symbol: usize) -> bool {
        let working = &self.state.account.positions[symbol].working;
        working.iter().any(|&id| self.state.orders[id as usize - 1].role == Role::Exit)
    }

    /// Why a position is to be closed at this close, and how much of it.
    fn exit(&self, symbol: usize, bar: usize, now: usize, slots: &mut Vec<f64>) -> Option<(Reason, Shares)> {
        let position = &self.state.account.positions[symbol];
        let is_long = position.quantity.0 > 0;
        let all = position.quantity.abs();
        if self.plan.close_on_leave && !self.rules.is_member(symbol, bar, now) {
            return Some((Reason::LeftUniverse, all));
        }
        let rule = if is_long { &self.rules.exit_long } else { &self.rules.exit_short };
        if let Some(rule) = rule {
            let is_true = if rule.is_of_position() {
                rule.is_true_of(&self.position_values(symbol, bar, now), symbol, bar, now, slots)
            } else {
                rule.is_true(symbol, bar, now)
            };
            if is_true {
                return Some((Reason::ExitRule, all));
            }
        }
        if self.targets.is_none()
            && self.rules.long.is_some()
            && self.rules.short.is_some()
            && self.cues_at(now).binary_search_by_key(&(symbol, !is_long), |cue| (cue.symbol(), cue.is_long())).is_ok()
        {
            return Some((Reason::Reversal, all));
        }
        let hold = self.rules.max_hold?;
        let at = self.market.moment(now);
        let is_over = |lot: &&Lot| match hold {
            Hold::Sessions(sessions) => at.session.saturating_sub(lot.entered.session) >= sessions,
            Hold::CalendarDays(days) => i64::from(at.date) - i64::from(lot.entered.date) >= i64::from(days),
        };
        let over: Shares = position.lots.iter().filter(is_over).map(|lot| lot.quantity.abs()).sum();
        (over.0 > 0).then_some((Reason::MaxHold, over))
    }

    /// What position-stage rules know: prices on today's basis, ages from the oldest lot.
    fn position_values(&self, symbol: usize, bar: usize, now: usize) -> PositionValues {
        let position = &self.state.account.positions[symbol];
        let is_long = position.quantity.0 > 0;
        let at = self.market.moment(now);
        let entered = position.lots.first().map_or(at, |lot| lot.entered);
        let bests = position.lots.iter().map(|lot| lot.best);
        let best = if is_long { bests.max() } else { bests.min() }.unwrap_or(position.mark).to_f64();
        let (entry, close) = (position.entry_price().to_f64(), self.market.bars(symbol).close[bar]);
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

    fn entry_signals(&mut self, now: usize) -> Result<()> {
        let exits = self.queue.firm.len();
        let has_room = exits > 0 || self.count_free_slots() > 0;
        let ns = self.market.panel.timeline.ts_ns[now];
        let mut candidates = std::mem::take(&mut self.queue.candidates);
        let mut rises = std::mem::take(&mut self.output.signals);
        let cues = self.cues_at(now);
        // Whoever is not active is idle; both lists ascend.
        let mut active = self.state.account.active.iter().copied().peekable();
        let strengths = self.cues.as_ref().map_or(&[][..], |cues| cues.strengths_at(now));
        for (place, &cue) in cues.iter().enumerate().filter(|(_, cue)| has_room || cue.rises()) {
            let symbol = cue.symbol();
            let side = if cue.is_long() { Side::Buy } else { Side::Sell };
            while active.next_if(|&before| before < symbol).is_some() {}
            let is_active = active.peek() == Some(&symbol);
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let priority = strengths.get(place).copied();
            let priority = priority.unwrap_or_else(|| self.rules.strength(symbol, bar, now));
            if cue.rises() {
                let direction = if cue.is_long() { Direction::Long } else { Direction::Short };
                rises.push(SignalRow { ns, symbol, direction, strength: priority });
            }
            if has_room && (!is_active || self.may_enter(symbol, side, &self.queue.firm[..exits])) {
                candidates.push(Candidate { symbol, side, priority });
            }
        }
        (self.queue.candidates, self.output.signals) = (candidates, rises);
        if matches!(self.sizing().method, SizingMethod::InverseVolatility { .. }) {
            self.inverse_sum = self.inverse_volatility_sum(now);
        }
        Ok(())
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

    /// Sizes and routes one signal; `None` where nothing is to be ordered.
    pub(super) fn draft(&self, now: usize, signal: Signal) -> Option<Draft> {
        match signal {
            Signal::Exit { symbol, quantity, reason } => self.draft_exit(now, symbol, quantity, reason),
            Signal::Enter(candidate) => self.draft_entry(now, candidate),
            Signal::Add { symbol, side, quantity, weight } => {
                let protection = self.levels.protection(symbol, self.market.bar_at(symbol, now)?, now)?;
                self.draft_open(now, symbol, side, quantity, Reason::Rebalance, weight.abs(), protection)
            }
        }
    }

    fn draft_exit(&self, now: usize, symbol: usize, quantity: Shares, reason: Reason) -> Option<Draft> {
        let is_long = self.state.account.positions[symbol].quantity.0 > 0;
        let side = if is_long { Side::Sell } else { Side::Buy };
        let protection = Protection::default();
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: false, reason, priority: 0.0, protection };
        self.route(now, &intent)
    }

    fn route(&self, now: usize, intent: &Intent) -> Option<Draft> {
        let close = self.market.close(intent.symbol, now)?;
        let reference = self.reference(close);
        let order = self.router.route(intent, close, self.market.moment(now).ns, self.market.next_session(now));
        let level = intent.protection.stop_level(intent.side == Side::Buy, reference, reference);
        Some(Draft { order, reference, stop: level.map(|(price, _)| price), close })
    }

    /// The close raised by the buffer: what orders are sized on.
    pub(super) fn reference(&self, close: Price) -> Price {
        close + self.setup.buffer.of_price(close)
    }

    fn draft_entry(&self, now: usize, candidate: Candidate) -> Option<Draft> {
        let Candidate { symbol, side, priority } = candidate;
        let bar = self.market.bar_at(symbol, now)?;
        let reference = self.reference(self.market.close(symbol, now)?);
        let protection = self.levels.protection(symbol, bar, now)?;
        let sizing = self.sizing();
        let quantity = match sizing.method {
            SizingMethod::FixedShares { shares: count } => {
                let count = Shares::from_f64(count).unwrap_or(Shares::ZERO);
                let count = if sizing.fractional { count } else { count.truncated() };
                sizing.max_position_frac.map_or(count, |cap| count.min(self.shares_of(cap, reference)))
            }
            _ => {
                let weight = size(&sizing.method, &self.sizing_inputs(symbol, bar, now, side, reference, &protection));
                self.shares_of(sizing.max_position_frac.map_or(weight, |cap| weight.min(cap)), reference)
            }
        };
        let reason = if side == Side::Buy { Reason::EntryLong } else { Reason::EntryShort };
        self.draft_open(now, symbol, side, quantity, reason, priority, protection)
    }

    fn sizing_inputs(
        &self,
        symbol: usize,
        bar: usize,
        now: usize,
        side: Side,
        reference: Price,
        protection: &Protection,
    ) -> SizingInputs {
        let stop = protection.stop_level(side == Side::Buy, reference, reference);
        let volatility = self.rules.volatility.as_ref().map(|root| root.value(symbol, bar, now));
        SizingInputs {
            concurrent: self.sizing().max_positions.unwrap_or(self.plan.symbols.len() as u32).max(1),
            stop_distance_frac: stop.map(|(stop, _)| (reference - stop).0.abs() as f64 / reference.0 as f64),
            volatility,
            inverse_volatility_share: volatility.map(|volatility| 1.0 / volatility / self.inverse_sum),
            kelly: self.closed.stats(),
        }
    }

    // All of a decision meets here, once; its parts share no other home.
    #[allow(clippy::too_many_arguments)]
    fn draft_open(
        &self,
        now: usize,
        symbol: usize,
        side: Side,
        quantity: Shares,
        reason: Reason,
        priority: f64,
        protection: Protection,
    ) -> Option<Draft> {
        if quantity.0 <= 0 {
            return None;
        }
        self.route(now, &Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority, protection })
    }

    /// Shares worth that part of equity at a price, the fee per share included; none for a weight that is not above 0.
    pub(super) fn shares_of(&self, weight: f64, reference: Price) -> Shares {
        if weight.is_nan() || weight <= 0.0 {
            return Shares::ZERO;
        }
        let sizing = self.sizing();
        let price = reference + self.setup.commission.per_share_allowance(reference);
        shares(weight, self.equity(), price, sizing.fractional, sizing.round_lot)
    }

    /// The sum of 1 / volatility over candidates and holdings, for the method that shares out by it.
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
