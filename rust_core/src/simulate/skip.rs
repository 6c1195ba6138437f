//! Passing over steps at which nothing can happen: a lone symbol under plain rules, without limits.
//!
//! Between a rise of its entry condition and a truth of its exit condition such a run only marks to market, moves its
//! trailing stop, looks whether a bar meets its stop or target, and notes where the entry condition rises again. What is passed over is exactly what `step` would have left alone; a property
//! test holds the two outputs equal.

use crate::bars::Placement;
use crate::error::Result;
use crate::fill::{BarPrices, Outcome, at_open, may_meet, within};
use crate::kernel::{Event, Order, OrderId, OrderStatus, Role};
use crate::plan::Plan;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::Setup;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::run::Run;
use crate::simulate::signals::{Column, WORD, bits_from};
use std::ops::Range;

/// What decides for a lone member: its own columns, by side long and short.
pub(super) struct LoneColumns<'a> {
    pub entries: [Option<Column<'a>>; 2],
    pub exits: [Option<Column<'a>>; 2],
    pub member: Option<Column<'a>>,
}

pub(super) struct Lone<'a> {
    symbol: usize,
    /// Step of its first bar; a bar follows at every step.
    first_step: usize,
    columns: LoneColumns<'a>,
    close_on_leave: bool,
}

impl<'a> Lone<'a> {
    /// `None` where a step may do something that the columns do not show: limits, position-stage rules, missing bars, nights
    /// that cost something.
    pub fn new(plan: &Plan, market: &Market<'a>, rules: &RuleRoots<'a>, setup: &Setup) -> Option<Self> {
        let &[symbol] = market.members.as_slice() else { return None };
        let Placement::Dense { first: first_step } = market.bars(symbol).placement else { return None };
        if setup.policy.is_some() || setup.carry.is_some() || !setup.conventions.fills_as_native() {
            return None;
        }
        let columns = rules.lone_columns(symbol)?;
        Some(Self { symbol, first_step, columns, close_on_leave: plan.close_on_leave })
    }

    /// The first bar in `bars` at which a close may decide something, the end where none does; and before it the bars at
    /// which an entry on the held side begins, which is a signal that leads to nothing. No exit is decided before bar
    /// `ripe`. Conditions are read by words of 64 bars.
    fn first_decision(&self, bars: Range<usize>, held: i64, ripe: usize, begins: &mut Vec<usize>) -> usize {
        let words = bars.start / WORD..bars.end.div_ceil(WORD);
        let before = words.start.checked_sub(1).map(|index| self.decisions(index, held, 0));
        let mut entered_before = before.map_or(0, |(_, enters)| enters >> (WORD - 1));
        for index in words {
            let from = index * WORD;
            let (decides, enters) = self.decisions(index, held, bits_from(ripe, from));
            let decides = (decides & bits_from(bars.start, from)) | bits_from(bars.end, from);
            let mut begun =
                enters & !(enters << 1 | entered_before) & bits_from(bars.start, from) & before_first(decides);
            while begun != 0 {
                begins.push(from + begun.trailing_zeros() as usize);
                begun &= begun - 1;
            }
            if decides != 0 {
                return from + decides.trailing_zeros() as usize;
            }
            entered_before = enters >> (WORD - 1);
        }
        bars.end
    }

    /// Of the bars of a word: at which closes something may be decided, and which have an entry on the held side.
    fn decisions(&self, index: usize, held: i64, ripe: u64) -> (u64, u64) {
        let LoneColumns { entries: [long, short], exits, member } = &self.columns;
        let word = |column: &Option<Column<'a>>| column.map_or(0, |column| column.word(index));
        let (long, short) = (word(long), word(short));
        if held == 0 {
            // An entry condition alone decides; whether it is admitted is for the step to say.
            return (long | short, 0);
        }
        let (own, other, exit) = if held > 0 { (long, short, &exits[0]) } else { (short, long, &exits[1]) };
        let (exit, member) = (word(exit), member.map_or(u64::MAX, |column| column.word(index)));
        let leaves = if self.close_on_leave { !member } else { 0 };
        (other | (exit | leaves) & ripe, own & !other & !exit & member)
    }
}

