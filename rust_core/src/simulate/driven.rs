//! A run whose fills come from outside: the same decisions, and somebody else's market.
//!
//! Each step is that of `step.rs` with its middle left to the caller:
//! 1. `decide`: what the last close asks for;
//! 2. `open`: the next bar begins; splits and dividends are booked;
//! 3. `outgoing`: what to call back, then what to send, in order; the caller's market works on it and reports with
//!    `fill`, `reject` and `cancelled`, whose consequences (a stop, a target) go out with the next `outgoing`;
//! 4. `close`: day orders expire, positions are marked, equity is recorded.
//!
//! A market that fills at the close that decided reports its fills between `decide` and `open`.

use crate::bars::Panel;
use crate::error::{EngineError, Result};
use crate::fill::Part;
use crate::kernel::{Event, FillReport, Moment, Order, OrderId, Progress};
use crate::plan::Plan;
use crate::simulate::config::SimulationConfig;
use crate::simulate::output::RunOutput;
use crate::simulate::run::{Run, begin};
use crate::simulate::sending::Sending;
use crate::simulate::signals::Signals;
use crate::simulate::step::Stages;
use crate::units::{Money, Price, Shares, Side};

/// What a bar's beginning asks of the market.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outgoing {
    /// Orders to cancel that were sent before.
    pub recalled: Vec<OrderId>,
    /// Orders to send, in order. One that was sent before has changed: it is to be cancelled and sent anew.
    pub sent: Vec<Order>,
}

/// Where in a step a driven run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Closed,
    Decided,
    Opened,
}

pub struct Driven<'a> {
    run: Run<'a>,
    now: usize,
    last: usize,
    stage: Stage,
}

impl<'a> Driven<'a> {
    /// A run at its first close.
    ///
    /// # Errors
    /// As `run_on`.
    pub fn new<S: Signals + ?Sized>(
        plan: &'a Plan,
        panel: &'a Panel<'a>,
        signals: &'a S,
        config: &SimulationConfig,
    ) -> Result<Self> {
        let (mut run, now, last) = begin(plan, panel, signals, config)?;
        run.sending.get_or_insert_with(Sending::default);
        Ok(Self { run, now, last, stage: Stage::Closed })
    }

    /// The step whose close came last, or whose bar is open.
    pub fn step(&self) -> usize {
        self.now
    }

    pub fn is_over(&self) -> bool {
        self.now == self.last && self.stage != Stage::Opened
    }

    /// What the last close asks for.
    ///
    /// # Errors
    /// `Config` out of turn.
    pub fn decide(&mut self) -> Result<()> {
        self.expect(Stage::Closed, "decide")?;
        self.stage = Stage::Decided;
        Ok(self.run.decide(self.now)?)
    }

    /// Begins the next bar; false where there is none.
    ///
    /// # Errors
    /// `Config` out of turn.
    pub fn open(&mut self) -> Result<bool> {
        self.expect(Stage::Decided, "open")?;
        if self.now == self.last {
            return Ok(false);
        }
        (self.now, self.stage) = (self.now + 1, Stage::Opened);
        self.run.open(self.now)?;
        Ok(true)
    }

    /// What there is to call back and to send for the bar that is open, or, after the last, for the one that would be.
    pub fn outgoing(&mut self) -> Outgoing {
        let session = match self.stage {
            Stage::Opened => self.run.market.moment(self.now).session,
            Stage::Closed | Stage::Decided => self.run.market.next_session(self.now),
        };
        let Some(sending) = &mut self.run.sending else { return Outgoing::default() };
        let recalled = sending.recalled();
        let sent = sending.release(&self.run.state, session);
        let sent = sent.into_iter().filter_map(|id| self.run.state.order(id).cloned()).collect();
        Outgoing { recalled, sent }
    }

