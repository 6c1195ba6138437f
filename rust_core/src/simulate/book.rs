//! The kernel's side of a run: events in, and what comes out of them into the output.

use crate::error::EngineError;
use crate::kernel::sizing::KellyStats;
use crate::kernel::{Ask, Event, FillReport, Moment, OrderStatus, Reason, Refusal, Trade};
use crate::simulate::conventions::CorporateActions;
use crate::simulate::market::Overnight;
use crate::simulate::run::Run;
use crate::units::Money;

/// Closed round trips of the run, for half-Kelly sizing. Returns are net of costs; a remainder paid in cash is no trade.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClosedTrades {
    /// Round trips that have been looked at.
    seen: usize,
    trades: u32,
    wins: u32,
    win_sum: f64,
    loss_sum: f64,
}

impl ClosedTrades {
    /// Takes in the round trips of a run that came since the last time.
    pub fn take_in(&mut self, closed: &[Trade]) {
        closed[self.seen..].iter().for_each(|trade| self.add(trade));
        self.seen = closed.len();
    }

    fn add(&mut self, trade: &Trade) {
        if trade.exit_reason == Some(Reason::CashInLieu) || trade.cost.0 == 0 {
            return;
        }
        let return_frac = trade.pnl.0 as f64 / trade.cost.0 as f64;
        self.trades += 1;
        if trade.pnl.0 > 0 {
            self.wins += 1;
            self.win_sum += return_frac;
        } else {
            self.loss_sum -= return_frac;
        }
    }

    /// Count, wins, mean gain of the wins and mean loss of the others, as positive fractions of what was paid.
    pub fn stats(&self) -> KellyStats {
        let mean = |sum: f64, count: u32| if count == 0 { 0.0 } else { sum / f64::from(count) };
        KellyStats {
            trades: self.trades,
            wins: self.wins,
            mean_win: mean(self.win_sum, self.wins),
            mean_loss: mean(self.loss_sum, self.trades - self.wins),
        }
    }
}