/// Whether a bar does anything to an order.
fn meets(order: &Order, bar: &BarPrices) -> bool {
    at_open(order, bar) != Outcome::Waits || within(order, bar, None) != Outcome::Waits
}

/// The bits below the lowest of a word; all for none.
const fn before_first(word: u64) -> u64 {
    !word & word.wrapping_sub(1)
}

impl Run<'_> {
    /// Marks through the steps from `now` on whose closes decide nothing; answers the first that may, or whose next bar
    /// an order may meet.
    pub(super) fn skip(&mut self, now: usize, last: usize) -> Result<usize> {
        let Some(lone) = &self.lone else { return Ok(now) };
        let symbol = lone.symbol;
        let position = &self.state.account.positions[symbol];
        let bars = self.market.panel.symbols[symbol].close.as_ref();
        let first_step = lone.first_step;
        // The step before a corporate action is taken in full; so is everything past the symbol's last bar.
        let end = last.min(self.market.next_overnight().saturating_sub(1)).min(first_step + bars.len() - 1);
        let Some(from) = now.checked_sub(first_step) else { return Ok(now) };
        let is_quiet = position.working.iter().all(|&id| self.protects(id));
        if !is_quiet || now >= end {
            return Ok(now);
        }
        let held = position.quantity;
        // The first close whose next session the minimum hold lets the oldest lot out in.
        let entered = position.lots.iter().map(|lot| lot.entered.session).min().unwrap_or(0);
        let is_guarded = !position.working.is_empty();
        let ripe = self.market.first_before_session(now, entered + self.plan.min_hold_days);
        let mut begins = std::mem::take(&mut self.scratch.bars);
        let decided = lone.first_decision(from..end - first_step, held.0.signum(), ripe - first_step, &mut begins);
        let decided = decided + first_step;
        let until = if is_guarded { self.hold_guarded(symbol, now, decided)? } else { decided };
        for bar in begins.drain(..) {
            let step = bar + first_step;
            if step >= until {
                continue;
            }
            let ns = self.market.panel.timeline.ts_ns[step];
            let direction = if held.0 > 0 { Direction::Long } else { Direction::Short };
            let strength = self.rules.strength(symbol, bar, step);
            self.output.signals.push(SignalRow::new(ns, symbol, direction, strength));
        }
        self.scratch.bars = begins;
        if !is_guarded {
            let (cash, count) = (self.state.account.cash, until - now);
            let position = &mut self.state.account.positions[symbol];
            let closes = &bars[from + 1..from + 1 + count];
            position.mark = self.output.equity.hold(now + 1, cash, held, closes, position.mark);
        }
        self.output.counters.steps_skipped += (until - now) as u64;
        Ok(until)
    }

    /// Whether an order is a stop or a target that waits.
    fn protects(&self, id: OrderId) -> bool {
        let order = &self.state.orders[id as usize - 1];
        matches!(order.role, Role::Stop | Role::Target) && order.status == OrderStatus::Submitted
    }

    /// Marks a position through the bars after `now` up to the step `until`, or until one of its stops and targets would
    /// meet a bar; answers the step before that bar.
    fn hold_guarded(&mut self, symbol: usize, now: usize, until: usize) -> Result<usize> {
        for step in now + 1..=until {
            let (Some(index), Some(close)) = (self.market.bar_at(symbol, step), self.market.close(symbol, step)) else {
                return Ok(step - 1);
            };
            let bars = self.market.bars(symbol);
            let session = self.market.panel.timeline.session[step];
            let waits = |&id: &OrderId| {
                let order = &self.state.orders[id as usize - 1];
                let is_met = || self.market.prices(symbol, step).is_none_or(|bar| meets(order, &bar));
                order.live_from_session > session
                    || !may_meet(order, || bars.low[index], || bars.high[index])
                    || !is_met()
            };
            if !self.state.account.positions[symbol].working.iter().all(waits) {
                return Ok(step - 1);
            }
            let at = self.market.moment(step);
            self.apply(at, Event::Mark { symbol, close })?;
            self.record(step);
            // What the close did to the orders may leave nothing to wait for.
            let working = &self.state.account.positions[symbol].working;
            if working.is_empty() || !working.iter().all(|&id| self.protects(id)) {
                return Ok(step);
            }
        }
        Ok(until)
    }
}
