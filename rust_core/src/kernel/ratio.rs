//! Dimensionless factors in billionths, so that a percentage of a price is exact until its one rounding.

use crate::units::{Money, Price, Shares, div_half_even};

const BILLION: i128 = 1_000_000_000;

/// A fraction in billionths: 5% is 50,000,000; one basis point is 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ratio(pub i64);

impl Ratio {
    pub const ZERO: Self = Self(0);

    /// The fraction nearest to `value`; `None` when it is not finite or beyond a billion.
    pub fn from_f64(value: f64) -> Option<Self> {
        (value.abs() < 1e9).then(|| Self((value * 1e9).round_ties_even() as i64))
    }

    /// The fraction of a number of basis points.
    pub fn from_bps(bps: f64) -> Option<Self> {
        // A basis point is 1e5 billionths: scaling by that in one step keeps 0.1 bps exact.
        (bps.abs() < 1e12).then(|| Self((bps * 1e5).round_ties_even() as i64))
    }

    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This fraction of a price, rounded half to even to a millionth of a dollar.
    pub fn of_price(self, price: Price) -> Price {
        Price(self.scale(price.0))
    }

    /// This fraction of an amount, rounded half to even to a millionth of a dollar.
    pub fn of_money(self, money: Money) -> Money {
        Money(self.scale(money.0))
    }

    /// This fraction of a positive quantity, rounded down to a multiple of `unit`.
    pub fn of_shares(self, quantity: Shares, unit: Shares) -> Shares {
        let exact = i128::from(quantity.0) * i128::from(self.0) / BILLION;
        let unit = i128::from(unit.0.max(1));
        Shares(i64::try_from(exact / unit * unit).unwrap_or(0))
    }

    fn scale(self, micros: i64) -> i64 {
        div_half_even(i128::from(micros) * i128::from(self.0), BILLION) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_point_of_a_price_rounds_half_to_even() {
        // 10 bps of 12.3450 = 0.012345 exactly; 5 bps of 0.001 = 0.0000005, a tie that goes to the even 0.
        assert_eq!(Ratio::from_bps(10.0).unwrap_or_default().of_price(Price(12_345_000)), Price(12_345));
        assert_eq!(Ratio::from_bps(5.0).unwrap_or_default().of_price(Price(1_000)), Price(0));
        assert_eq!(Ratio::from_bps(5.0).unwrap_or_default().of_price(Price(3_000)), Price(2));
    }

    #[test]
    fn what_is_not_finite_is_no_ratio() {
        assert_eq!(Ratio::from_f64(f64::NAN), None);
        assert_eq!(Ratio::from_f64(f64::INFINITY), None);
        assert_eq!(Ratio::from_f64(0.08), Some(Ratio(80_000_000)));
    }
}
