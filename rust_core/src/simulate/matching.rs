//! Working orders meet a bar: who fills, in what sequence, how much of it, at what cost.
//!
//! At one moment sales go before purchases, then closing purchases before opening ones, then by priority, then by
//! symbol. Of one symbol's closing orders those that take (a market exit, a stop) go before those that wait for a price
//! (a limit exit, a target), which is the worse reading of a bar that touches both; then a decided exit before a stop
//! before a target. An order that would open a position while the opposite one is still held waits.
//!
//! That is the native way; `conventions.rs` names what other engines do instead.

use crate::fill::{BarPrices, Outcome, at_open, at_open_past, may_meet, within, within_past};
use crate::kernel::{Event, Order, OrderId, OrderType, Role};
use crate::simulate::book::Done;
use crate::simulate::conventions::{FillTime, Levels, ProtectedFrom, Sequence};
use crate::simulate::run::Run;
use crate::units::{Price, Side};
use std::cmp::Ordering;

/// The two moments of a bar that four prices can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Open,
    Within,
}

/// An order that the bar would fill.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prospect {
    pub order: OrderId,
    pub symbol: usize,
    pub side: Side,
    pub role: Role,
    pub priority: f64,
    pub price: Price,
    pub taker: bool,
    pub part: Part,
}

impl Prospect {
    pub fn new(order: &Order, part: Part, price: Price, taker: bool) -> Self {
        let &Order { id, symbol, side, role, priority, .. } = order;
        Self { order: id, symbol, side, role, priority, price, taker, part }
    }

    fn precedes(&self, other: &Self) -> Ordering {
        let opens = |p: &Self| p.role == Role::Entry;
        // A missing priority goes last.
        let priority = |p: &Self| if p.priority.is_nan() { f64::NEG_INFINITY } else { p.priority };
        (self.side == Side::Buy)
            .cmp(&(other.side == Side::Buy))
            .then(opens(self).cmp(&opens(other)))
            .then(priority(other).total_cmp(&priority(self)))
            .then(self.symbol.cmp(&other.symbol))
            .then(other.taker.cmp(&self.taker))
            .then(self.role.cmp(&other.role))
            .then(self.order.cmp(&other.order))
    }
}

