//! What is remembered of a symbol beyond its lots: lots go as they are closed, the count of entries stays.

use crate::kernel::event::Moment;
use crate::kernel::order::{OrderId, Reason};
use crate::units::Shares;

/// A symbol's present position, or its last one while it is flat.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct History {
    /// Entry orders that filled, wholly or in part, since the position was opened.
    pub entries: u32,
    /// Shares that the first of them filled, on today's basis; positive.
    pub first: Shares,
    first_order: OrderId,
    last_order: OrderId,
    /// Partial exits that filled since the position was opened, a bit each, by their place in the strategy.
    partials: u32,
    /// The last fill that closed something of the symbol.
    pub left: Option<Moment>,
}

impl History {
    /// Notes a fill that opened `quantity`; `was_flat` says whether a position begins with it.
    pub fn opened(&mut self, order: OrderId, quantity: Shares, was_flat: bool) {
        if was_flat {
            *self = Self { left: self.left, ..Self::default() };
        }
        if self.entries == 0 {
            self.first_order = order;
        }
        if self.last_order != order {
            self.last_order = order;
            self.entries += 1;
        }
        if self.first_order == order {
            self.first += quantity;
        }
    }

    /// Notes a fill that closed something, for a reason.
    pub fn closed(&mut self, at: Moment, reason: Reason) {
        self.left = Some(at);
        if let Reason::PartialExit(place) = reason {
            self.partials |= 1u32.checked_shl(u32::from(place)).unwrap_or(0);
        }
    }

    pub fn has_taken(&self, place: usize) -> bool {
        u32::try_from(place).ok().and_then(|place| self.partials.checked_shr(place)).is_some_and(|bits| bits & 1 == 1)
    }

    pub fn partials(&self) -> u32 {
        self.partials.count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_entry_are_one_entry_and_a_new_position_begins_anew() {
        let mut history = History::default();
        history.opened(3, Shares::whole(60), true);
        history.opened(3, Shares::whole(40), false);
        history.opened(5, Shares::whole(50), false);
        assert_eq!((history.entries, history.first), (2, Shares::whole(100)));
        let at = Moment { ns: 7, session: 4, date: 9 };
        history.closed(at, Reason::PartialExit(2));
        assert!(history.has_taken(2) && !history.has_taken(0) && !history.has_taken(99));
        assert_eq!((history.partials(), history.left), (1, Some(at)));
        history.opened(9, Shares::whole(10), true);
        assert_eq!((history.entries, history.first, history.partials()), (1, Shares::whole(10), 0));
        assert_eq!(history.left, Some(at));
    }
}
