//! Passing over steps at which nothing can happen: a lone symbol under plain rules, without limits.
//!
//! Between a rise of its entry condition and a truth of its exit condition such a run only marks to market, moves its
//! trailing stop, looks whether a bar meets its stop or target, and notes where the entry condition rises again. What is
//! passed over is exactly what `step` would have left alone; property tests hold the two outputs equal.

use crate::fill::{BarPrices, Outcome, at_open, may_meet, within};
use crate::kernel::{Event, Order, OrderId, OrderStatus, Role};
use crate::simulate::book::Done;
use crate::simulate::run::Run;

/// Whether a bar does anything to an order.
fn meets(order: &Order, bar: &BarPrices) -> bool {
    at_open(order, bar.open) != Outcome::Waits || within(order, bar, None) != Outcome::Waits
}

impl Run<'_> {
    /// Marks through the steps from `now` on whose closes decide nothing; answers the first that may, or whose next bar
    /// an order may meet.
    pub(super) fn skip(&mut self, now: usize, last: usize) -> Done<usize> {
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
        let decided = first_step + lone.first_decision(from..end - first_step, held, ripe - first_step);
        let until = if is_guarded { self.hold_guarded(symbol, now, decided)? } else { decided };
        if let Some(lone) = &self.lone {
            lone.note_begun(&self.rules, &self.market, from..until - first_step, held, &mut self.output.signals);
        }
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
    #[inline(never)]
    fn hold_guarded(&mut self, symbol: usize, now: usize, until: usize) -> Done<usize> {
        for step in now + 1..=until {
            let (Some(index), Some(close)) = (self.market.bar_at(symbol, step), self.market.close(symbol, step)) else {
                return Ok(step - 1);
            };
            let bars = self.market.bars(symbol);
            let session = self.market.session(step);
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
