//! Fixed-point money and shares, and the dimensions that expressions are checked with.
//!
//! Cash, fills, fees and lots are integers: one unit of [`Price`], [`Money`] and [`Shares`] is a millionth of a
//! dollar per share, of a dollar and of a share. Conversion from `f64` happens here only and rounds half to even.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Millionths in one dollar or one share.
pub const MICRO: i64 = 1_000_000;

/// US dollars per share, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Price(pub i64);

/// US dollars, in millionths. Debits are negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Money(pub i64);

/// Shares, in millionths; a short position is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Shares(pub i64);

/// 1.5 * 2^52: adding and taking it away rounds half to even in two additions where the result is below `EXACT`, and the
/// sum's lowest bits are the integer. The function for rounding is a call on processors of the base level, and this runs
/// for every bar.
const SHIFT: f64 = 6_755_399_441_055_744.0;
const EXACT: f64 = 2_251_799_813_685_248.0;

/// Rounds half to even and saturates; `None` for a value that is not finite.
#[inline]
fn to_micro(value: f64) -> Option<i64> {
    let exact = value * MICRO as f64;
    if exact.abs() < EXACT {
        return Some(((exact + SHIFT) - SHIFT) as i64);
    }
    let scaled = exact.round_ties_even();
    // The cast saturates, and a figure near 9.2 trillion dollars is refused long before.
    scaled.is_finite().then_some(scaled as i64)
}

/// Divides, rounding half to even; the divisor is positive.
#[inline]
pub fn div_half_even(numerator: i128, divisor: i128) -> i128 {
    // Nearly every amount fits: 64 bits divide many times faster than 128.
    match (i64::try_from(numerator), i64::try_from(divisor)) {
        (Ok(small), Ok(by)) if by <= i64::MAX / 2 => {
            let (quotient, twice) = (small.div_euclid(by), small.rem_euclid(by) * 2);
            i128::from(if twice > by || (twice == by && quotient % 2 != 0) { quotient + 1 } else { quotient })
        }
        _ => div_large(numerator, divisor),
    }
}

#[cold]
fn div_large(numerator: i128, divisor: i128) -> i128 {
    let quotient = numerator.div_euclid(divisor);
    let twice = numerator.rem_euclid(divisor) * 2;
    if twice > divisor || (twice == divisor && quotient % 2 != 0) { quotient + 1 } else { quotient }
}

/// Appends `cash` plus what `shares` are worth at each of the prices (dollars per share), and answers the last price. A
/// price that is not finite repeats the one before it, `before` at first.
pub fn append_worth(worth: &mut Vec<Money>, cash: Money, shares: Shares, prices: &[f64], before: Price) -> Price {
    const PIECE: usize = 1024;
    let whole = (shares.0 / MICRO) as f64;
    let is_whole = shares.0 % MICRO == 0;
    // Below this, price and value in millionths are integers that a float holds exactly.
    let most = EXACT / whole.abs().max(1.0) - 1.0;
    let mut mark = before;
    for piece in prices.chunks(PIECE) {
        let fits = piece.iter().fold(is_whole, |fits, price| fits & ((price * MICRO as f64).abs() < most));
        if fits {
            let value = |price: f64| ((price * MICRO as f64 + SHIFT) - SHIFT) * whole + SHIFT;
            let integer = |value: f64| value.to_bits().wrapping_sub(SHIFT.to_bits()) as i64;
            worth.extend(piece.iter().map(|&price| Money(cash.0 + integer(value(price)))));
            mark = piece.last().and_then(|&price| Price::from_f64(price)).unwrap_or(mark);
        } else {
            worth.extend(piece.iter().map(|&price| {
                mark = Price::from_f64(price).unwrap_or(mark);
                cash + mark.times(shares)
            }));
        }
    }
    mark
}

impl Price {
    /// The price nearest to `usd` dollars per share; `None` when it is not finite.
    pub fn from_f64(usd: f64) -> Option<Self> {
        to_micro(usd).map(Self)
    }

    /// Dollars per share.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / MICRO as f64
    }

    /// What `shares` cost at this price, in money, rounded half to even to a millionth of a dollar.
    #[inline]
    pub fn times(self, shares: Shares) -> Money {
        match (shares.0 % MICRO, (shares.0 / MICRO).checked_mul(self.0)) {
            (0, Some(exact)) => Money(exact),
            _ => self.times_parts(shares),
        }
    }

    #[inline(never)]
    fn times_parts(self, shares: Shares) -> Money {
        let product = i128::from(self.0) * i128::from(shares.0);
        Money(div_half_even(product, i128::from(MICRO)) as i64)
    }
}

