//! Target portfolios: which members are wanted, at which weights, and the orders that lead there.
//!
//! Conventions that SEMANTICS leaves to this room:
//! - The decision is taken at the close of the scheduled session and trades at the next open.
//! - At a rebalance the strategy's working entries and exits are cancelled first, and the difference to what is held is
//!   ordered anew.
//! - A symbol without a bar keeps its place in the chosen set and is not traded.
//! - With `on_leave: hold`, holdings outside `where` are left alone.
//! - Targets are sized like entries, on the buffered close, so a portfolio at 100% keeps the buffer in cash.

use crate::error::Result;
use crate::kernel::{Event, Reason, Role};
use crate::plan::{Plan, Portfolio, Rebalance, Weight};
use crate::simulate::conditions::RuleRoots;
use crate::simulate::cues::Cues;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::Signal;
use crate::simulate::run::Run;
use crate::simulate::schedule::due_steps;
use crate::simulate::signals::{Root, Signals};
use crate::units::{Shares, Side, exceeds};

/// A portfolio's roots, its schedule, and the set chosen at the last rebalance.
pub(super) struct TargetRoots<'a> {
    select: Root<'a>,
    weight: Option<Root<'a>>,
    method: Weight,
    due: Vec<bool>,
    on_change: bool,
    corridor_frac: f64,
    gross_frac: f64,
    chosen: Vec<usize>,
    wanted: Vec<(usize, f64)>,
    adds: Vec<Signal>,
}

impl<'a> TargetRoots<'a> {
    pub fn new<S: Signals + ?Sized>(portfolio: &Portfolio, plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        let root = |node| Root::new(node, plan, market, signals);
        let weight = match portfolio.weight {
            Weight::Equal => None,
            Weight::InverseVolatility(node) | Weight::Score(node) | Weight::Expression(node) => Some(root(node)),
        };
        Self {
            select: root(portfolio.select),
            weight,
            method: portfolio.weight.clone(),
            due: due_steps(portfolio.rebalance, market),
            on_change: portfolio.rebalance == Rebalance::OnChange,
            corridor_frac: portfolio.corridor_frac,
            gross_frac: portfolio.gross_frac,
            chosen: Vec::new(),
            wanted: Vec::new(),
            adds: Vec::new(),
        }
    }

    /// Lists chosen members around a step.
    pub fn list(&self, cues: &mut Cues, rules: &RuleRoots<'a>, market: &Market<'a>, step: usize) {
        let word = |symbol: usize, index: usize, _| {
            self.select.word(market, symbol, index) & rules.member_word(market, symbol, index)
        };
        cues.list(market, step, [true, false], word, None);
    }

    /// Whether the set at this step differs from the one last rebalanced to; a symbol without a bar keeps its place.
    fn has_changed(&self, now: &[usize], has_bar: impl Fn(usize) -> bool) -> bool {
        let left = self.chosen.iter().any(|symbol| now.binary_search(symbol).is_err() && has_bar(*symbol));
        left || now.iter().any(|symbol| self.chosen.binary_search(symbol).is_err())
    }

    /// Weights of the chosen; members without a usable value get none.
    fn weigh(&mut self, market: &Market<'a>, now: usize, cap: Option<f64>) {
        self.wanted.clear();
        for &symbol in &self.chosen {
            let Some(bar) = market.bar_at(symbol, now) else { continue };
            let value = self.weight.as_ref().map_or(1.0, |root| root.value(symbol, bar, now));
            let raw = match self.method {
                Weight::InverseVolatility(_) => 1.0 / value,
                _ => value,
            };
            let is_usable = raw.is_finite() && (raw > 0.0 || matches!(self.method, Weight::Expression(_)));
            self.wanted.push((symbol, if is_usable { raw } else { 0.0 }));
        }
        let sum: f64 = self.wanted.iter().map(|(_, raw)| raw.abs()).sum();
        let shares_out = !matches!(self.method, Weight::Expression(_));
        // Weights that an expression states stand as they are, unless together they exceed what may be held.
        if sum > 0.0 && (shares_out || exceeds(sum, self.gross_frac)) {
            self.wanted.iter_mut().for_each(|(_, weight)| *weight *= self.gross_frac / sum);
        }
        if let Some(cap) = cap {
            self.wanted.iter_mut().for_each(|(_, weight)| *weight = weight.clamp(-cap, cap));
        }
    }
}

