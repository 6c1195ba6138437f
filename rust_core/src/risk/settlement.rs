//! When the proceeds of a sale become settled cash: SEC Rule 15c6-1, three business days after the trade, two from
//! 2017-09-05, one from 2024-05-28.

use super::profile::Date;
use crate::units::Money;

/// Business days from a trade on a date (days since 1970-01-01) to its settlement.
pub fn settlement_days(date: i32) -> u32 {
    const TWO_DAYS: Option<Date> = Date::new(2017, 9, 5);
    const ONE_DAY: Option<Date> = Date::new(2024, 5, 28);
    match Some(Date(date)) {
        traded if traded >= ONE_DAY => 1,
        traded if traded >= TWO_DAYS => 2,
        _ => 3,
    }
}

/// Proceeds on their way to being settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// Session in which they settle, and the amount.
    pending: Vec<(u32, Money)>,
}

impl Settlement {
    pub fn new() -> Self {
        Self::default()
    }

    /// Books the proceeds of a sale, net of fees.
    pub fn on_sale(&mut self, session: u32, date: i32, proceeds: Money) {
        self.pending.retain(|&(settles, _)| settles > session);
        self.pending.push((session.saturating_add(settlement_days(date)), proceeds));
    }

    /// Proceeds that are not settled in a session.
    pub fn unsettled(&self, session: u32) -> Money {
        self.pending.iter().filter(|&&(settles, _)| settles > session).map(|&(_, amount)| amount).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_cycle_shortened_twice() {
        let days = |text| settlement_days(Date::parse(text).unwrap().0);
        assert_eq!(["2017-09-04", "2017-09-05", "2024-05-27", "2024-05-28"].map(days), [3, 2, 2, 1]);
    }

    #[test]
    fn proceeds_settle_after_that_many_sessions() {
        let (mut book, date) = (Settlement::new(), Date::parse("2020-03-02").unwrap().0);
        book.on_sale(10, date, Money(100));
        book.on_sale(11, date + 1, Money(30));
        // T+2: the first settles in session 12, the second in 13.
        assert_eq!([10, 11, 12, 13].map(|session| book.unsettled(session)), [130, 130, 30, 0].map(Money));
    }
}
