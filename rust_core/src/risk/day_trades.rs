//! The account's day trades, counted from its fills.
//!
//! A day trade is an opening and a closing of the same security in one session. A position held overnight and closed
//! before anything is added to it is none. Brokers count in three ways (old FINRA Rule 4210(f)(8)(B); Regulatory
//! Notice 21-13), and all three are kept:
//! openings: orders that opened or added, once some of their shares are closed, the oldest first;
//! reversals: a run of openings and then a run of closings is one;
//! closings: orders that closed after an opening.
//! All fills of one order are one transaction.

use super::policy::Counting;
use crate::units::{Shares, Side};

/// Day trades by way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub openings: u32,
    pub reversals: u32,
    pub closings: u32,
}

impl Counts {
    pub fn by(self, counting: Counting) -> u32 {
        match counting {
            Counting::Largest => self.openings.max(self.reversals).max(self.closings),
            Counting::Openings => self.openings,
            Counting::Reversals => self.reversals,
            Counting::Closings => self.closings,
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            openings: self.openings + other.openings,
            reversals: self.reversals + other.reversals,
            closings: self.closings + other.closings,
        }
    }
}

/// An order that opened or added in the session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Opening {
    order_id: u64,
    /// Shares not yet closed.
    left: Shares,
    counted: bool,
}

/// One symbol in the running session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Traded {
    symbol: usize,
    openings: Vec<Opening>,
    /// The last fill opened or added.
    opened_last: bool,
    /// Orders that closed after an opening.
    closings: Vec<u64>,
}

/// Sessions a count may look back.
const KEPT_SESSIONS: u32 = 30;

/// The book of day trades. It is fed every fill of the account, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayTrades {
    /// Sessions with day trades, oldest first, the running one last.
    sessions: Vec<(u32, Counts)>,
    running: u32,
    traded: Vec<Traded>,
}

impl DayTrades {
    pub fn new() -> Self {
        Self::default()
    }

    /// Books a fill. `position_before` is the signed position in the symbol before it.
    pub fn on_fill(
        &mut self,
        session: u32,
        symbol: usize,
        order_id: u64,
        side: Side,
        quantity: Shares,
        position_before: Shares,
    ) {
        if session != self.running {
            self.running = session;
            self.traded.clear();
            self.sessions.retain(|&(earlier, _)| earlier.saturating_add(KEPT_SESSIONS) > session);
        }
        let opposite = position_before.0.saturating_mul(-side.sign()).max(0);
        let closing = Shares(opposite.min(quantity.0));
        let opening = quantity - closing;
        let at = match self.traded.iter().position(|traded| traded.symbol == symbol) {
            Some(at) => at,
            None => {
                let closings = Vec::new();
                self.traded.push(Traded { symbol, openings: Vec::new(), opened_last: false, closings });
                self.traded.len() - 1
            }
        };
        let mut made = Counts::default();
        if let Some(traded) = self.traded.get_mut(at) {
            if closing.0 > 0 {
                made = traded.close(order_id, closing);
            }
            if opening.0 > 0 {
                traded.open(order_id, opening);
            }
        }
        if made != Counts::default() {
            match self.sessions.last_mut() {
                Some((running, counts)) if *running == session => *counts = counts.plus(made),
                _ => self.sessions.push((session, made)),
            }
        }
    }

    /// Day trades made in the `sessions` sessions that end with `session`.
    pub fn window(&self, session: u32, sessions: u32) -> Counts {
        let in_window = |&&(made, _): &&(u32, Counts)| made <= session && made.saturating_add(sessions) > session;
        self.sessions.iter().filter(in_window).fold(Counts::default(), |sum, &(_, counts)| sum.plus(counts))
    }

    /// The largest count over the legal window of five sessions.
    pub fn count(&self, session: u32) -> u32 {
        self.window(session, 5).by(Counting::Largest)
    }

    /// Day trades that would be made if everything opened in `session` were closed in it, one order per symbol.
    pub fn reserved(&self, session: u32) -> Counts {
        if session != self.running {
            return Counts::default();
        }
        self.traded.iter().fold(Counts::default(), |sum, traded| sum.plus(traded.reserved()))
    }
}

impl Traded {
    fn open(&mut self, order_id: u64, quantity: Shares) {
        self.opened_last = true;
        match self.openings.iter_mut().find(|opening| opening.order_id == order_id) {
            Some(opening) => opening.left += quantity,
            None => self.openings.push(Opening { order_id, left: quantity, counted: false }),
        }
    }

    fn close(&mut self, order_id: u64, quantity: Shares) -> Counts {
        let mut made = Counts::default();
        if self.openings.is_empty() {
            return made;
        }
        if self.opened_last {
            made.reversals = 1;
            self.opened_last = false;
        }
        if !self.closings.contains(&order_id) {
            made.closings = 1;
            self.closings.push(order_id);
        }
        let mut left = quantity;
        for opening in self.openings.iter_mut().filter(|opening| opening.left.0 > 0) {
            let closed = opening.left.min(left);
            if closed.0 == 0 {
                break;
            }
            opening.left -= closed;
            left -= closed;
            made.openings += u32::from(!opening.counted);
            opening.counted = true;
        }
        made
    }