impl Money {
    pub const ZERO: Self = Self(0);

    /// The amount nearest to `usd` dollars; `None` when it is not finite.
    pub fn from_f64(usd: f64) -> Option<Self> {
        to_micro(usd).map(Self)
    }

    /// Dollars.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / MICRO as f64
    }
}

impl Shares {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(MICRO);

    /// A whole number of shares.
    pub const fn whole(count: i64) -> Self {
        Self(count * MICRO)
    }

    /// The quantity nearest to `shares`; `None` when it is not finite.
    pub fn from_f64(shares: f64) -> Option<Self> {
        to_micro(shares).map(Self)
    }

    /// Shares, as a number.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / MICRO as f64
    }

    /// The whole shares in this quantity, toward zero.
    pub fn truncated(self) -> Self {
        Self(self.0 / MICRO * MICRO)
    }

    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

macro_rules! additive {
    ($($name:ident),*) => {$(
        impl std::ops::Add for $name { type Output = Self; fn add(self, other: Self) -> Self { Self(self.0 + other.0) } }
        impl std::ops::Sub for $name { type Output = Self; fn sub(self, other: Self) -> Self { Self(self.0 - other.0) } }
        impl std::ops::Neg for $name { type Output = Self; fn neg(self) -> Self { Self(-self.0) } }
        impl std::ops::AddAssign for $name { fn add_assign(&mut self, other: Self) { self.0 += other.0 } }
        impl std::ops::SubAssign for $name { fn sub_assign(&mut self, other: Self) { self.0 -= other.0 } }
        impl std::iter::Sum for $name { fn sum<I: Iterator<Item = Self>>(items: I) -> Self { Self(items.map(|x| x.0).sum()) } }
    )*};
}
additive!(Price, Money, Shares);

/// Relative difference below which two computed numbers count as equal, so that ties do not hang on the last bit.
pub const TIE: f64 = 1e-12;

/// How two computed numbers compare, a relative difference of [`TIE`] counting as equal; `None` when one is missing.
#[inline]
pub fn compare(a: f64, b: f64) -> Option<Ordering> {
    if exceeds(a, b) {
        Some(Ordering::Greater)
    } else if exceeds(b, a) {
        Some(Ordering::Less)
    } else {
        (!a.is_nan() && !b.is_nan()).then_some(Ordering::Equal)
    }
}

/// Whether `a` lies above `b` by more than a tie; false when one is missing. Without a branch, so that columns of it take
/// little time; every comparison of the engine asks here.
#[inline(always)]
pub fn exceeds(a: f64, b: f64) -> bool {
    let (size_a, size_b) = (a.abs(), b.abs());
    let gap = a - b;
    // Beside an infinity the bound is infinite, and so is the gap.
    (gap > TIE * if size_a > size_b { size_a } else { size_b }) | (gap == f64::INFINITY)
}

/// What a value of the strategy language measures.
///
/// Dimensions are exponents: how the value scales when every price is multiplied by a factor, and how it scales when
/// every volume is. That makes adjustment for splits provable: a value of price degree `p` and volume degree `v`
/// computed on forward-adjusted bars is the as-of-day value times `price_factor^p * volume_factor^v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A bare number (literal or param): takes the unit of what it stands beside.
    Number,
    /// A percent literal (`5%`): 0.05 beside a ratio, 5 beside percent-points.
    Percent,
    /// Dimensionless; `close / open`, `change_ratio(close, 5)`.
    Ratio,
    /// Dimensionless, 0 to 100 by convention: `rsi(close, 14)`, `roc(close, 10)`.
    PercentPoints,
    /// A number of bars, members or events.
    Count,
    /// True, false or missing.
    Boolean,
    /// A label such as a sector.
    Group,
    /// Calendar days or sessions (`90d`, `20s`).
    Duration,
    /// A quantity with price and volume degrees; a level is `price: 1, volume: 0`.
    Scaled { price: i8, volume: i8, kind: PriceKind },
}

/// Whether a price of degree one is a place (level) or a length (distance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceKind {
    /// `close`, `sma(close, 20)`.
    Level,
    /// `atr(14)`, `close - open`.
    Distance,
    /// `2% * close`: fits both.
    Either,
}

