//! From columns to drafted orders at one close: who leaves, who enters, how much, as what order.
//!
//! Conventions that SEMANTICS leaves to this room:
//! - A symbol without a bar at this close decides nothing.
//! - An entry needs membership, a position neither held nor being entered, and an exit rule that is not true as well.
//! - An entry to the other side of what is held is also an exit (a reversal); both orders are sent, sales first.
//! - `min_hold_days`: an exit may fill from the fill's session + n on, so it is decided one session earlier.
//! - `max_hold`: the exit is decided at the first close at which that many days or sessions have passed since the fill.

use crate::error::Result;
use crate::kernel::lot::Lot;
use crate::kernel::protection::{Gap, Protection};
use crate::kernel::router::Intent;
use crate::kernel::{Order, Ratio, Reason, Role};
use crate::plan::{Hold, NodeId, Plan, SizingMethod};
use crate::simulate::doors::{SizingInputs, default_stop, shares, size};
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::run::Run;
use crate::simulate::signals::{Cues, Root, Signals};
use crate::units::{MICRO, Price, Shares, Side};

/// What the rules ask for at a close.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    Exit { symbol: usize, quantity: Shares, reason: Reason },
    Enter { symbol: usize, side: Side, priority: f64 },
    /// Hold this part of equity.
    Target { symbol: usize, weight: f64 },
}

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

    /// Entry conditions by step: long or short, a member, and no exit at the same close. Both sides at once is neither.
    pub fn cues(&self, market: &Market<'a>) -> Cues {
        let holds = |root: &Option<Root<'a>>, symbol, bar, step| {
            root.as_ref().is_some_and(|root| root.is_true(symbol, bar, step))
        };
        Cues::gather(market, |symbol, sides| {
            for bar in 0..market.bars(symbol).len() {
                let step = market.step_of(symbol, bar);
                let long = holds(&self.long, symbol, bar, step);
                let short = holds(&self.short, symbol, bar, step);
                let side = if long == short || !self.is_member(symbol, bar, step) {
                    0
                } else if long {
                    i8::from(!holds(&self.exit_long, symbol, bar, step))
                } else {
                    -i8::from(!holds(&self.exit_short, symbol, bar, step))
                };
                sides.push(side);
            }
        })
    }
}

