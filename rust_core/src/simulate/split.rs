//! A split in a plain run: the kernel restates what is held and what is out.

use crate::kernel::lot::Lot;
use crate::kernel::{Ask, Effects, Event, Moment, Order, State};
use crate::simulate::book::Done;
use crate::units::{Money, Price, Shares};

pub(super) struct Split {
    pub at: Moment,
    /// New shares per old one.
    pub ratio: f64,
    /// Whether positions may hold parts of a share.
    pub fractional: bool,
}

/// What a split meets, and then what it leaves.
pub(super) struct Met {
    pub lot: Option<Lot>,
    /// Those that are no longer out stay as they are.
    pub orders: Vec<Order>,
    pub mark: Price,
    pub cash: Money,
}

impl Met {
    /// Restates it all in an account of its own; answers what came of it in cash and round trips.
    ///
    /// # Errors
    /// A `Refusal` for a ratio that is none.
    pub fn split(&mut self, split: &Split, symbol: usize) -> Done<Effects> {
        let &Split { at, ratio, fractional } = split;
        let mut effects = Effects::default();
        let mut state = State::new(self.cash, symbol + 1, fractional, at, &mut effects);
        // The account is no new one: nothing was deposited.
        effects.booked.clear();
        let numbered = self.orders.iter().zip(1..);
        state.orders.extend(numbered.map(|(order, id)| Order { id, ..*order }));
        let position = &mut state.account.positions[symbol];
        position.working.extend(state.orders.iter().filter(|order| order.status.is_working()).map(|order| order.id));
        position.mark = self.mark;
        position.quantity = self.lot.as_ref().map_or(Shares::ZERO, |lot| lot.quantity);
        position.lots.extend(self.lot.take());
        state.account.activate(symbol);
        state.apply(at, Event::Split { symbol, ratio }, &mut effects)?;
        for ask in std::mem::take(&mut effects.asks) {
            // An order that is cancelled may be asked for twice.
            if let Ask::Cancel(id) = ask
                && state.order(id).is_some_and(|order| order.status.is_working())
            {
                state.apply(at, Event::Cancelled(id), &mut effects)?;
            }
        }
        for (own, restated) in self.orders.iter_mut().zip(&state.orders) {
            *own = Order { id: own.id, ..*restated };
        }
        let position = &mut state.account.positions[symbol];
        (self.lot, self.mark, self.cash) = (position.lots.pop(), position.mark, state.account.cash);
        Ok(effects)
    }
}