impl Run<'_> {
    /// The bar at `step` meets the working orders.
    pub(super) fn meet(&mut self, step: usize) -> Done<()> {
        self.newest = self.state.orders.len() as OrderId;
        match self.setup.conventions.sequence {
            Sequence::SalesFirst => {
                if self.sending.is_some() {
                    self.send(step)?;
                }
                for part in [Part::Open, Part::Within] {
                    self.find_fills(step, part)?;
                    self.post(step, part)?;
                }
                Ok(())
            }
            Sequence::AsSent => {
                // For the whole bar, whenever in it the order to close has its turn.
                let closing = self.being_closed();
                self.send(step)?;
                self.meet_in_turn(step, &closing)
            }
        }
    }

    /// What the bar at `step` is to orders: at the next close, that close alone.
    pub(super) fn bar(&self, symbol: usize, step: usize) -> Option<BarPrices> {
        let bar = self.market.prices(symbol, step)?;
        let close = bar.close;
        Some(if self.fill == FillTime::NextClose {
            BarPrices { open: close, high: close, low: close, close }
        } else {
            bar
        })
    }

    /// The price at which `bar` opens; no bar of a panel lacks one of its prices.
    fn first_price(&self, symbol: usize, step: usize) -> Option<Price> {
        if self.fill == FillTime::NextClose { self.market.close(symbol, step) } else { self.market.open(symbol, step) }
    }

    /// Whether an order may fill in the bar that is being met.
    pub(super) fn is_live(&self, order: &Order, session: u32) -> bool {
        let is_born_here = order.id > self.newest;
        order.live_from_session <= session
            && !(is_born_here && self.setup.conventions.protection == ProtectedFrom::NextBar)
    }

    #[inline]
    pub(super) fn judge_at_open(&self, order: &Order, open: Price, step: usize) -> Outcome {
        if self.fill == FillTime::NextClose && order.is_at_market() {
            let price = self.at_close(order, step);
            return price.map_or(Outcome::Waits, |price| Outcome::Fills { price, taker: true });
        }
        match self.setup.conventions.levels {
            Levels::Touched => at_open(order, open),
            Levels::Passed => at_open_past(order, open),
        }
    }

    pub(super) fn judge_within(&self, order: &Order, bar: &BarPrices, entered: Option<Price>) -> Outcome {
        match self.setup.conventions.levels {
            Levels::Touched => within(order, bar, entered),
            Levels::Passed => within_past(order, bar, entered),
        }
    }

    /// Finds the orders that this part of the bar fills, in sequence.
    fn find_fills(&mut self, step: usize, part: Part) -> Done<()> {
        let session = self.market.session(step);
        let mut triggered = Vec::new();
        self.scratch.prospects.clear();
        for &symbol in &self.state.account.active {
            let working = &self.state.account.positions[symbol].working;
            if working.is_empty() {
                continue;
            }
            let Some(index) = self.market.bar_at(symbol, step) else { continue };
            let bars = self.market.bars(symbol);
            for &id in working {
                let order = &self.state.orders[id as usize - 1];
                if !may_meet(order, || bars.low[index], || bars.high[index]) || !self.is_live(order, session) {
                    continue;
                }
                let outcome = match part {
                    Part::Open => self.first_price(symbol, step).map(|open| self.judge_at_open(order, open, step)),
                    Part::Within => self.bar(symbol, step).map(|bar| self.judge_within(order, &bar, None)),
                };
                let Some(outcome) = outcome else { break };
                match outcome {
                    Outcome::Waits => {}
                    Outcome::Triggers => triggered.push(id),
                    Outcome::Fills { price, taker } => {
                        self.scratch.prospects.push(Prospect::new(order, part, price, taker));
                    }
                }
            }
        }
        for id in triggered {
            self.apply(self.market.moment(step), Event::Triggered(id))?;
        }
        if self.scratch.prospects.len() > 1 {
            self.scratch.prospects.sort_unstable_by(Prospect::precedes);
        }
        Ok(())
    }

    /// Books them: each fill becomes cash, lots and ledger entries before the next is looked at.
    fn post(&mut self, step: usize, part: Part) -> Done<()> {
        let prospects = std::mem::take(&mut self.scratch.prospects);
        for prospect in &prospects {
            let filled = self.execute(step, prospect)?;
            if filled && part == Part::Within && prospect.role == Role::Entry {
                self.stop_out(step, prospect)?;
            }
        }
        self.scratch.prospects = prospects;
        Ok(())
    }

    /// After an entry within the bar its lot's stop, and nothing else, is live in the rest of it.
    #[inline(never)]
    pub(super) fn stop_out(&mut self, step: usize, entry: &Prospect) -> Done<()> {
        let lots = &self.state.account.positions[entry.symbol].lots;
        let stop = lots.iter().find(|lot| lot.id == entry.order).and_then(|lot| lot.stop);
        let Some(order) = stop.and_then(|id| self.state.order(id)) else { return Ok(()) };
        let Some(bar) = self.bar(entry.symbol, step) else { return Ok(()) };
        if !self.is_live(order, self.market.session(step)) {
            return Ok(());
        }
        if let Outcome::Fills { price, taker } = self.judge_within(order, &bar, Some(entry.price)) {
            let prospect = Prospect::new(order, Part::Within, price, taker);
            self.execute(step, &prospect)?;
        }
        Ok(())
    }

    /// Fills what the volume and, for an opening purchase, the cash allow. Answers whether anything filled.
    pub(super) fn execute(&mut self, step: usize, prospect: &Prospect) -> Done<bool> {
        let &Prospect { order: id, symbol, side, role, .. } = prospect;
        let held = self.state.account.positions[symbol].quantity;
        let is_opposed = role == Role::Entry && held.0.signum() == -side.sign();
        if !self.is_working(id) || is_opposed {
            return Ok(false);
        }
        let at = self.market.moment(step);
        let order = &self.state.orders[id as usize - 1];
        let wanted = order.remaining();
        let is_stop = order.order_type == OrderType::Stop;
        let quantity = wanted.min(self.capacity_left(step, symbol));
        if is_stop && quantity < wanted {
            self.apply(at, Event::Triggered(id))?;
        }
        if quantity.0 <= 0 {
            return Ok(false);
        }
        let asked = self.priced(step, at.date, prospect, quantity);
        let cut = if role == Role::Entry { self.cut(step, at.date, prospect, &asked) } else { None };
        let part = cut.as_ref().unwrap_or(&asked);
        let is_cut = part.quantity < quantity;
        if is_cut {
            self.note_cash_cut(at.ns, id, asked.value(), quantity, part.quantity);
        }
        if part.quantity.0 > 0 {
            self.use_capacity(step, symbol, part.quantity);
            self.book_fill(at, part.report(id, prospect.price))?;
        }
        if is_cut && self.is_working(id) {
            let is_untouched = self.state.orders[id as usize - 1].filled.0 == 0;
            self.apply(at, if is_untouched { Event::Rejected(id) } else { Event::Cancelled(id) })?;
        }
        Ok(part.quantity.0 > 0)
    }
}
