//! Other engines' ways with a bar: orders one after the other as they were sent, checks of cash before the bar, fills
//! at the close that decided them, margin.

use crate::fill::Outcome;
use crate::kernel::{Event, Order, OrderId, OrderType, Reason, Role};
use crate::simulate::book::Done;
use crate::simulate::conventions::{Cash, FillTime, ProtectedFrom, Quoted};
use crate::simulate::draft::Draft;
use crate::simulate::matching::{Part, Prospect};
use crate::simulate::queue::Signal;
use crate::simulate::run::Run;
use crate::units::{Money, Price, Shares};

impl Run<'_> {
    /// Sends what was decided or changed since the last bar.
    #[inline(never)]
    pub(super) fn send(&mut self, step: usize) -> Done<()> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let at = self.market.moment(step);
        let sent = sending.release(&self.state, at.session);
        if self.setup.conventions.cash != Cash::CheckAndReject {
            return Ok(());
        }
        let mut cash = self.state.account.cash;
        for id in sent {
            if !self.is_working(id) {
                continue;
            }
            let order = &self.state.orders[id as usize - 1];
            let (symbol, side, quantity) = (order.symbol, order.side, order.remaining());
            if matches!(order.role, Role::Stop | Role::Target) && self.is_being_closed(symbol) {
                continue;
            }
            let own = order.stop_price.or(order.limit_price);
            let Some(price) = own.or_else(|| self.market.last_close(symbol, step.saturating_sub(1))) else { continue };
            cash += Money(-side.sign() * price.times(quantity).0) - self.charge(at.date, id, true, quantity, price).fee;
            if cash.0 < 0 {
                self.note_cash_cut(at.ns, id, price.times(quantity), quantity, Shares::ZERO);
                let is_untouched = self.state.orders[id as usize - 1].filled.0 == 0;
                self.apply(at, if is_untouched { Event::Rejected(id) } else { Event::Cancelled(id) })?;
            }
        }
        Ok(())
    }

    /// One order after the other as they were sent, each judged by the whole bar.
    /// Stops and targets of the symbols in `closing` stand aside.
    #[inline(never)]
    pub(super) fn meet_in_turn(&mut self, step: usize, closing: &[usize]) -> Done<()> {
        let mut ids = std::mem::take(&mut self.scratch.ids);
        for &symbol in &self.state.account.active {
            ids.extend(&self.state.account.positions[symbol].working);
        }
        if let Some(sending) = &self.sending {
            ids.sort_by_key(|&id| sending.place(&self.state.orders[id as usize - 1]));
        }
        for &id in &ids {
            self.take_turn(step, id, closing)?;
        }
        ids.clear();
        self.scratch.ids = ids;
        Ok(())
    }

    fn take_turn(&mut self, step: usize, id: OrderId, closing: &[usize]) -> Done<()> {
        let at = self.market.moment(step);
        if !self.is_working(id) {
            return Ok(());
        }
        let order = &self.state.orders[id as usize - 1];
        let (symbol, role) = (order.symbol, order.role);
        let Some(bar) = self.bar(symbol, step) else { return Ok(()) };
        let stands_aside = matches!(role, Role::Stop | Role::Target) && closing.contains(&symbol);
        if !self.is_live(order, at.session) || stands_aside {
            return Ok(());
        }
        let mut found = (Part::Open, self.judge_at_open(order, bar.open, step));
        if found.1 == Outcome::Triggers {
            self.apply(at, Event::Triggered(id))?;
        }
        if !matches!(found.1, Outcome::Fills { .. }) {
            found = (Part::Within, self.judge_within(&self.state.orders[id as usize - 1], &bar, None));
        }
        match found {
            (_, Outcome::Waits) => Ok(()),
            (_, Outcome::Triggers) => self.apply(at, Event::Triggered(id)),
            (part, Outcome::Fills { price, taker }) => {
                let prospect = Prospect::new(&self.state.orders[id as usize - 1], part, price, taker);
                let is_guarded = self.setup.conventions.protection == ProtectedFrom::EntryBar;
                if !self.execute(step, &prospect)? || role != Role::Entry || !is_guarded {
                    return Ok(());
                }
                match part {
                    Part::Within => self.stop_out(step, &prospect),
                    Part::Open => self.guard(step, symbol, id),
                }
            }
        }
    }

    /// The symbols in which a market order to close is out.
    #[inline(never)]
    pub(super) fn being_closed(&self) -> Vec<usize> {
        self.state.account.active.iter().copied().filter(|&symbol| self.is_being_closed(symbol)).collect()
    }

    /// Whether a market order to close is out: a stop or target beside it would sell the same shares twice.
    fn is_being_closed(&self, symbol: usize) -> bool {
        let working = &self.state.account.positions[symbol].working;
        working.iter().map(|&id| &self.state.orders[id as usize - 1]).any(|order| order.closes_at_market())
    }

    /// After an entry at the open its stop and target are live in the rest of the bar, the stop first.
    fn guard(&mut self, step: usize, symbol: usize, entry: OrderId) -> Done<()> {
        let lots = &self.state.account.positions[symbol].lots;
        let Some(lot) = lots.iter().find(|lot| lot.id == entry) else { return Ok(()) };
        for child in [lot.stop, lot.target].into_iter().flatten() {
            let session = self.market.session(step);
            let (Some(order), Some(bar)) = (self.state.order(child), self.bar(symbol, step)) else { continue };
            if !self.is_working(child) || !self.is_live(order, session) {
                continue;
            }
            if let Outcome::Fills { price, taker } = self.judge_within(order, &bar, None) {
                let prospect = Prospect::new(order, Part::Within, price, taker);
                self.execute(step, &prospect)?;
            }
        }
        Ok(())
    }

    /// Where market orders fill at the close that decided them: fills this one, and puts the row of that close right.
    #[inline]
    pub(super) fn fill_at_close(&mut self, now: usize, id: OrderId) -> Done<()> {
        if self.fill != FillTime::SameClose {
            return Ok(());
        }
        let order = &self.state.orders[id as usize - 1];
        let waits_for_open = self.setup.conventions.fill == FillTime::OpenOrClose && self.market.ends_session(now);
        if !order.is_at_market() || waits_for_open {
            return Ok(());
        }
        self.take_close(now, id)
    }

    /// What a market order that fills at the close of a step is filled at, slippage aside.
    pub(super) fn at_close(&self, order: &Order, step: usize) -> Option<Price> {
        match self.setup.conventions.quotes {
            Quoted::Taken => self.market.quote(order.symbol, step, order.side),
            Quoted::Ignored => self.market.close(order.symbol, step),
        }
    }

    #[inline(never)]
    fn take_close(&mut self, now: usize, id: OrderId) -> Done<()> {
        let order = &self.state.orders[id as usize - 1];
        let symbol = order.symbol;
        let Some(price) = self.at_close(order, now) else { return Ok(()) };
        let prospect = Prospect::new(order, Part::Within, price, true);
        if self.execute(now, &prospect)? {
            self.restate(now, symbol)?;
        }
        Ok(())
    }

    /// Marks a position that a close has changed at that close, and puts its row right.
    pub(super) fn restate(&mut self, now: usize, symbol: usize) -> Done<()> {
        if let Some(close) = self.market.close(symbol, now) {
            self.report(self.market.moment(now), Event::Mark { symbol, close })?;
        }
        self.record_again(now);
        Ok(())
    }

    /// Where the last bar closes positions: calls back what is out, and sells or covers at its close.
    pub(super) fn close_out(&mut self, last: usize) -> Done<()> {
        let at = self.market.moment(last);
        (self.is_view_current, self.slots) = (false, None);
        let accounts = &self.state.account;
        let out: Vec<OrderId> =
            accounts.active.iter().flat_map(|&symbol| accounts.positions[symbol].working.iter().copied()).collect();
        for id in out {
            if self.is_working(id) {
                self.apply(at, Event::Cancelled(id))?;
            }
        }
        for symbol in self.state.account.active.clone() {
            let quantity = self.state.account.positions[symbol].quantity.abs();
            let signal = Signal::Exit { symbol, quantity, reason: Reason::LastBar };
            let Some(draft) = self.draft(last, &signal) else { continue };
            let order = Order { order_type: OrderType::Market, limit_price: None, stop_price: None, ..draft.order };
            if let Some(id) = self.judge(last, at, &mut Draft { order, ..draft })? {
                self.take_close(last, id)?;
            }
        }
        Ok(())
    }
}
