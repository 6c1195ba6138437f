//! Target portfolios: which members are wanted, at which weights, and the orders that lead there.
//!
//! Conventions of this room:
//! - The decision is taken at the close of the scheduled session and trades at the next open.
//! - At a rebalance the strategy's working entries and exits are cancelled first, and the difference to what is held is
//!   ordered anew.
//! - A symbol without a bar keeps its place in the chosen set and is not traded.
//! - With `on_leave: hold`, holdings outside `where` are left alone.
//! - Targets are sized like entries, on the buffered close, so a portfolio at 100% keeps the buffer in cash.
//! - A holding within its corridor is left alone, whatever the schedule. On drift a holding outside of it brings all of
//!   them back to their targets, so that what is sold is invested; so does a set of members with a target that differs
//!   from the one last traded for.
//! - To the edge goes only what is outside, rounded up to a share, so that it ends inside at the decision's close.

use crate::kernel::{Event, Reason, Role};
use crate::plan::{Destination, Plan, Portfolio, Rebalance};
use crate::simulate::book::Done;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::cues::Cues;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::queue::Signal;
use crate::simulate::run::Run;
use crate::simulate::schedule::due_steps;
use crate::simulate::signals::{Root, Signals};
use crate::simulate::sleeves::{Sleeves, Target, differ};
use crate::units::{Shares, Side};

/// A portfolio's roots, its schedule, and what was last traded for.
pub(super) struct TargetRoots<'a> {
    select: Root<'a>,
    sleeves: Sleeves<'a>,
    /// Paths of the groups.
    pub groups: Vec<String>,
    due: Vec<bool>,
    schedule: Rebalance,
    to: Destination,
    /// Symbols that had a target, ascending.
    aimed: Vec<usize>,
    wanted: Vec<Target>,
    adds: Vec<Signal>,
}