    fn reserved(&self) -> Counts {
        let open = self.openings.iter().filter(|opening| opening.left.0 > 0);
        let uncounted = open.clone().filter(|opening| !opening.counted).count() as u32;
        Counts {
            openings: uncounted,
            reversals: u32::from(self.opened_last && open.clone().next().is_some()),
            closings: u32::from(open.clone().next().is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Books signed fills of one symbol, `(order, shares)`, in one session; the position before them is `held`.
    fn day(book: &mut DayTrades, session: u32, symbol: usize, held: i64, fills: &[(u64, i64)]) {
        let mut position = Shares::whole(held);
        for &(order_id, shares) in fills {
            let side = if shares > 0 { Side::Buy } else { Side::Sell };
            book.on_fill(session, symbol, order_id, side, Shares::whole(shares.abs()), position);
            position += Shares::whole(shares);
        }
    }

    fn counts(held: i64, fills: &[(u64, i64)]) -> [u32; 3] {
        let mut book = DayTrades::new();
        day(&mut book, 9, 0, held, fills);
        let Counts { openings, reversals, closings } = book.window(9, 5);
        [openings, reversals, closings]
    }

    #[test]
    fn the_three_ways_of_counting() {
        // [openings, reversals, closings], worked out by hand from the rule.
        for (held, fills, expected) in [
            // One purchase, one sale.
            (0, &[(1, 100), (2, -100)][..], [1, 1, 1]),
            // Sold short and covered.
            (0, &[(1, -100), (2, 100)], [1, 1, 1]),
            // Three purchases, one sale.
            (0, &[(1, 100), (2, 100), (3, 100), (4, -300)], [3, 1, 1]),
            // One purchase, three sales.
            (0, &[(1, 300), (2, -100), (3, -100), (4, -100)], [1, 1, 3]),
            // In and out twice.
            (0, &[(1, 100), (2, -100), (3, 100), (4, -100)], [2, 2, 2]),
            // Fills of one order are one transaction, on either side.
            (0, &[(1, 40), (1, 60), (2, -30), (2, -70)], [1, 1, 1]),
            // The oldest purchase is closed first; the second stays.
            (0, &[(1, 100), (2, 100), (3, -100)], [1, 1, 1]),
            // Held overnight and sold before anything new is bought; then bought again.
            (100, &[(1, -100)], [0, 0, 0]),
            (100, &[(1, -100), (2, 100)], [0, 0, 0]),
            (100, &[(1, -100), (2, 100), (3, -100)], [1, 1, 1]),
            // Held overnight, added to, then sold in full: the exception is lost.
            (100, &[(1, 50), (2, -150)], [1, 1, 1]),
            // A short held overnight and covered, then a new one.
            (-100, &[(1, 100), (2, -100)], [0, 0, 0]),
            // One order turns a long of the day into a short, which is covered.
            (0, &[(1, 100), (2, -200), (3, 100)], [2, 2, 2]),
            // Bought only.
            (0, &[(1, 100), (2, 100)], [0, 0, 0]),
        ] {
            assert_eq!(counts(held, fills), expected, "{held} {fills:?}");
        }
    }

    #[test]
    fn the_largest_of_the_sums_counts() {
        let mut book = DayTrades::new();
        day(&mut book, 8, 0, 0, &[(1, 100), (2, 100), (3, -200)]);
        day(&mut book, 9, 0, 0, &[(4, 200), (5, -100), (6, -100)]);
        // Openings 2 + 1, reversals 1 + 1, closings 1 + 2.
        assert_eq!(book.window(9, 5), Counts { openings: 3, reversals: 2, closings: 3 });
        assert_eq!(book.count(9), 3);
        assert_eq!(book.window(9, 5).by(Counting::Reversals), 2);
    }

    #[test]
    fn the_window_ends_with_the_session_and_holds_five() {
        let mut book = DayTrades::new();
        day(&mut book, 10, 0, 0, &[(1, 1), (2, -1)]);
        assert_eq!([9, 10, 14, 15].map(|session| book.count(session)), [0, 1, 1, 0]);
    }

    #[test]
    fn what_is_open_since_today_is_reserved_until_the_session_ends() {
        let mut book = DayTrades::new();
        day(&mut book, 10, 0, 0, &[(1, 100), (2, 100)]);
        day(&mut book, 10, 1, 50, &[(3, -50)]);
        day(&mut book, 10, 2, 0, &[(4, 100), (5, -100)]);
        // Symbol 0: two orders would be closed by one. Symbol 1 was held overnight, symbol 2 is flat again.
        assert_eq!(book.reserved(10), Counts { openings: 2, reversals: 1, closings: 1 });
        assert_eq!(book.reserved(11), Counts::default());
        day(&mut book, 10, 0, 200, &[(6, -150)]);
        // The first order is closed, the second in part: closing the rest is one more closing order.
        assert_eq!(book.reserved(10), Counts { openings: 0, reversals: 0, closings: 1 });
    }

    #[test]
    fn reserved_is_what_closing_everything_adds() {
        let mut book = DayTrades::new();
        day(&mut book, 10, 0, 20, &[(1, 100), (2, 50), (3, -120), (4, 10)]);
        let promised = book.window(10, 5).plus(book.reserved(10));
        day(&mut book, 10, 0, 60, &[(5, -60)]);
        assert_eq!(book.window(10, 5), promised);
    }
}