impl Run<'_> {
    /// Hands the kernel an event and carries out what it asks for; a simulated broker accepts and cancels at once.
    #[inline(always)]
    pub(super) fn apply(&mut self, at: Moment, event: Event) -> Done<()> {
        if let (Some(sending), Event::Cancelled(id) | Event::Expired(id)) = (&mut self.sending, &event) {
            sending.recall(*id);
        }
        self.report(at, event)
    }

    /// Hands the kernel what the market itself did, and carries out what it asks for.
    #[inline(always)]
    pub(super) fn report(&mut self, at: Moment, event: Event) -> Done<()> {
        self.state.apply(at, event, &mut self.effects)?;
        if self.effects.asks.is_empty() { Ok(()) } else { self.settle(at) }
    }

    /// Carries out what the kernel asks for.
    fn settle(&mut self, at: Moment) -> Done<()> {
        let mut next = 0;
        while let Some(&ask) = self.effects.asks.get(next) {
            next += 1;
            if let (Some(sending), Ask::Submit(id) | Ask::Amend(id)) = (&mut self.sending, ask) {
                sending.push(&self.state, id);
            }
            match ask {
                Ask::Submit(id) => self.state.apply(at, Event::Accepted(id), &mut self.effects)?,
                Ask::Cancel(id) if self.state.order(id).is_some_and(|order| order.status.is_working()) => {
                    if let Some(sending) = &mut self.sending {
                        sending.recall(id);
                    }
                    self.state.apply(at, Event::Cancelled(id), &mut self.effects)?;
                }
                Ask::Cancel(_) | Ask::Amend(_) => {}
            }
        }
        self.effects.asks.clear();
        Ok(())
    }

    /// Books one execution and notes it in the output.
    pub(super) fn book_fill(&mut self, at: Moment, report: FillReport) -> Done<()> {
        let FillReport { order: id, quantity, price, fee, .. } = report;
        let Some(order) = self.state.order(id) else { return Err(Refusal::UnknownOrder(id)) };
        let (symbol, side) = (order.symbol, order.side);
        let held = self.state.account.positions[symbol].quantity;
        if let Some(desk) = &mut self.desk {
            desk.note_fill(at, order, quantity, held, price.times(quantity) - fee);
        }
        if let Some(carry) = &mut self.carry {
            carry.note_fill(at, side, held, price.times(quantity), fee);
        }
        self.apply(at, Event::Fill(report))?;
        // What the desk read of the account before is no longer so.
        self.is_view_current = false;
        self.output.fills.push(&self.state.orders[id as usize - 1], at.ns, &report);
        Ok(())
    }

    /// Corporate actions and delistings before the open of `step`, and the session's opening.
    pub(super) fn open(&mut self, step: usize) -> Done<()> {
        let at = self.market.moment(step);
        if self.market.opens_session(step) {
            self.apply(at, Event::SessionOpen)?;
            if self.carry.is_some() {
                self.pay_for_nights(at)?;
            }
        }
        if self.market.next_overnight() <= step { self.take_overnight(step, at) } else { Ok(()) }
    }

    /// Books what happened to symbols before the open.
    #[inline(never)]
    fn take_overnight(&mut self, step: usize, at: Moment) -> Done<()> {
        while let Some((symbol, what)) = self.market.pop_overnight(step) {
            if self.state.account.positions[symbol].is_idle() {
                continue;
            }
            let event = match what {
                Overnight::Split(_) | Overnight::Dividend(_) if self.ignores_actions() => continue,
                Overnight::Split(ratio) => Event::Split { symbol, ratio },
                Overnight::Dividend(per_share) => Event::Dividend { symbol, per_share },
                Overnight::Delisted => {
                    let is_held = self.state.account.positions[symbol].quantity.0 != 0;
                    self.output.counters.forced_closes += u32::from(is_held);
                    Event::Delisted { symbol }
                }
            };
            self.apply(at, event)?;
        }
        Ok(())
    }

    /// The close of `step`: day orders expire, positions are marked, equity is recorded.
    pub(super) fn close(&mut self, step: usize) -> Done<()> {
        let at = self.market.moment(step);
        let ends_session = self.market.ends_session(step);
        if ends_session {
            self.expire(step)?;
        }
        for place in 0..self.state.account.active.len() {
            let symbol = self.state.account.active[place];
            if self.state.account.positions[symbol].lots.is_empty() {
                continue;
            }
            let given = self.marks.iter().rev().find(|(marked, _)| *marked == symbol).map(|&(_, price)| price);
            if let Some(close) = given.or_else(|| self.market.close(symbol, step)) {
                // A mark only amends: it neither sends nor cancels, so the walk over active symbols stays valid.
                self.state.apply(at, Event::Mark { symbol, close }, &mut self.effects)?;
            }
        }
        self.settle(at)?;
        self.record(step);
        if self.desk.is_some() {
            self.watch_drawdown(at)?;
        }
        if ends_session {
            self.apply(at, Event::SessionClose)?;
        }
        Ok(())
    }

    fn expire(&mut self, step: usize) -> Done<()> {
        let at = self.market.moment(step);
        let mut expiring = Vec::new();
        for &symbol in &self.state.account.active {
            let working = &self.state.account.positions[symbol].working;
            let orders = &self.state.orders;
            expiring.extend(working.iter().filter(|&&id| orders[id as usize - 1].expires_session <= at.session));
        }
        for id in expiring {
            self.apply(at, Event::Expired(id))?;
        }
        Ok(())
    }

    /// Whether prices are taken for adjusted.
    fn ignores_actions(&self) -> bool {
        self.setup.conventions.actions == CorporateActions::Ignored
    }

    /// Puts the row of a step right after a fill at its close.
    pub(super) fn record_again(&mut self, step: usize) {
        let (value, gross) = self.state.account.exposure();
        self.output.equity.restate(step, self.state.account.cash, value, gross);
    }

    pub(super) fn record(&mut self, step: usize) {
        let account = &self.state.account;
        let (value, gross) = account.exposure();
        self.output.equity.push(step, account.cash, value, gross);
    }

    /// Equity at the last recorded close.
    pub(super) fn equity(&self) -> Money {
        self.output.equity.last().unwrap_or(self.state.account.cash)
    }

    /// Whether an order can still fill.
    pub(super) fn is_working(&self, id: u64) -> bool {
        self.state
            .order(id)
            .is_some_and(|order| matches!(order.status, OrderStatus::Submitted | OrderStatus::PartiallyFilled))
    }
}

/// What a part of a step answers: nothing but the kernel can refuse it.
pub(super) type Done<T> = std::result::Result<T, Refusal>;

impl From<Refusal> for EngineError {
    /// An event that the kernel refuses is a defect of the driver: the run stops and says so.
    #[cold]
    fn from(refusal: Refusal) -> Self {
        Self::Config(format!("the kernel refused an event: {refusal}"))
    }
}
