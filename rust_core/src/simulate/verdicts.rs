//! The risk desk of a run: each drafted order gets its verdict on the account as it then stands, and what is admitted is
//! sent.
//!
//! Operator and broker are modelled: heartbeat present, no drift, data as fresh as the bar, approvals
//! granted at once. Figures are those of the decision's close; session and date are those in which the order will trade.

use crate::bars::Panel;
use crate::calendar::next_session;
use crate::error::{EngineError, Result};
use crate::kernel::protection::Gap;
use crate::kernel::{Event, Moment, Order, OrderId, OrderType, Role};
use crate::plan::Plan;
use crate::risk::settlement::Settlement;
use crate::risk::{
    AccountType, AccountView, Candidate, DayTrades, Holding, Input, Policy, Verdict, Waived, Working, admit,
    default_stop,
};
use crate::simulate::book::Done;
use crate::simulate::config::Setup;
use crate::simulate::draft::Draft;
use crate::simulate::output::VerdictRow;
use crate::simulate::run::Run;
use crate::units::{Money, Price, Shares, Side};

pub(super) struct Desk {
    pub policy: Policy,
    waived: Waived,
    pub day_trades: DayTrades,
    settlement: Settlement,
    /// By panel symbol.
    sectors: Vec<Option<usize>>,
    vix: Option<usize>,
    /// Session of a breach of drawdown that has not been reset.
    halted_since: Option<u32>,
    orders_session: u32,
    orders_today: u32,
    holdings: Vec<Holding>,
    working: Vec<Working>,
}

impl Desk {
    /// `None` without a policy.
    ///
    /// # Errors
    /// `MissingInput` for what a limit or a fee needs, the run lacks and nobody waived.
    pub fn new(plan: &Plan, panel: &Panel<'_>, members: &[usize], setup: &Setup) -> Result<Option<Self>> {
        let has_raw_prices = members.iter().all(|&symbol| !panel.symbols[symbol].adjusted_only);
        if !has_raw_prices && setup.commission.counts_shares() {
            return Err(EngineError::MissingInput {
                what: "raw prices".into(),
                needed_by: "a commission per share".into(),
                remedy: "import prices as traded, or charge basis points".into(),
            });
        }
        let Some(policy) = setup.policy.clone() else { return Ok(None) };
        let mut sectors = vec![None; panel.symbols.len()];
        for (name, sector) in plan.symbols.iter().zip(&plan.sectors) {
            if let Some(symbol) = panel.position(name) {
                sectors[symbol] = *sector;
            }
        }
        let vix = panel.position("VIX");
        // What is there is used, waived or not.
        let waived = Waived { vix: setup.waived.vix && vix.is_none(), ..setup.waived };
        for input in policy.required_inputs() {
            let is_there = match input {
                Input::Vix => vix.is_some(),
                Input::Sector => members.iter().all(|&symbol| sectors[symbol].is_some()),
                Input::RawPrices => has_raw_prices,
            };
            if !is_there && !waived.contains(input) {
                return Err(input.missing());
            }
        }
        Ok(Some(Self {
            policy,
            waived,
            day_trades: DayTrades::new(),
            settlement: Settlement::new(),
            sectors,
            vix,
            halted_since: None,
            orders_session: 0,
            orders_today: 0,
            holdings: Vec::new(),
            working: Vec::new(),
        }))
    }

    /// Keeps the day-trade and settlement books.
    #[inline(never)]
    pub fn note_fill(&mut self, at: Moment, order: &Order, quantity: Shares, held: Shares, proceeds: Money) {
        self.day_trades.on_fill(at.session, order.symbol, order.id, order.side, quantity, held);
        if order.side == Side::Sell && self.policy.pdt_guard.account_type == AccountType::Cash {
            self.settlement.on_sale(at.session, at.date, proceeds);
        }
    }
}