    /// Shares changed hands.
    ///
    /// # Errors
    /// `Config` for an unknown or finished order and for more shares than remain of it.
    pub fn fill(&mut self, order: OrderId, quantity: Shares, price: Price, fee: Money) -> Result<()> {
        let report = FillReport { order, quantity, price, fee, by_schedule: Money::ZERO, slippage: Money::ZERO };
        self.run.book_fill(self.moment(), report)?;
        match self.run.state.order(order).map(|order| order.symbol) {
            Some(symbol) if self.stage != Stage::Opened => Ok(self.run.restate(self.now, symbol)?),
            _ => Ok(()),
        }
    }

    /// The market refused an order, or cancelled what was left of it.
    ///
    /// # Errors
    /// `Config` for an unknown or finished order.
    pub fn reject(&mut self, order: OrderId) -> Result<()> {
        let is_untouched = self.run.state.order(order).is_none_or(|order| order.filled == Shares::ZERO);
        let event = if is_untouched { Event::Rejected(order) } else { Event::Cancelled(order) };
        Ok(self.run.report(self.moment(), event)?)
    }

    /// A stop was touched, or has filled in part: what is left of it is a market order, or a limit order.
    ///
    /// # Errors
    /// `Config` for an unknown order.
    pub fn triggered(&mut self, order: OrderId) -> Result<()> {
        Ok(self.run.report(self.moment(), Event::Triggered(order))?)
    }

    /// Cash came in, or went out where negative, that no order and no corporate action of the bars explains.
    ///
    /// # Errors
    /// None but what the kernel refuses.
    pub fn move_cash(&mut self, amount: Money) -> Result<()> {
        self.run.report(self.moment(), Event::CashMoved(amount))?;
        self.restate();
        Ok(())
    }

    /// Closes the bar that is open; `marks` stand before the bars' closes.
    ///
    /// # Errors
    /// `Config` out of turn.
    pub fn close(&mut self, marks: &[(usize, Price)]) -> Result<()> {
        self.expect(Stage::Opened, "close")?;
        self.stage = Stage::Closed;
        self.run.marks.extend_from_slice(marks);
        self.run.close(self.now)?;
        self.run.marks.clear();
        Ok(())
    }

    /// What a whole order would cost by the run's own commission.
    pub fn fee(&self, side: Side, quantity: Shares, price: Price) -> Money {
        let (date, month_shares) = (self.moment().date, Shares::ZERO);
        let part = Part { side, is_taker: true, date, month_shares, quantity, price };
        self.run.setup.commission.of_part(&Progress::default(), &part).fee
    }

    /// What an entry that cash does not cover is cut to a multiple of.
    pub fn lot(&self) -> Shares {
        self.run.sizer().unit()
    }

    /// Cash as the engine has it.
    pub fn cash(&self) -> Money {
        self.run.state.account.cash
    }

    /// Shares held of a symbol; negative when short.
    pub fn position(&self, symbol: usize) -> Shares {
        self.run.state.account.positions.get(symbol).map_or(Shares::ZERO, |position| position.quantity)
    }

    /// The orders of a symbol that can still fill.
    pub fn working(&self, symbol: usize) -> Vec<Order> {
        let ids = self.run.state.account.positions.get(symbol).map_or(&[][..], |position| &position.working);
        ids.iter().filter_map(|&id| self.run.state.order(id).cloned()).collect()
    }

    /// Closes the books at the last close.
    pub fn finish(self) -> RunOutput {
        let now = self.now;
        self.run.finish(now)
    }

    fn moment(&self) -> Moment {
        self.run.market.moment(self.now)
    }

    /// A fill between two bars belongs to the close before it.
    fn restate(&mut self) {
        if self.stage != Stage::Opened {
            self.run.record_again(self.now);
        }
    }

    fn expect(&self, stage: Stage, what: &str) -> Result<()> {
        if self.stage == stage {
            return Ok(());
        }
        let expected = match self.stage {
            Stage::Closed => "decide",
            Stage::Decided => "open",
            Stage::Opened => "close",
        };
        Err(EngineError::Config(format!("a driven run: found {what}; expected {expected}")))
    }
}
