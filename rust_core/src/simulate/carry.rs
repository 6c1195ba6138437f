//! Paying for nights: at each session's open, for the calendar days since the session before.

use crate::kernel::{Accrual, Event, Moment};
use crate::risk::settlement::Settlement;
use crate::simulate::book::Done;
use crate::simulate::config::CarryRates;
use crate::simulate::run::Run;
use crate::units::{Money, Shares, Side};

pub(super) struct Carry {
    rates: CarryRates,
    /// Of long positions only: what shorts bring in is set aside whole, settled or not.
    settlement: Settlement,
    /// The session up to which nights are paid for, and its date.
    session: u32,
    date: i32,
}

impl Carry {
    pub fn new(rates: CarryRates, first: Moment) -> Self {
        Self { rates, settlement: Settlement::new(), session: first.session, date: first.date }
    }

    /// Notes when the money of a trade settles. `held` is the position before it.
    #[inline(never)]
    pub fn note_fill(&mut self, at: Moment, side: Side, held: Shares, notional: Money, fee: Money) {
        match side {
            Side::Buy if held.0 >= 0 => self.settlement.on_sale(at.session, at.date, -notional - fee),
            Side::Sell if held.0 > 0 => self.settlement.on_sale(at.session, at.date, notional - fee),
            _ => {}
        }
    }

    fn nights(&mut self, at: Moment) -> Accrual {
        let mut accrual = Accrual {
            floor: self.rates.floor,
            unsettled: self.settlement.unsettled(self.session),
            ..Accrual::default()
        };
        for date in self.date..at.date {
            let (credit, debit) = self.rates.on(date);
            accrual.borrow.add(self.rates.borrow);
            accrual.credit.add(credit);
            accrual.debit.add(debit);
        }
        (self.session, self.date) = (at.session, at.date);
        accrual
    }
}

impl Run<'_> {
    /// Books what the nights before a session cost and earn.
    #[inline(never)]
    pub(super) fn pay_for_nights(&mut self, at: Moment) -> Done<()> {
        let Some(carry) = &mut self.carry else { return Ok(()) };
        let accrual = carry.nights(at);
        self.apply(at, Event::Accrue(accrual))
    }
}
