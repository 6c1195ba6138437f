//! What time costs: the fee for borrowed shares, and interest on cash.
//!
//! A night is charged at an annual rate over 360 days, on what stood at the close before it; a weekend is three nights.
//! What is owed is booked whole, so equity stays cash plus positions.

use crate::kernel::effect::Effects;
use crate::kernel::event::Moment;
use crate::kernel::ledger::EntryKind;
use crate::kernel::ratio::Ratio;
use crate::kernel::state::State;
use crate::units::{Money, div_half_even};

/// Days of a year by the convention of US money markets.
const YEAR_DAYS: i128 = 360;
const BILLION: i128 = 1_000_000_000;

/// The nights between two sessions. Rates are annual, in billionths, and summed over the nights, since they may change
/// between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accrual {
    /// On the value of each short position.
    pub borrow: Nights,
    /// On cash above the floor.
    pub credit: Nights,
    /// On cash owed.
    pub debit: Nights,
    /// Cash up to here earns nothing.
    pub floor: Money,
    /// Of the trades of long positions, what has not settled: positive for sales.
    pub unsettled: Money,
}

/// A sum of annual rates over nights, in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nights(i128);

impl Nights {
    /// A night more, at an annual rate.
    pub fn add(&mut self, annual: Ratio) {
        self.0 += i128::from(annual.0);
    }

    /// What they come to on an amount, rounded half to even.
    pub fn of(self, amount: Money) -> Money {
        Money(div_half_even(i128::from(amount.0) * self.0, BILLION * YEAR_DAYS) as i64)
    }
}

impl State {
    /// Books borrow fees by symbol, then interest. Cash here is what has settled, less what it would cost to buy back
    /// every short position: the proceeds of shorts are the lender's security, neither free nor earning.
    pub(super) fn accrue(&mut self, at: Moment, accrual: &Accrual, effects: &mut Effects) {
        let mut collateral = Money::ZERO;
        let free = self.account.cash - accrual.unsettled;
        for place in 0..self.account.active.len() {
            let symbol = self.account.active[place];
            let owed = -self.account.positions[symbol].value();
            if owed.0 > 0 {
                collateral += owed;
                self.book(at, EntryKind::BorrowFee, Some(symbol), None, -accrual.borrow.of(owed), effects);
            }
        }
        let free = free - collateral;
        let interest = if free.0 < 0 {
            accrual.debit.of(free)
        } else {
            accrual.credit.of((free - accrual.floor).max(Money::ZERO))
        };
        self.book(at, EntryKind::Interest, None, None, interest, effects);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MICRO, Price, Shares};

    fn nights(annual: i64, count: usize) -> Nights {
        let mut nights = Nights::default();
        (0..count).for_each(|_| nights.add(Ratio(annual)));
        nights
    }

    fn booked(cash: i64, short: i64, accrual: &Accrual) -> Vec<(&'static str, i64)> {
        let mut effects = Effects::default();
        let mut state = State::new(Money(cash * MICRO), 1, false, Moment::default(), &mut effects);
        state.account.positions[0].quantity = Shares::whole(-short);
        state.account.positions[0].mark = Price(50 * MICRO);
        state.account.active = if short == 0 { vec![] } else { vec![0] };
        effects.booked.clear();
        state.accrue(Moment::default(), accrual, &mut effects);
        effects.booked.iter().map(|entry| (entry.kind.as_str(), entry.amount.0)).collect()
    }

    #[test]
    fn a_weekend_of_shorts_and_cash() {
        // 3 nights at 3.6% of 100 x 50 = 5,000: 0.03% is 1.50. Cash 45,000 less 5,000 to buy back is 40,000, of which
        // 30,000 earn 1.8%: 3 x 0.005% is 4.50.
        let floor = Money(10_000 * MICRO);
        let accrual = Accrual {
            borrow: nights(36_000_000, 3),
            credit: nights(18_000_000, 3),
            debit: nights(72_000_000, 3),
            floor,
            unsettled: Money::ZERO,
        };
        assert_eq!(booked(45_000, 100, &accrual), [("borrow_fee", -1_500_000), ("interest", 4_500_000)]);
        // A sale of 20,000 on its way earns nothing: 10,000 are left above the floor, 1.50.
        let pending = Accrual { unsettled: Money(20_000 * MICRO), ..accrual };
        assert_eq!(booked(45_000, 100, &pending), [("borrow_fee", -1_500_000), ("interest", 1_500_000)]);
        // Under the floor nothing is earned.
        assert_eq!(booked(10_000, 0, &accrual), []);
        // 3,000 less 5,000 is a debt of 2,000: 3 nights at 7.2% are 0.06%, 1.20.
        assert_eq!(booked(3_000, 100, &accrual), [("borrow_fee", -1_500_000), ("interest", -1_200_000)]);
    }

    #[test]
    fn rates_of_several_nights_are_rounded_once() {
        // 1.00 at 5% over 360 days: 0.000138888... a night; two nights 0.000277777..., 278 millionths.
        assert_eq!(nights(50_000_000, 2).of(Money(MICRO)), Money(278));
        assert_eq!(nights(50_000_000, 2).of(Money(-MICRO)), Money(-278));
    }
}