/// A working order as the cascade sees it.
fn working(order: &Order, price: Price, sector: Option<usize>) -> Working {
    Working {
        symbol: order.symbol,
        side: order.side,
        quantity: order.remaining(),
        price,
        opens: order.opens(),
        books_first: order.role == Role::Exit && order.order_type == OrderType::Market,
        sector,
    }
}

impl Run<'_> {
    /// Asks for a verdict on a draft and submits what is admitted; answers the order's number.
    pub(super) fn judge(&mut self, now: usize, at: Moment, draft: &mut Draft) -> Done<Option<OrderId>> {
        let symbol = draft.order.symbol;
        let takes_slot = draft.order.opens() && !self.occupies_slot(symbol);
        if takes_slot && self.free_slots() == 0 {
            return Ok(None);
        }
        let verdict = if self.desk.is_some() { self.assess(now, draft) } else { None };
        let order = &mut draft.order;
        order.quantity = verdict.map_or(order.quantity, |verdict| verdict.admitted);
        let is_sent = order.quantity.0 > 0;
        if let Some(verdict) = verdict {
            let order_id = is_sent.then(|| self.state.orders.len() as u64 + 1);
            self.output.verdicts.push(VerdictRow { ns: at.ns, order_id, symbol, side: order.side, verdict });
        }
        if is_sent {
            if order.opens() && self.desk.is_some() {
                self.give_default_stop(order, draft.reference);
            }
            if let Some(desk) = &mut self.desk {
                desk.orders_today += 1;
                desk.working.push(working(order, draft.reference, desk.sectors[symbol]));
            }
            self.apply(at, Event::Decided(*order))?;
            if takes_slot {
                self.slots = self.slots.map(|slots| slots - 1);
            }
        }
        Ok(is_sent.then_some(self.state.orders.len() as OrderId))
    }

    /// A position without a stop gets one at which it loses the policy's share of equity. The distance is that of the
    /// position as decided, kept from whatever price it fills at.
    #[inline(never)]
    fn give_default_stop(&self, order: &mut Order, reference: Price) {
        let Some(desk) = &self.desk else { return };
        if order.protection.has_stop() {
            return;
        }
        let held = self.state.account.positions[order.symbol].quantity;
        let is_adding = held.0.signum() == order.side.sign();
        let quantity = if is_adding { order.quantity + held.abs() } else { order.quantity };
        if let Some(stop) = default_stop(&desk.policy, reference, order.side, quantity, self.equity()) {
            order.protection.stop_loss = Some(Gap::Distance(Price((reference - stop).0.abs())));
            order.protection.by_policy = true;
        }
    }

    /// Positions that the strategy may still open at this close.
    pub(super) fn free_slots(&mut self) -> u32 {
        match self.slots {
            Some(slots) => slots,
            None => {
                let slots = self.count_free_slots();
                self.slots = Some(slots);
                slots
            }
        }
    }

    pub(super) fn count_free_slots(&self) -> u32 {
        let Some(slots) = self.sizing().max_positions else { return u32::MAX };
        let taken = self.state.account.active.iter().filter(|&&symbol| self.occupies_slot(symbol)).count();
        slots.saturating_sub(taken as u32)
    }

    /// Whether a symbol is held or being entered; a position with an exit for all of it counts as gone.
    fn occupies_slot(&self, symbol: usize) -> bool {
        let position = &self.state.account.positions[symbol];
        let (mut leaving, mut entering) = (Shares::ZERO, false);
        for &id in &position.working {
            let order = &self.state.orders[id as usize - 1];
            match order.role {
                Role::Exit => leaving += order.remaining(),
                Role::Entry => entering = true,
                Role::Stop | Role::Target => {}
            }
        }
        entering || position.quantity.abs() > leaving
    }

    /// Shows the desk what is held and working. A market order is reckoned at its symbol's last close.
    fn read_account(&mut self, now: usize) {
        let buffer = self.setup.buffer;
        let Some(desk) = &mut self.desk else { return };
        desk.holdings.clear();
        desk.working.clear();
        for &symbol in &self.state.account.active {
            let position = &self.state.account.positions[symbol];
            let sector = desk.sectors[symbol];
            if position.quantity.0 != 0 {
                // The youngest lot: it is the one that a sale on its own day would make a day trade.
                let opened_session = position.lots.iter().map(|lot| lot.entered.session).max().unwrap_or(0);
                let (quantity, mark) = (position.quantity, position.mark);
                desk.holdings.push(Holding { symbol, quantity, mark, sector, opened_session });
            }
            for &id in &position.working {
                let order = &self.state.orders[id as usize - 1];
                if matches!(order.role, Role::Entry | Role::Exit) {
                    let price = order.limit_price.or(order.stop_price).unwrap_or_else(|| {
                        let close = self.market.last_close(symbol, now).unwrap_or(position.mark);
                        if order.opens() { close + buffer.of_price(close) } else { close }
                    });
                    desk.working.push(working(order, price, sector));
                }
            }
        }
        self.is_view_current = true;
    }

    #[inline(never)]
    fn assess(&mut self, now: usize, draft: &Draft) -> Option<Verdict> {
        if !self.is_view_current {
            self.read_account(now);
        }
        let equity = self.equity();
        let session = self.market.next_session(now);
        let timeline = &self.market.panel.timeline;
        let date = if now + 1 < timeline.len() { timeline.date(now + 1) } else { next_session(timeline.date(now)) };
        let sizing = &self.plan.sizing;
        let lot = self.sizer().unit();
        let desk = self.desk.as_mut()?;
        if desk.orders_session != session {
            (desk.orders_session, desk.orders_today) = (session, 0);
        }
        let account = &self.state.account;
        let vix = desk.vix.and_then(|symbol| {
            let bars = &self.market.panel.symbols[symbol];
            bars.bar_at(now).map(|bar| bars.close[bar])
        });
        let order = &draft.order;
        let candidate = Candidate {
            symbol: order.symbol,
            side: order.side,
            quantity: order.quantity,
            price: draft.reference,
            stop_price: draft.stop,
            opens: order.opens(),
            sector: desk.sectors[order.symbol],
            close: draft.close,
            strategy_cap_frac: sizing.max_position_frac,
            lot,
        };
        let is_cash_account = desk.policy.pdt_guard.account_type == AccountType::Cash;
        let view = AccountView {
            date,
            session,
            equity,
            cash: account.cash,
            unsettled: is_cash_account.then(|| desk.settlement.unsettled(session)),
            previous_close_equity: account.previous_close_equity,
            high_water: account.high_water,
            holdings: &desk.holdings,
            working: &desk.working,
            orders_today: desk.orders_today,
            vix,
            data_age_s: Some(0.0),
            drift_frac: Some(0.0),
            operator_age_h: Some(0.0),
            drawdown_halt: desk.halted_since.is_some(),
            killed: self.state.killed,
            day_trades: &desk.day_trades,
        };
        Some(admit(&desk.policy, &desk.waived, &view, &candidate))
    }

    /// Notes a breach of drawdown, and resets it after the configured number of sessions.
    #[inline(never)]
    pub(super) fn watch_drawdown(&mut self, at: Moment) -> Done<()> {
        let equity = self.equity();
        let Some(desk) = &mut self.desk else { return Ok(()) };
        match desk.halted_since {
            None => {
                if desk.policy.is_drawdown_breached(equity, self.state.account.high_water) {
                    desk.halted_since = Some(at.session);
                }
                Ok(())
            }
            Some(since) if at.session - since >= self.setup.resume_after_sessions => {
                desk.halted_since = None;
                self.output.counters.resumes += 1;
                self.apply(at, Event::DrawdownReset)
            }
            Some(_) => Ok(()),
        }
    }
}
