//! Working orders meet a bar: who fills, in what sequence, how much of it, at what cost.
//!
//! At one moment sales go before purchases, then closing purchases before opening ones, then by priority, then by
//! symbol. Of one symbol's closing orders those that take (a market exit, a stop) go before those that wait for a price
//! (a limit exit, a target), which is the worse reading of a bar that touches both; then a decided exit before a stop
//! before a target. An order that would open a position while the opposite one is still held waits.

use crate::error::Result;
use crate::fill::{Charge, Outcome, Part as PartOfOrder, Taken, at_open, within};
use crate::kernel::{Event, FillReport, Moment, OrderId, OrderType, Role};
use crate::risk::{Code, Verdict};
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
}

impl Prospect {
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
            let Some(bar) = self.market.prices(symbol, step) else { continue };
            for &id in working {
                let order = &self.state.orders[id as usize - 1];
                if order.live_from_session > at.session {
                    continue;
                }
                let outcome = match part {
                    Part::Open => at_open(order, &bar),
                    Part::Within => within(order, &bar, None),
                };
                match outcome {
                    Outcome::Waits => {}
                    Outcome::Triggers => triggered.push(id),
                    Outcome::Fills { price, taker } => prospects.push(Prospect {
                        order: id,
                        symbol,
                        side: order.side,
                        role: order.role,
                        priority: order.priority,
                        price,
                        taker,
                    }),
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
    fn stop_out(&mut self, step: usize, entry: &Prospect) -> Result<()> {
        let lots = &self.state.account.positions[entry.symbol].lots;
        let stop = lots.iter().find(|lot| lot.id == entry.order).and_then(|lot| lot.stop);
        let Some(order) = stop.and_then(|id| self.state.order(id)) else { return Ok(()) };
        let Some(bar) = self.market.prices(entry.symbol, step) else { return Ok(()) };
        if let Outcome::Fills { price, taker } = within(order, &bar, Some(entry.price)) {
            let (id, side, role) = (order.id, order.side, order.role);
            let prospect = Prospect { order: id, symbol: entry.symbol, side, role, priority: 0.0, price, taker };
            self.execute(step, &prospect)?;
        }
        Ok(())
    }

    /// Fills what the volume and, for an opening purchase, the cash allow. Answers whether anything filled.
    fn execute(&mut self, step: usize, prospect: &Prospect) -> Result<bool> {
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
        let mut quantity = wanted.min(self.capacity_left(step, symbol));
        if is_stop && quantity < wanted {
            self.apply(at, Event::Triggered(id))?;
        }
        let mut is_cut = false;
        if side == Side::Buy && role == Role::Entry {
            let affordable = self.affordable(step, prospect, quantity);
            if affordable < quantity {
                is_cut = true;
                let price = self.price_of(step, prospect, quantity);
                self.note_cash_cut(at.ns, id, price, quantity, affordable);
                quantity = affordable;
            }
        }
        if quantity.0 > 0 {
            let price = self.price_of(step, prospect, quantity);
            let Charge { fee, by_schedule } = self.charge(at, prospect, quantity, price);
            let order = &self.state.orders[id as usize - 1];
            let slippage = Money((price - prospect.price).times(quantity).0.abs());
            let reason = order.reason.as_str();
            if let Some(desk) = &mut self.desk {
                desk.note_fill(at, order, quantity, held, price.times(quantity) - fee);
            }
            if let Some(carry) = &mut self.carry {
                carry.note_fill(at, side, held, price.times(quantity), fee);
            }
            self.use_capacity(step, symbol, quantity);
            self.apply(at, Event::Fill(FillReport { order: id, quantity, price, fee, by_schedule, slippage }))?;
            let rows = &mut self.output.fills;
            rows.order_id.push(id);
            rows.symbol.push(symbol);
            rows.side.push(side);
            rows.quantity.push(quantity);
            rows.price.push(price);
            rows.fee.push(fee);
            rows.slippage.push(slippage);
            rows.filled_ns.push(at.ns);
            rows.reason.push(reason);
        }
        if is_cut && self.is_working(id) {
            let is_untouched = self.state.orders[id as usize - 1].filled.0 == 0;
            self.apply(at, if is_untouched { Event::Rejected(id) } else { Event::Cancelled(id) })?;
        }
        Ok(quantity.0 > 0)
    }

    /// What a quantity fills at: worse than the bar shows for a taker.
    fn price_of(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let &Prospect { symbol, side, price: reference, taker, .. } = prospect;
        if !taker {
            return reference;
        }
        let figures = self.liquidity.as_ref().map(|liquidity| liquidity.before(&self.market, symbol, step));
        let (volatility, average_volume) = figures.unwrap_or((f64::NAN, f64::NAN));
        let (at, used) = self.used[symbol];
        self.setup.slippage.apply(&Taken {
            reference,
            side,
            quantity,
            before: if at == step { used } else { Shares::ZERO },
            bar_volume: self.market.volume(symbol, step),
            average_volume,
            volatility,
        })
    }

    fn charge(&self, at: Moment, prospect: &Prospect, quantity: Shares, price: Price) -> Charge {
        let part = PartOfOrder {
            side: prospect.side,
            is_taker: prospect.taker,
            date: at.date,
            month_shares: self.state.account.volume.on(at.date),
            quantity,
            price,
        };
        self.setup.commission.of_part(&self.state.orders[prospect.order as usize - 1].progress(), &part)
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

    /// The largest part of `quantity` that cash pays for, slippage and fee included.
    fn affordable(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Shares {
        let at = self.market.moment(step);
        let cash = self.state.account.cash;
        let costs = |part: Shares| {
            let price = self.price_of(step, prospect, part);
            price.times(part) + self.charge(at, prospect, part, price).fee
        };
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

    fn note_cash_cut(&mut self, ns: i64, id: OrderId, price: Price, requested: Shares, admitted: Shares) {
        let order = &self.state.orders[id as usize - 1];
        let cash = self.state.account.cash.to_f64();
        let verdict = Verdict::new(Code::CashCut, cash, price.times(requested).to_f64(), requested, admitted);
        let row = VerdictRow { ns, order_id: Some(id), symbol: order.symbol, side: order.side, verdict };
        self.output.verdicts.push(row);
    }
}