impl Run<'_> {
    /// When a rebalance is due: what to close and what to add, closings first, then by weight, then by symbol.
    pub(super) fn target_signals(&mut self, now: usize) -> Result<()> {
        let Some(mut targets) = self.targets.take() else { return Ok(()) };
        if targets.due[now] && self.is_due(&targets, now) {
            self.note_choice(&mut targets, now);
            targets.weigh(&self.market, now, self.sizing().max_position_frac);
            self.cancel_working(now)?;
            let exits = self.queue.firm.len();
            let mut adds = std::mem::take(&mut targets.adds);
            self.drop_unwanted(&targets, now, exits);
            for &(symbol, weight) in &targets.wanted {
                self.aim(&targets, now, symbol, weight, exits, &mut adds);
            }
            // Stable: equal weights stay in the order of symbols.
            adds.sort_by(|a, b| weight_of(b).total_cmp(&weight_of(a)));
            self.queue.firm.append(&mut adds);
            targets.adds = adds;
        }
        self.targets = Some(targets);
        Ok(())
    }

    /// Holdings that are not chosen go.
    fn drop_unwanted(&mut self, targets: &TargetRoots<'_>, now: usize, exits: usize) {
        let ns = self.market.panel.timeline.ts_ns[now];
        for place in 0..self.state.account.active.len() {
            let symbol = self.state.account.active[place];
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let is_kept = !self.plan.close_on_leave && !self.rules.is_member(symbol, bar, now);
            let is_wanted = targets.wanted.binary_search_by_key(&symbol, |&(wanted, _)| wanted).is_ok();
            if self.state.account.positions[symbol].quantity.0 != 0 && !is_wanted && !is_kept {
                self.output.signals.push(SignalRow { ns, symbol, direction: Direction::Flat, strength: 0.0 });
                self.aim(targets, now, symbol, 0.0, exits, &mut Vec::new());
            }
        }
    }

    fn is_due(&self, targets: &TargetRoots<'_>, now: usize) -> bool {
        if !targets.on_change {
            return true;
        }
        let cues = self.cues_at(now);
        let is_same = cues.len() == targets.chosen.len()
            && cues.iter().zip(&targets.chosen).all(|(cue, &symbol)| cue.symbol() == symbol);
        if is_same {
            return false;
        }
        let chosen: Vec<usize> = cues.iter().map(|cue| cue.symbol()).collect();
        targets.has_changed(&chosen, |symbol| self.market.bar_at(symbol, now).is_some())
    }

    /// Takes this step's set as the chosen one and records who joined it.
    fn note_choice(&mut self, targets: &mut TargetRoots<'_>, now: usize) {
        let ns = self.market.panel.timeline.ts_ns[now];
        let mut chosen: Vec<usize> = self.cues_at(now).iter().map(|cue| cue.symbol()).collect();
        for &symbol in &chosen {
            if targets.chosen.binary_search(&symbol).is_err() {
                let strength = self.market.bar_at(symbol, now).map_or(f64::NAN, |bar| {
                    targets.weight.as_ref().map_or(f64::NAN, |root| root.value(symbol, bar, now))
                });
                self.output.signals.push(SignalRow { ns, symbol, direction: Direction::Long, strength });
            }
        }
        let absent = targets.chosen.iter().filter(|&&symbol| self.market.bar_at(symbol, now).is_none());
        chosen.extend(absent);
        chosen.sort_unstable();
        chosen.dedup();
        targets.chosen = chosen;
    }

    fn cancel_working(&mut self, now: usize) -> Result<()> {
        let at = self.market.moment(now);
        let mut stale = std::mem::take(&mut self.scratch.ids);
        for &symbol in &self.state.account.active {
            if self.market.bar_at(symbol, now).is_none() {
                continue;
            }
            let working = &self.state.account.positions[symbol].working;
            let is_decided = |id: &&u64| matches!(self.state.orders[**id as usize - 1].role, Role::Entry | Role::Exit);
            stale.extend(working.iter().filter(is_decided));
        }
        for &id in &stale {
            self.apply(at, Event::Cancelled(id))?;
        }
        stale.clear();
        self.scratch.ids = stale;
        Ok(())
    }

    /// The way from what is held to a target weight; what a rule closes at this close is left to it.
    fn aim(
        &mut self,
        targets: &TargetRoots<'_>,
        now: usize,
        symbol: usize,
        weight: f64,
        exits: usize,
        adds: &mut Vec<Signal>,
    ) {
        let is_exit = |signal: &Signal| matches!(signal, Signal::Exit { symbol: leaving, .. } if *leaving == symbol);
        let Some(close) = self.market.close(symbol, now) else { return };
        if self.queue.firm[..exits].iter().any(is_exit) {
            return;
        }
        let held = self.state.account.positions[symbol].quantity;
        let value = close.times(held).to_f64();
        let drift = (value / self.equity().to_f64() - weight).abs();
        if weight != 0.0 && held.0 != 0 && drift <= targets.corridor_frac {
            return;
        }
        let size = self.shares_of(
            weight.abs(),
            self.reference(close),
            if (held.0 > 0) == (weight > 0.0) { held.abs() } else { Shares::ZERO },
        );
        let target = if weight < 0.0 { -size } else { size };
        // Shares on the other side of zero, or beyond the target, are closed; what is missing is opened.
        let is_flip = held.0.signum() * target.0.signum() < 0;
        let closing = if is_flip { held.abs() } else { Shares((held.0.abs() - target.0.abs()).max(0)) };
        let quantity = closing.min(self.sellable(symbol, now));
        if quantity.0 > 0 {
            self.queue.firm.push(Signal::Exit { symbol, quantity, reason: Reason::Rebalance });
        }
        let opening = if is_flip { target.abs() } else { Shares((target.0.abs() - held.0.abs()).max(0)) };
        if opening.0 > 0 && quantity == closing {
            let side = if target.0 > 0 { Side::Buy } else { Side::Sell };
            adds.push(Signal::Add { symbol, side, quantity: opening, weight });
        }
    }
}

fn weight_of(signal: &Signal) -> f64 {
    match signal {
        Signal::Add { weight, .. } => weight.abs(),
        _ => 0.0,
    }
}