impl Run<'_> {
    /// What the plan asks for at the close of `now`.
    pub(super) fn signals(&mut self, now: usize) -> Result<Vec<Signal>> {
        let mut signals = std::mem::take(&mut self.scratch.signals);
        signals.clear();
        self.exit_signals(now, &mut signals);
        if self.targets.is_some() {
            self.target_signals(now, &mut signals)?;
        } else {
            self.entry_signals(now, &mut signals);
        }
        Ok(signals)
    }

    fn exit_signals(&mut self, now: usize, signals: &mut Vec<Signal>) {
        for &symbol in &self.state.account.active {
            let position = &self.state.account.positions[symbol];
            if position.quantity.0 == 0 || self.is_leaving(symbol) {
                continue;
            }
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let Some((reason, quantity)) = self.exit(symbol, bar, now) else { continue };
            let quantity = quantity.min(self.sellable(symbol, now));
            if quantity.0 > 0 {
                signals.push(Signal::Exit { symbol, quantity, reason });
                let ns = self.market.panel.timeline.ts_ns[now];
                let row = SignalRow { ns, symbol, direction: Direction::Flat, strength: f64::NAN };
                self.output.signals.push(row);
            }
        }
    }

    /// Whether an exit order is working.
    fn is_leaving(&self, symbol: usize) -> bool {
        let working = &self.state.account.positions[symbol].working;
        working.iter().any(|&id| self.state.orders[id as usize - 1].role == Role::Exit)
    }

    /// Why a position is to be closed at this close, and how much of it.
    fn exit(&self, symbol: usize, bar: usize, now: usize) -> Option<(Reason, Shares)> {
        let position = &self.state.account.positions[symbol];
        let is_long = position.quantity.0 > 0;
        let all = position.quantity.abs();
        if self.plan.close_on_leave && !self.rules.is_member(symbol, bar, now) {
            return Some((Reason::LeftUniverse, all));
        }
        let rule = if is_long { &self.rules.exit_long } else { &self.rules.exit_short };
        if let Some(rule) = rule
            && rule.is_true(symbol, bar, now)
        {
            return Some((Reason::ExitRule, all));
        }
        if self.targets.is_none()
            && self.rules.long.is_some()
            && self.rules.short.is_some()
            && let Ok(place) = self.cues.at(now).binary_search_by_key(&symbol, |cue| cue.symbol())
            && self.cues.at(now)[place].is_long() != is_long
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

    fn entry_signals(&mut self, now: usize, signals: &mut Vec<Signal>) {
        let exits = signals.len();
        let is_full = self.free_slots() as usize + exits == 0;
        let ns = self.market.panel.timeline.ts_ns[now];
        for &cue in self.cues.at(now) {
            let symbol = cue.symbol();
            let side = if cue.is_long() { Side::Buy } else { Side::Sell };
            if is_full && !cue.rises() {
                continue;
            }
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let priority = self.rules.priority.as_ref().map_or(f64::NAN, |root| root.value(symbol, bar, now));
            if cue.rises() {
                let direction = if cue.is_long() { Direction::Long } else { Direction::Short };
                self.output.signals.push(SignalRow { ns, symbol, direction, strength: priority });
            }
            if is_full {
                continue;
            }
            let position = &self.state.account.positions[symbol];
            let is_entering = || position.working.iter().any(|&id| self.state.orders[id as usize - 1].opens());
            let is_closing = || {
                self.is_leaving(symbol)
                    || signals[..exits].iter().any(|signal| {
                        matches!(signal, Signal::Exit { symbol: leaving, quantity, .. }
                            if *leaving == symbol && *quantity == position.quantity.abs())
                    })
            };
            let is_free = match position.quantity.0.signum() {
                0 => true,
                held => held == -side.sign() && is_closing(),
            };
            if is_free && !is_entering() {
                signals.push(Signal::Enter { symbol, side, priority });
            }
        }
        // A missing priority goes last; ties by symbol.
        let rank = |signal: &Signal| match signal {
            Signal::Enter { priority, .. } if !priority.is_nan() => *priority,
            _ => f64::NEG_INFINITY,
        };
        signals[exits..].sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    }

    /// Sizes and routes what was asked for, in its order.
    pub(super) fn orders(&mut self, now: usize, signals: Vec<Signal>) -> Result<Vec<Draft>> {
        let mut drafts = std::mem::take(&mut self.scratch.drafts);
        drafts.clear();
        let inverse_sum = self.inverse_volatility_sum(now, &signals);
        for &signal in &signals {
            match signal {
                Signal::Exit { symbol, quantity, reason } => self.draft_exit(now, symbol, quantity, reason, &mut drafts),
                Signal::Enter { symbol, side, priority } => {
                    self.draft_entry(now, symbol, side, priority, inverse_sum, &mut drafts);
                }
                Signal::Target { symbol, weight } => self.draft_target(now, symbol, weight, &mut drafts),
            }
        }
        if self.targets.is_some() {
            // Sales and covers first, then by weight, then by symbol.
            drafts.sort_by(|a, b| {
                let key = |draft: &Draft| (draft.order.opens(), draft.order.side == Side::Buy);
                key(a).cmp(&key(b)).then(b.order.priority.total_cmp(&a.order.priority))
            });
        }
        self.scratch.signals = signals;
        Ok(drafts)
    }

    pub(super) fn draft_exit(
        &self,
        now: usize,
        symbol: usize,
        quantity: Shares,
        reason: Reason,
        drafts: &mut Vec<Draft>,
    ) {
        let Some(close) = self.market.close(symbol, now) else { return };
        let is_long = self.state.account.positions[symbol].quantity.0 > 0;
        let intent = Intent {
            strategy: 0,
            symbol,
            side: if is_long { Side::Sell } else { Side::Buy },
            quantity,
            opens: false,
            reason,
            priority: 0.0,
            protection: Protection::default(),
        };
        let order = self.router.route(&intent, close, self.market.moment(now).ns, self.market.next_session(now));
        drafts.push(Draft { order, reference: self.reference(close), stop: None, close });
    }

    /// The close raised by the buffer: what orders are sized on.
    pub(super) fn reference(&self, close: Price) -> Price {
        close + self.setup.buffer.of_price(close)
    }

    fn draft_entry(
        &self,
        now: usize,
        symbol: usize,
        side: Side,
        priority: f64,
        inverse_sum: f64,
        drafts: &mut Vec<Draft>,
    ) {
        let Some(bar) = self.market.bar_at(symbol, now) else { return };
        let Some(close) = self.market.close(symbol, now) else { return };
        let Some((protection, stop)) = self.protection(symbol, bar, now, side, close) else { return };
        let reference = self.reference(close);
        let volatility = self.rules.volatility.as_ref().map(|root| root.value(symbol, bar, now));
        let inputs = SizingInputs {
            concurrent: self.sizing().max_positions.unwrap_or(self.plan.symbols.len() as u32).max(1),
            stop_distance_frac: stop.map(|stop| (reference - stop).0.abs() as f64 / reference.0 as f64),
            volatility,
            inverse_volatility_share: volatility.map(|volatility| 1.0 / volatility / inverse_sum),
            kelly: self.closed.stats(),
        };
        let sizing = self.sizing();
        let quantity = match sizing.method {
            SizingMethod::FixedShares { shares: count } => {
                let count = Shares::from_f64(count).unwrap_or(Shares::ZERO);
                let count = if sizing.fractional { count } else { count.truncated() };
                sizing.max_position_frac.map_or(count, |cap| count.min(self.shares_of(cap, reference)))
            }
            _ => {
                let weight = size(&sizing.method, &inputs);
                self.shares_of(sizing.max_position_frac.map_or(weight, |cap| weight.min(cap)), reference)
            }
        };
        let reason = if side == Side::Buy { Reason::EntryLong } else { Reason::EntryShort };
        self.draft_open(now, symbol, side, quantity, reason, priority, protection, stop, close, drafts);
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn draft_open(
        &self,
        now: usize,
        symbol: usize,
        side: Side,
        quantity: Shares,
        reason: Reason,
        priority: f64,
        protection: Protection,
        stop: Option<Price>,
        close: Price,
        drafts: &mut Vec<Draft>,
    ) {
        if quantity.0 <= 0 {
            return;
        }
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority, protection };
        let order = self.router.route(&intent, close, self.market.moment(now).ns, self.market.next_session(now));
        drafts.push(Draft { order, reference: self.reference(close), stop, close });
    }

    /// Shares worth that part of equity at a price, the fee per share included; none for a weight that is not above 0.
    pub(super) fn shares_of(&self, weight: f64, reference: Price) -> Shares {
        if !(weight > 0.0) {
            return Shares::ZERO;
        }
        let sizing = self.sizing();
        let price = reference + self.setup.commission.per_share_allowance(reference);
        let quantity = shares(weight, self.equity(), price, sizing.fractional, sizing.round_lot.max(1));
        if sizing.fractional { quantity } else { Shares(quantity.0 / MICRO * MICRO) }
    }

    /// What protects an entry, the policy's stop included, and where its stop would stand at the reference price.
    pub(super) fn protection(
        &self,
        symbol: usize,
        bar: usize,
        now: usize,
        side: Side,
        close: Price,
    ) -> Option<(Protection, Option<Price>)> {
        let mut protection = self.levels.protection(symbol, bar, now)?;
        let reference = self.reference(close);
        if !protection.has_stop()
            && let Some(desk) = &self.desk
            && let Some(stop) = default_stop(&desk.policy, reference, side)
        {
            let distance = (reference - stop).0.abs() as f64 / reference.0 as f64;
            protection.stop_loss = Ratio::from_f64(distance).map(Gap::Ratio);
            protection.by_policy = true;
        }
        let level = protection.stop_level(side == Side::Buy, reference, reference);
        Some((protection, level.map(|(price, _)| price)))
    }

    /// The sum of 1 / volatility over candidates and holdings, for the method that shares out by it.
    fn inverse_volatility_sum(&self, now: usize, signals: &[Signal]) -> f64 {
        let Some(root) = &self.rules.volatility else { return f64::NAN };
        let entering = signals.iter().filter_map(|signal| match signal {
            Signal::Enter { symbol, .. } => Some(*symbol),
            _ => None,
        });
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
