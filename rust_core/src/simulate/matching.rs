//! Working orders meet a bar: who fills, in what sequence, how much of it, at what cost.
//!
//! At one moment sales go before purchases, then closing purchases before opening ones, then by priority, then by
//! symbol. Of one symbol's closing orders those that take (a market exit, a stop) go before those that wait for a price
//! (a limit exit, a target), which is the worse reading of a bar that touches both; then a decided exit before a stop
//! before a target. An order that would open a position while the opposite one is still held waits.
//!
//! That is the native way; `conventions.rs` names what other engines do instead.

use crate::error::Result;
use crate::fill::{BarPrices, Outcome, at_open, at_worse_of_close, within};
use crate::kernel::{Event, FillReport, Order, OrderId, OrderType, Role};
use crate::risk::{Code, Verdict};
use crate::simulate::conventions::{Cash, FillTime, ProtectedFrom, Sequence, SlippageBounds, StopPrice};
use crate::simulate::output::VerdictRow;
use crate::simulate::run::Run;
use crate::units::{MICRO, Money, Price, Shares, Side};
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
    order: OrderId,
    symbol: usize,
    side: Side,
    role: Role,
    priority: f64,
    price: Price,
    taker: bool,
    part: Part,
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
    pub(super) fn meet(&mut self, step: usize) -> Result<()> {
        self.newest = self.state.orders.len() as OrderId;
        self.send(step)?;
        match self.setup.conventions.sequence {
            Sequence::SalesFirst => {
                for part in [Part::Open, Part::Within] {
                    let fills = self.fills(step, part)?;
                    self.post(step, part, fills)?;
                }
                Ok(())
            }
            Sequence::AsSent => self.meet_in_turn(step),
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

    /// Whether an order may fill in the bar that is being met.
    pub(super) fn is_live(&self, order: &Order, session: u32) -> bool {
        let is_born_here = order.id > self.newest;
        order.live_from_session <= session
            && !(is_born_here && self.setup.conventions.protection == ProtectedFrom::NextBar)
    }

    pub(super) fn judge_within(&self, order: &Order, bar: &BarPrices, entered: Option<Price>) -> Outcome {
        match self.setup.conventions.stop {
            StopPrice::AtStop => within(order, bar, entered),
            StopPrice::WorseOfClose => at_worse_of_close(order, bar, entered),
        }
    }

    /// The orders that this part of the bar fills, in sequence.
    pub(super) fn fills(&mut self, step: usize, part: Part) -> Result<Vec<Prospect>> {
        let at = self.market.moment(step);
        let mut prospects = std::mem::take(&mut self.scratch.prospects);
        let mut triggered = std::mem::take(&mut self.scratch.ids);
        prospects.clear();
        for &symbol in &self.state.account.active {
            let working = &self.state.account.positions[symbol].working;
            if working.is_empty() {
                continue;
            }
            let Some(bar) = self.bar(symbol, step) else { continue };
            for &id in working {
                let order = &self.state.orders[id as usize - 1];
                if !self.is_live(order, at.session) {
                    continue;
                }
                let outcome = match part {
                    Part::Open => at_open(order, &bar),
                    Part::Within => self.judge_within(order, &bar, None),
                };
                match outcome {
                    Outcome::Waits => {}
                    Outcome::Triggers => triggered.push(id),
                    Outcome::Fills { price, taker } => prospects.push(Prospect::new(order, part, price, taker)),
                }
            }
        }
        for &id in &triggered {
            self.apply(at, Event::Triggered(id))?;
        }
        triggered.clear();
        self.scratch.ids = triggered;
        prospects.sort_unstable_by(Prospect::precedes);
        Ok(prospects)
    }

    /// Books them: each fill becomes cash, lots and ledger entries before the next is looked at.
    pub(super) fn post(&mut self, step: usize, part: Part, prospects: Vec<Prospect>) -> Result<()> {
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
    pub(super) fn stop_out(&mut self, step: usize, entry: &Prospect) -> Result<()> {
        let lots = &self.state.account.positions[entry.symbol].lots;
        let stop = lots.iter().find(|lot| lot.id == entry.order).and_then(|lot| lot.stop);
        let Some(order) = stop.and_then(|id| self.state.order(id)) else { return Ok(()) };
        let Some(bar) = self.bar(entry.symbol, step) else { return Ok(()) };
        if !self.is_live(order, self.market.moment(step).session) {
            return Ok(());
        }
        if let Outcome::Fills { price, taker } = self.judge_within(order, &bar, Some(entry.price)) {
            let prospect = Prospect::new(order, Part::Within, price, taker);
            self.execute(step, &prospect)?;
        }
        Ok(())
    }

    /// Fills what the volume and, for an opening purchase, the cash allow. Answers whether anything filled.
    pub(super) fn execute(&mut self, step: usize, prospect: &Prospect) -> Result<bool> {
        let &Prospect { order: id, symbol, side, role, .. } = prospect;
        let held = self.state.account.positions[symbol].quantity;
        let is_opposed = role == Role::Entry && held.0.signum() == -side.sign();
        if !self.is_working(id) || is_opposed {
            return Ok(false);
        }
        let at = self.market.moment(step);
        let price = self.slipped(step, prospect);
        let order = &self.state.orders[id as usize - 1];
        let wanted = order.remaining();
        let is_stop = order.order_type == OrderType::Stop;
        let mut quantity = wanted.min(self.capacity_left(step, symbol));
        if is_stop && quantity < wanted {
            self.apply(at, Event::Triggered(id))?;
        }
        let mut is_cut = false;
        if role == Role::Entry {
            let affordable = self.payable(id, side, quantity, price);
            if affordable < quantity {
                is_cut = true;
                self.note_cash_cut(at.ns, id, price, quantity, affordable);
                quantity = affordable;
            }
        }
        if quantity.0 > 0 {
            let fee = self.fee(id, quantity, price);
            let slippage = Money((price - prospect.price).times(quantity).0.abs());
            self.use_capacity(step, symbol, quantity);
            self.book_fill(at, FillReport { order: id, quantity, price, fee, slippage })?;
        }
        if is_cut && self.is_working(id) {
            let is_untouched = self.state.orders[id as usize - 1].filled.0 == 0;
            self.apply(at, if is_untouched { Event::Rejected(id) } else { Event::Cancelled(id) })?;
        }
        Ok(quantity.0 > 0)
    }

    /// The price with slippage.
    fn slipped(&self, step: usize, prospect: &Prospect) -> Price {
        let &Prospect { price, side, symbol, taker, part, .. } = prospect;
        let slips = |from: Price| self.setup.slippage.apply(from, side);
        match self.setup.conventions.slippage_bounds {
            SlippageBounds::Takers => {
                if taker {
                    slips(price)
                } else {
                    price
                }
            }
            SlippageBounds::WithinBar => {
                let Some(bar) = self.bar(symbol, step) else { return price };
                let limit = self.state.orders[prospect.order as usize - 1].limit_price;
                let bound = match (side, taker, limit) {
                    (Side::Buy, true, _) | (Side::Buy, _, None) => bar.high,
                    (Side::Sell, true, _) | (Side::Sell, _, None) => bar.low,
                    (Side::Buy, false, Some(limit)) => limit.min(bar.high),
                    (Side::Sell, false, Some(limit)) => limit,
                };
                if !taker && part == Part::Within {
                    return price;
                }
                // A price that lies beyond the bound already stays where it is.
                match side {
                    Side::Buy => slips(price).min(bound.max(price)),
                    Side::Sell => slips(price).max(bound.min(price)),
                }
            }
        }
    }

    fn capacity_left(&self, step: usize, symbol: usize) -> Shares {
        let Some(frac) = self.setup.max_participation_frac else { return Shares(i64::MAX) };
        let capacity = self.market.capacity(symbol, step, frac, self.state.fractional);
        let (at, used) = self.used[symbol];
        if at == step { capacity - used } else { capacity }
    }

    fn use_capacity(&mut self, step: usize, symbol: usize, quantity: Shares) {
        if self.setup.max_participation_frac.is_none() {
            return;
        }
        let (at, used) = &mut self.used[symbol];
        *used = if *at == step { *used + quantity } else { quantity };
        *at = step;
    }

    /// How much of an opening order may fill, for what it costs.
    fn payable(&self, id: OrderId, side: Side, quantity: Shares, price: Price) -> Shares {
        match self.setup.conventions.cash {
            Cash::Unlimited => quantity,
            Cash::Margin if self.has_margin(id, quantity, price) => quantity,
            Cash::Margin => Shares::ZERO,
            _ if side == Side::Sell => quantity,
            Cash::Cut => self.affordable(id, quantity, price),
            Cash::Reject | Cash::CheckAndReject => {
                if self.cost(id, quantity, price) <= self.state.account.cash {
                    quantity
                } else {
                    Shares::ZERO
                }
            }
        }
    }

    /// What a purchase of that part of an order takes from cash.
    pub(super) fn cost(&self, id: OrderId, part: Shares, price: Price) -> Money {
        price.times(part) + self.fee(id, part, price)
    }

    /// The fee on the next part of an order.
    pub(super) fn fee(&self, id: OrderId, part: Shares, price: Price) -> Money {
        let order = &self.state.orders[id as usize - 1];
        self.setup.commission.of_part(order.filled, order.notional, order.fees, part, price)
    }

    /// The largest part of `quantity` that cash pays for, fee included.
    fn affordable(&self, id: OrderId, quantity: Shares, price: Price) -> Shares {
        let cash = self.state.account.cash;
        let costs = |part: Shares| self.cost(id, part, price);
        if quantity.0 <= 0 || costs(quantity) <= cash {
            return quantity;
        }
        let unit = if self.state.fractional { 1 } else { i64::from(self.plan.sizing.round_lot.max(1)) * MICRO };
        // The cost grows with the quantity, so a bisection over units finds the last that fits.
        let (mut fits, mut exceeds) = (0, quantity.0.div_euclid(unit) + 1);
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2;
            let part = Shares(middle * unit);
            if part <= quantity && costs(part) <= cash { fits = middle } else { exceeds = middle }
        }
        Shares(fits * unit)
    }

    pub(super) fn note_cash_cut(&mut self, ns: i64, id: OrderId, price: Price, requested: Shares, admitted: Shares) {
        let order = &self.state.orders[id as usize - 1];
        let cash = self.state.account.cash.to_f64();
        let verdict = Verdict::new(Code::CashCut, cash, price.times(requested).to_f64(), requested, admitted);
        let row = VerdictRow { ns, order_id: Some(id), symbol: order.symbol, side: order.side, verdict };
        self.output.verdicts.push(row);
    }
}
