//! The machine: one state, one entry point, effects out.
//!
//! `apply` is a pure function of (state, moment, event). A cancel is a request here as it is at a broker: the kernel
//! emits [`Ask::Cancel`], and the order is gone when [`Event::Cancelled`] comes back; a fill that comes first counts.
//! What a fill does to lots is in `fills`, the orders that protect them in `children`.

use crate::kernel::account::Account;
use crate::kernel::effect::{Ask, Effects};
use crate::kernel::event::{Event, Moment};
use crate::kernel::ledger::{Entry, EntryKind};
use crate::kernel::order::{Order, OrderId, OrderStatus};
use crate::units::{Money, Price, Shares};
use thiserror::Error;

/// Why an event was not taken; the state is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("order {0} is unknown")]
    UnknownOrder(OrderId),
    #[error("order {order} cannot go from {} to {}", from.as_str(), to.as_str())]
    Transition { order: OrderId, from: OrderStatus, to: OrderStatus },
    #[error("order {order}: a fill of {quantity:?} is not above zero and at most the {remaining:?} that remain")]
    FillQuantity { order: OrderId, quantity: Shares, remaining: Shares },
    #[error("symbol {0} is unknown")]
    UnknownSymbol(usize),
    #[error("symbol {0} has no price that is finite")]
    NoPrice(usize),
    #[error("the kill switch is on")]
    Killed,
    #[error("a split ratio must be positive and finite")]
    SplitRatio,
}

#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub account: Account,
    /// Every order there has been; order n stands at n - 1.
    pub orders: Vec<Order>,
    pub killed: bool,
    /// Whether positions may hold parts of a share.
    pub fractional: bool,
}

impl State {
    /// A flat account. The deposit is booked as the first ledger entry.
    pub fn new(capital: Money, symbols: usize, fractional: bool, at: Moment, effects: &mut Effects) -> Self {
        let account = Account::new(capital, symbols);
        let deposit =
            Entry { ns: at.ns, kind: EntryKind::Deposit, symbol: None, order: None, amount: capital, cash: capital };
        effects.booked.push(deposit);
        Self { account, orders: Vec::new(), killed: false, fractional }
    }

    /// Begins anew as `new` does, in the memory that is there.
    pub fn restart(&mut self, capital: Money, fractional: bool, at: Moment, effects: &mut Effects) {
        let mut account = std::mem::replace(&mut self.account, Account::new(Money::ZERO, 0));
        let mut orders = std::mem::take(&mut self.orders);
        account.restart(capital);
        orders.clear();
        *self = Self { account, orders, ..Self::new(capital, 0, fractional, at, effects) };
    }

    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get((id as usize).wrapping_sub(1))
    }

    /// Takes one event.
    ///
    /// # Errors
    /// A [`Refusal`] for an event that does not fit the state, which is left as it was.
    // Whoever names the event needs only its arm.
    #[inline(always)]
    pub fn apply(&mut self, at: Moment, event: Event, effects: &mut Effects) -> Result<(), Refusal> {
        match event {
            Event::Decided(order) => self.decide(&order, effects),
            Event::Accepted(id) => self.transition(id, OrderStatus::Submitted),
            Event::Rejected(id) => self.transition(id, OrderStatus::Rejected),
            Event::Cancelled(id) => self.transition(id, OrderStatus::Cancelled),
            Event::Expired(id) => self.transition(id, OrderStatus::Expired),
            Event::Triggered(id) => self.order_mut(id).map(|order| order.triggered = true),
            Event::Fill(report) => self.fill(at, report, effects),
            Event::Split { symbol, ratio } => self.split(at, symbol, ratio, effects),
            Event::Dividend { symbol, per_share } => self.dividend(at, symbol, per_share, effects),
            Event::Delisted { symbol } => self.delist(at, symbol, effects),
            Event::Mark { symbol, close } => self.mark(symbol, close, effects),
            Event::CashMoved(amount) => {
                self.account.cash += amount;
                let (kind, cash) = (EntryKind::Deposit, self.account.cash);
                effects.booked.push(Entry { ns: at.ns, kind, symbol: None, order: None, amount, cash });
                Ok(())
            }
            Event::SessionOpen => {
                self.account.previous_close_equity = self.account.equity();
                Ok(())
            }
            Event::Accrue(accrual) => {
                self.accrue(at, &accrual, effects);
                Ok(())
            }
            Event::SessionClose => {
                self.account.high_water = self.account.high_water.max(self.account.equity());
                Ok(())
            }
            Event::DrawdownReset => {
                self.account.high_water = self.account.equity();
                Ok(())
            }
            Event::Kill => {
                self.killed = true;
                for &symbol in &self.account.active {
                    effects.asks.extend(self.account.positions[symbol].working.iter().map(|&id| Ask::Cancel(id)));
                }
                Ok(())
            }
        }
    }

    #[inline]
    pub(super) fn known(&self, symbol: usize) -> Result<(), Refusal> {
        if symbol < self.account.positions.len() { Ok(()) } else { Err(Refusal::UnknownSymbol(symbol)) }
    }

    #[inline]
    pub(super) fn order_mut(&mut self, id: OrderId) -> Result<&mut Order, Refusal> {
        self.orders.get_mut((id as usize).wrapping_sub(1)).ok_or(Refusal::UnknownOrder(id))
    }

    /// Numbers an order and asks for its submission.
    #[inline(always)]
    fn decide(&mut self, order: &Order, effects: &mut Effects) -> Result<(), Refusal> {
        self.known(order.symbol)?;
        if self.killed {
            return Err(Refusal::Killed);
        }
        let (id, symbol) = (self.orders.len() as OrderId + 1, order.symbol);
        self.orders.push(Order { id, status: OrderStatus::Pending, ..*order });
        self.account.positions[symbol].working.push(id);
        self.account.activate(symbol);
        effects.asks.push(Ask::Submit(id));
        Ok(())
    }

    #[inline]
    pub(super) fn transition(&mut self, id: OrderId, to: OrderStatus) -> Result<(), Refusal> {
        let order = self.order_mut(id)?;
        if !order.status.may_become(to) {
            return Err(Refusal::Transition { order: id, from: order.status, to });
        }
        order.status = to;
        let symbol = order.symbol;
        if !to.is_working() {
            self.account.positions[symbol].working.retain(|&other| other != id);
            self.account.rest(symbol);
        }
        Ok(())
    }

    /// Moves cash and books it.
    #[inline]
    pub(super) fn book(
        &mut self,
        at: Moment,
        kind: EntryKind,
        symbol: Option<usize>,
        order: Option<OrderId>,
        amount: Money,
        effects: &mut Effects,
    ) {
        if amount == Money::ZERO {
            return;
        }
        self.account.cash += amount;
        let entry = Entry { ns: at.ns, kind, symbol, order, amount, cash: self.account.cash };
        effects.booked.push(entry);
    }

    fn mark(&mut self, symbol: usize, close: Price, effects: &mut Effects) -> Result<(), Refusal> {
        self.known(symbol)?;
        let position = &mut self.account.positions[symbol];
        position.mark = close;
        for index in 0..self.account.positions[symbol].lots.len() {
            let lot = &mut self.account.positions[symbol].lots[index];
            if lot.note_close(close) && lot.protection.trailing.is_some() {
                self.protect(symbol, index, effects);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
