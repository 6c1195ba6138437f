//! The risk desk of a run: each drafted order gets its verdict on the account as it then stands, and what is admitted is
//! sent.
//!
//! Operator and broker are modelled (SEMANTICS 18): heartbeat present, no drift, data as fresh as the bar, approvals
//! granted at once. Figures are those of the decision's close; session and date are those in which the order will trade.

use crate::bars::Panel;
use crate::calendar::next_session;
use crate::error::Result;
use crate::kernel::{Event, Moment, Order, Role};
use crate::plan::Plan;
use crate::simulate::config::Setup;
use crate::simulate::decide::Draft;
use crate::simulate::doors::{
    AccountView, Action, Candidate, DayTrades, Holding, Policy, Waived, Working, assess,
};
use crate::simulate::output::VerdictRow;
use crate::simulate::run::Run;
use crate::units::{MICRO, Price, Shares};

pub(super) struct Desk {
    pub policy: Policy,
    waived: Waived,
    pub day_trades: DayTrades,
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
    pub fn new(plan: &Plan, panel: &Panel<'_>, setup: &Setup) -> Result<Option<Self>> {
        let Some(policy) = setup.policy.clone() else { return Ok(None) };
        let mut sectors = vec![None; panel.symbols.len()];
        for (name, sector) in plan.symbols.iter().zip(&plan.sectors) {
            if let Some(symbol) = panel.position(name) {
                sectors[symbol] = *sector;
            }
        }
        Ok(Some(Self {
            policy,
            waived: setup.waived,
            day_trades: DayTrades::new(),
            sectors,
            vix: panel.position("VIX"),
            halted_since: None,
            orders_session: 0,
            orders_today: 0,
            holdings: Vec::new(),
            working: Vec::new(),
        }))
    }
}

/// What an order is expected to trade at, for the exposure it may add.
fn expected_price(order: &Order, mark: Price) -> Price {
    order.limit_price.or(order.stop_price).unwrap_or(mark)
}

impl Run<'_> {
    /// Asks for a verdict on each draft in turn and submits what is admitted.
    pub(super) fn verdicts(&mut self, now: usize, at: Moment, mut drafts: Vec<Draft>) -> Result<()> {
        if !drafts.is_empty() {
            self.fill_view();
            let mut free = None;
            for draft in &drafts {
                self.judge(now, at, draft, &mut free)?;
            }
        }
        drafts.clear();
        self.scratch.drafts = drafts;
        Ok(())
    }

    fn judge(&mut self, now: usize, at: Moment, draft: &Draft, free: &mut Option<u32>) -> Result<()> {
        let symbol = draft.order.symbol;
        let takes_slot = draft.order.opens() && !self.occupies_slot(symbol);
        if takes_slot && *free.get_or_insert_with(|| self.free_slots()) == 0 {
            return Ok(());
        }
        let mut order = draft.order.clone();
        let verdict = self.assess(now, draft);
        if let Some(verdict) = verdict {
            let lot = i64::from(self.sizing().round_lot.max(1)) * MICRO;
            order.quantity = match (order.opens() && !self.state.fractional, verdict.action) {
                (_, Action::Reject) => Shares::ZERO,
                (true, Action::ReduceSize) => Shares(verdict.admitted.0 / lot * lot),
                _ => verdict.admitted,
            };
        }
        let is_sent = order.quantity.0 > 0;
        let id = is_sent.then(|| self.state.orders.len() as u64 + 1);
        if let Some(verdict) = verdict {
            let side = order.side;
            self.output.verdicts.push(VerdictRow { ns: at.ns, order_id: id, symbol, side, verdict });
        }
        if is_sent {
            self.note_working(draft, order.quantity);
            self.apply(at, Event::Decided(order))?;
            if takes_slot {
                *free = free.map(|slots| slots - 1);
            }
        }
        Ok(())
    }

    /// Positions that the strategy may still open; a position with an exit for all of it counts as gone.
    pub(super) fn free_slots(&self) -> u32 {
        let Some(slots) = self.sizing().max_positions else { return u32::MAX };
        let taken = self.state.account.active.iter().filter(|&&symbol| self.occupies_slot(symbol)).count();
        slots.saturating_sub(taken as u32)
    }

    fn occupies_slot(&self, symbol: usize) -> bool {
        let position = &self.state.account.positions[symbol];
        let orders = position.working.iter().map(|&id| &self.state.orders[id as usize - 1]);
        let (mut leaving, mut entering) = (Shares::ZERO, false);
        for order in orders {
            match order.role {
                Role::Exit => leaving += order.remaining(),
                Role::Entry => entering = true,
                Role::Stop | Role::Target => {}
            }
        }
        entering || position.quantity.abs() > leaving
    }

    fn fill_view(&mut self) {
        let Some(desk) = &mut self.desk else { return };
        desk.holdings.clear();
        desk.working.clear();
        for &symbol in &self.state.account.active {
            let position = &self.state.account.positions[symbol];
            let sector = desk.sectors[symbol];
            if position.quantity.0 != 0 {
                desk.holdings.push(Holding {
                    symbol,
                    quantity: position.quantity,
                    mark: position.mark,
                    sector,
                    // The youngest lot: it is the one that a sale on its own day would make a day trade.
                    opened_session: position.lots.iter().map(|lot| lot.entered.session).max().unwrap_or(0),
                });
            }
            for &id in &position.working {
                let order = &self.state.orders[id as usize - 1];
                if matches!(order.role, Role::Entry | Role::Exit) {
                    desk.working.push(Working {
                        symbol,
                        side: order.side,
                        quantity: order.remaining(),
                        price: expected_price(order, position.mark),
                        opens: order.opens(),
                        sector,
                    });
                }
            }
        }
    }

    fn note_working(&mut self, draft: &Draft, quantity: Shares) {
        let Some(desk) = &mut self.desk else { return };
        let order = &draft.order;
        desk.orders_today += 1;
        desk.working.push(Working {
            symbol: order.symbol,
            side: order.side,
            quantity,
            price: draft.reference,
            opens: order.opens(),
            sector: desk.sectors[order.symbol],
        });
    }

    fn assess(&mut self, now: usize, draft: &Draft) -> Option<crate::simulate::doors::Verdict> {
        let equity = self.equity();
        let session = self.market.next_session(now);
        let timeline = &self.market.panel.timeline;
        let date = if now + 1 < timeline.len() { timeline.date(now + 1) } else { next_session(timeline.date(now)) };
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
            strategy_cap_frac: self.plan.sizing.max_position_frac,
        };
        let view = AccountView {
            date,
            session,
            equity,
            cash: account.cash,
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
        Some(assess(&desk.policy, &desk.waived, &view, &candidate))
    }

    /// Notes a breach of drawdown, and resets it after the configured number of sessions.
    pub(super) fn watch_drawdown(&mut self, at: Moment) -> Result<()> {
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
