//! Orders on their way to the market: sent or changed since the last bar, in the order of their latest change.
//!
//! A stop and the target beside it go together, the stop first: a change of one sends both anew. An order that may not
//! fill yet is kept back until the bar in which it may.

use crate::kernel::{Order, OrderId, Role, State};

#[derive(Debug, Default)]
pub(super) struct Sending {
    queue: Vec<OrderId>,
    /// Sent before, and called back since.
    recalled: Vec<OrderId>,
    /// By order: its place among all that were ever sent; 0 for none.
    places: Vec<u64>,
    last: u64,
}

impl Sending {
    /// Puts an order, new or changed, last.
    pub fn push(&mut self, state: &State, id: OrderId) {
        let Some(order) = state.order(id) else { return };
        let pair = match (order.role, order.parent) {
            (Role::Stop | Role::Target, Some(parent)) => siblings(state, order.symbol, parent),
            _ => [Some(id), None],
        };
        // The lot does not know a child yet that is being created.
        let known = pair.contains(&Some(id));
        for id in pair.into_iter().flatten().chain((!known).then_some(id)) {
            self.queue.retain(|&queued| queued != id);
            self.queue.push(id);
        }
    }

    /// Notes that the engine itself cancels an order.
    pub fn recall(&mut self, id: OrderId) {
        if self.places.get(id as usize - 1).is_some_and(|&place| place > 0) {
            self.recalled.push(id);
        }
    }

    /// What was called back since the last time.
    pub fn recalled(&mut self) -> Vec<OrderId> {
        std::mem::take(&mut self.recalled)
    }

    /// What goes out before a bar of `session`, in order; each gets its place.
    pub fn release(&mut self, state: &State, session: u32) -> Vec<OrderId> {
        self.recalled.clear();
        let working = |id: &OrderId| state.order(*id).is_some_and(|order| order.status.is_working());
        self.queue.retain(working);
        let is_due = |id: &OrderId| state.order(*id).is_some_and(|order| order.live_from_session <= session);
        let (due, kept) = std::mem::take(&mut self.queue).into_iter().partition(is_due);
        self.queue = kept;
        let due: Vec<OrderId> = due;
        for &id in &due {
            self.last += 1;
            let place = id as usize - 1;
            if self.places.len() <= place {
                self.places.resize(place + 1, 0);
            }
            self.places[place] = self.last;
        }
        due
    }

    /// Where an order stands among all that were sent; after them where it was not.
    pub fn place(&self, order: &Order) -> u64 {
        match self.places.get(order.id as usize - 1) {
            None | Some(0) => u64::MAX,
            Some(&place) => place,
        }
    }
}

/// The stop and the target of the lot that `parent` opened, as far as they work.
fn siblings(state: &State, symbol: usize, parent: OrderId) -> [Option<OrderId>; 2] {
    let lots = state.account.positions.get(symbol).map_or(&[][..], |position| &position.lots);
    let Some(lot) = lots.iter().find(|lot| lot.id == parent) else { return [None, None] };
    let working = |id: Option<OrderId>| id.filter(|&id| state.order(id).is_some_and(|o| o.status.is_working()));
    [working(lot.stop), working(lot.target)]
}