impl Unit {
    pub const LEVEL: Self = Self::Scaled { price: 1, volume: 0, kind: PriceKind::Level };
    pub const DISTANCE: Self = Self::Scaled { price: 1, volume: 0, kind: PriceKind::Distance };
    pub const VOLUME: Self = Self::Scaled { price: 0, volume: 1, kind: PriceKind::Either };

    /// How the value scales with prices and with volumes.
    pub fn degrees(self) -> (i8, i8) {
        match self {
            Self::Scaled { price, volume, .. } => (price, volume),
            _ => (0, 0),
        }
    }
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    Buy,
    Sell,
}

impl Side {
    /// +1 for a buy, -1 for a sale.
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// The side that a position of so many shares is entered on; that of a purchase for none.
    pub const fn of(held: Shares) -> Self {
        if held.0 < 0 { Self::Sell } else { Self::Buy }
    }

    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

#[cfg(test)]
mod worth_tests {
    use super::*;

    #[test]
    fn worth_by_column_is_worth_one_by_one() {
        let prices =
            [100.0, 0.000_000_5, 0.000_001_5, 99.999_999_5, f64::NAN, 3.3, 1e9, 2.2e9, 4e12, f64::INFINITY, 7.0];
        for length in [4, 11, 3000] {
            let column: Vec<f64> = prices.into_iter().cycle().take(length).collect();
            for shares in [Shares::whole(1), Shares::whole(-37), Shares::whole(1_000_003), Shares(1_500_001), Shares(0)]
            {
                let (mut worth, mut mark) = (vec![Money(1)], Price(5));
                let last = append_worth(&mut worth, Money(-123), shares, &column, mark);
                let mut expected = vec![Money(1)];
                for &price in &column {
                    mark = Price::from_f64(price).unwrap_or(mark);
                    expected.push(Money(-123) + mark.times(shares));
                }
                assert_eq!((worth, last), (expected, mark), "{shares:?}");
            }
        }
    }
}

#[cfg(test)]
mod compare_tests {
    use super::*;

    #[test]
    fn a_relative_difference_of_one_in_a_million_million_is_a_tie() {
        // 100 * 1e-12 = 1e-10: half of that is a tie, twice that is not.
        assert_eq!(compare(100.0, 100.0 + 0.5e-10), Some(Ordering::Equal));
        assert_eq!(compare(100.0, 100.0 + 2e-10), Some(Ordering::Less));
        assert_eq!(compare(-100.0, -100.0 - 2e-10), Some(Ordering::Greater));
        assert_eq!(compare(0.1 + 0.2, 0.3), Some(Ordering::Equal));
        // Relative, so nothing but zero ties with zero.
        assert_eq!(compare(1e-300, 0.0), Some(Ordering::Greater));
        assert_eq!(compare(0.0, -0.0), Some(Ordering::Equal));
    }

    #[test]
    fn missing_compares_with_nothing_and_infinity_only_with_itself() {
        assert_eq!(compare(f64::NAN, 1.0), None);
        assert_eq!(compare(1.0, f64::NAN), None);
        assert_eq!(compare(f64::INFINITY, 1.0), Some(Ordering::Greater));
        assert_eq!(compare(f64::INFINITY, f64::NEG_INFINITY), Some(Ordering::Greater));
        assert_eq!(compare(f64::INFINITY, f64::INFINITY), Some(Ordering::Equal));
    }

    /// The definition, written out: halves keep the difference of the largest numbers finite.
    fn by_definition(a: f64, b: f64) -> Option<Ordering> {
        let is_tie =
            a.is_finite() && b.is_finite() && (a / 2.0 - b / 2.0).abs() <= 1e-12 * (a / 2.0).abs().max((b / 2.0).abs());
        if is_tie { Some(Ordering::Equal) } else { a.partial_cmp(&b) }
    }

    #[test]
    fn comparing_follows_the_definition() {
        let values =
            [f64::NAN, f64::NEG_INFINITY, -1e308, -1.0, -0.0, 0.0, 1e-300, 0.3, 0.1 + 0.2, 1.0, 1e308, f64::INFINITY];
        for a in values {
            for b in values {
                assert_eq!(compare(a, b), by_definition(a, b), "{a} and {b}");
                assert_eq!(exceeds(a, b), by_definition(a, b) == Some(Ordering::Greater), "{a} and {b}");
            }
        }
    }
}