impl<'a> TargetRoots<'a> {
    pub fn new<S: Signals + ?Sized>(portfolio: &Portfolio, plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        let root = |node| Root::new(node, plan, market, signals);
        Self {
            select: root(portfolio.select),
            sleeves: Sleeves::new(portfolio, &root),
            groups: portfolio.groups().into_iter().map(|(path, _)| path).collect(),
            due: due_steps(portfolio.rebalance, market),
            schedule: portfolio.rebalance,
            to: portfolio.to,
            aimed: Vec::new(),
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

    /// Symbols with a target.
    fn aims(&self) -> Vec<usize> {
        self.wanted.iter().filter(|target| target.weight != 0.0).map(|target| target.symbol).collect()
    }
}

impl Run<'_> {
    /// When a rebalance is due: what to close and what to add, closings first, then by weight, then by symbol.
    #[inline(never)]
    pub(super) fn target_signals(&mut self, now: usize) -> Done<()> {
        let Some(mut targets) = self.targets.take() else { return Ok(()) };
        if targets.due[now] {
            let sets = self.sets(&targets, now);
            if self.is_due(&mut targets, &sets, now) {
                self.note_choice(&mut targets, sets, now);
                self.cancel_working(now)?;
                self.trade_to(&mut targets, now);
            }
        }
        self.targets = Some(targets);
        Ok(())
    }

    /// Who is chosen at a close, by sleeve, ascending; a symbol without a bar keeps its place.
    fn sets(&self, targets: &TargetRoots<'_>, now: usize) -> Vec<Vec<usize>> {
        let cues = self.cues_at(now);
        let each = targets.sleeves.sleeves.iter().map(|sleeve| {
            let of_sleeve = |symbol: &usize| {
                // What the portfolio itself chose is listed already.
                sleeve.group.is_none()
                    || self.market.bar_at(*symbol, now).is_some_and(|bar| sleeve.is_chosen(*symbol, bar, now))
            };
            let mut chosen: Vec<usize> = cues.iter().map(|cue| cue.symbol()).filter(of_sleeve).collect();
            let absent = sleeve.chosen.iter().filter(|&&symbol| self.market.bar_at(symbol, now).is_none());
            let listed = chosen.len();
            chosen.extend(absent);
            if chosen.len() > listed {
                chosen.sort_unstable();
                chosen.dedup();
            }
            chosen
        });
        each.collect()
    }

    /// Whether the targets of a close are traded for; weighs them where they are.
    fn is_due(&mut self, targets: &mut TargetRoots<'_>, sets: &[Vec<usize>], now: usize) -> bool {
        let has_bar = |symbol: usize| self.market.bar_at(symbol, now).is_some();
        if targets.schedule == Rebalance::OnChange && !targets.sleeves.have_changed(sets, has_bar) {
            return false;
        }
        let cap = self.plan.sizing.max_position_frac;
        targets.wanted = targets.sleeves.weigh(sets, &self.market, now, cap, &mut self.unweighed);
        if targets.schedule != Rebalance::OnDrift {
            return true;
        }
        let aims = targets.aims();
        let has_drifted = |target: &Target| {
            target.weight != 0.0
                && self.weight_held(target.symbol, now).is_some_and(|weight| !is_inside(target, weight))
        };
        differ(&targets.aimed, &aims, has_bar) || targets.wanted.iter().any(has_drifted)
    }

    /// The weight of a holding at a close; `None` for a symbol that is not held or has no bar.
    fn weight_held(&self, symbol: usize, now: usize) -> Option<f64> {
        let held = self.state.account.positions[symbol].quantity;
        let value = self.market.close(symbol, now)?.times(held).to_f64();
        (held.0 != 0).then(|| value / self.equity().to_f64())
    }

    /// Orders that lead from what is held to the targets.
    fn trade_to(&mut self, targets: &mut TargetRoots<'_>, now: usize) {
        let exits = self.queue.firm.len();
        let mut adds = std::mem::take(&mut targets.adds);
        self.drop_unwanted(targets, now, exits);
        for target in &targets.wanted {
            self.aim(targets, now, target, exits, &mut adds);
        }
        // Stable: equal weights stay in the order of symbols.
        adds.sort_by(|a, b| weight_of(b).total_cmp(&weight_of(a)));
        self.queue.firm.append(&mut adds);
        targets.adds = adds;
    }

    /// Holdings that are not chosen go.
    fn drop_unwanted(&mut self, targets: &TargetRoots<'_>, now: usize, exits: usize) {
        let ns = self.market.ns(now);
        for place in 0..self.state.account.active.len() {
            let symbol = self.state.account.active[place];
            let Some(bar) = self.market.bar_at(symbol, now) else { continue };
            let is_kept = !self.plan.close_on_leave && !self.rules.is_member(symbol, bar, now);
            let is_wanted = targets.wanted.binary_search_by_key(&symbol, |target| target.symbol).is_ok();
            if self.state.account.positions[symbol].quantity.0 != 0 && !is_wanted && !is_kept {
                self.output.signals.push(SignalRow::new(ns, symbol, Direction::Flat, 0.0));
                let none = Target { symbol, weight: 0.0, corridor: crate::plan::Corridor::NONE };
                self.aim(targets, now, &none, exits, &mut Vec::new());
            }
        }
    }

    /// Takes this close's sets as the chosen ones and records who joined them.
    fn note_choice(&mut self, targets: &mut TargetRoots<'_>, sets: Vec<Vec<usize>>, now: usize) {
        let ns = self.market.ns(now);
        for (sleeve, chosen) in targets.sleeves.sleeves.iter_mut().zip(sets) {
            for &symbol in &chosen {
                if sleeve.chosen.binary_search(&symbol).is_err() {
                    let bar = self.market.bar_at(symbol, now);
                    let strength = bar.map_or(f64::NAN, |bar| sleeve.strength(symbol, bar, now));
                    let row = SignalRow::new(ns, symbol, Direction::Long, strength);
                    self.output.signals.push(SignalRow { group: sleeve.group, ..row });
                }
            }
            sleeve.chosen = chosen;
        }
        // A symbol without a bar has no target today and keeps its place.
        let absent = targets.aimed.iter().copied().filter(|&symbol| self.market.bar_at(symbol, now).is_none());
        let mut aimed: Vec<usize> = targets.aims().into_iter().chain(absent).collect();
        aimed.sort_unstable();
        targets.aimed = aimed;
    }

    fn cancel_working(&mut self, now: usize) -> Done<()> {
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

    /// The way from what is held to a target; what a rule closes at this close is left to it.
    fn aim(&mut self, targets: &TargetRoots<'_>, now: usize, aim: &Target, exits: usize, adds: &mut Vec<Signal>) {
        let &Target { symbol, weight, .. } = aim;
        let is_exit = |signal: &Signal| matches!(signal, Signal::Exit { symbol: leaving, .. } if *leaving == symbol);
        let Some(close) = self.market.close(symbol, now) else { return };
        if self.queue.firm[..exits].iter().any(is_exit) {
            return;
        }
        let held = self.state.account.positions[symbol].quantity;
        let value = close.times(held).to_f64();
        let drift = (value / self.equity().to_f64() - weight).abs();
        let brings_all = targets.schedule == Rebalance::OnDrift && targets.to == Destination::Target;
        let half_width = aim.corridor.half_width(weight);
        if weight != 0.0 && held.0 != 0 && !brings_all && drift <= half_width {
            return;
        }
        let from = if (held.0 > 0) == (weight > 0.0) { held.abs() } else { Shares::ZERO };
        let sizer = self.sizer();
        let size = sizer.shares_of(weight.abs(), sizer.reference(close), from);
        let target = if weight < 0.0 { -size } else { size };
        // Shares on the other side of zero, or beyond the target, are closed; what is missing is opened.
        let is_flip = held.0.signum() * target.0.signum() < 0;
        let closing = if is_flip { held.abs() } else { Shares((held.0.abs() - target.0.abs()).max(0)) };
        let opening = if is_flip { target.abs() } else { Shares((target.0.abs() - held.0.abs()).max(0)) };
        // A holding on its side goes no further than the edge of its corridor.
        let is_to_edge = targets.to == Destination::Edge && weight != 0.0 && held.0 != 0 && !is_flip;
        let enough = if is_to_edge { self.worth((drift - half_width) / close.to_f64()) } else { Shares(i64::MAX) };
        let (closing, opening) = (closing.min(enough), opening.min(enough));
        let quantity = closing.min(self.sellable(symbol, now));
        if quantity.0 > 0 {
            self.queue.firm.push(Signal::Exit { symbol, quantity, reason: Reason::Rebalance });
        }
        if opening.0 > 0 && quantity == closing {
            let side = Side::of(target);
            adds.push(Signal::Add { symbol, side, quantity: opening, weight });
        }
    }

    /// Equity times a number of shares per dollar, rounded up to what trades.
    fn worth(&self, shares_per_usd: f64) -> Shares {
        let exact = Shares::from_f64(shares_per_usd * self.equity().to_f64()).unwrap_or(Shares::ZERO);
        let unit = self.sizer().unit().0;
        Shares((exact.0.max(0) + unit - 1) / unit * unit)
    }
}

/// Whether a weight lies in the corridor of a target.
fn is_inside(target: &Target, weight: f64) -> bool {
    (weight - target.weight).abs() <= target.corridor.half_width(target.weight)
}

fn weight_of(signal: &Signal) -> f64 {
    match signal {
        Signal::Add { weight, .. } => weight.abs(),
        _ => 0.0,
    }
}
