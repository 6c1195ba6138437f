//! The arithmetic of the intraday margin standard: FINRA Rule 4210(d)(2) and (a)(17) to (19), in force from 2026-06-04
//! (SR-FINRA-2025-017, release 34-105226; read 2026-11-22).

use crate::units::Money;

/// Cash that could be withdrawn while maintenance is met; negative: short of it.
pub fn level(equity: Money, requirement: Money) -> Money {
    equity - requirement
}

/// How much is missing: the largest negative level of the day, as a positive amount.
pub fn deficit(lowest_level: Money) -> Money {
    Money(lowest_level.0.saturating_neg().max(0))
}

/// Whether a deficit is too small to count toward a practice of not paying: not above the lesser of 5% of equity and
/// $1,000.
pub fn is_minor(deficit: Money, equity: Money) -> bool {
    deficit.0 > 0 && deficit.0 <= 1_000_000_000 && i128::from(deficit.0) * 20 <= i128::from(equity.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_deficits_and_what_is_minor() {
        // Equity, stock, maintenance in percent, level, deficit, minor; from the standard's own arithmetic.
        for (equity, stock, percent, expected_level, expected_deficit, minor) in [
            (20_000, 20_000, 25, 15_000, 0, false),
            (20_000, 60_000, 30, 2_000, 0, false),
            (8_000, 40_000, 25, -2_000, 2_000, false),
            (10_000, 50_000, 25, -2_500, 2_500, false),
            (30_000, 123_600, 25, -900, 900, true),
            (15_000, 63_000, 25, -750, 750, true),
            (15_000, 63_004, 25, -751, 751, false),
        ] {
            let usd = |dollars: i64| Money(dollars * 1_000_000);
            let found = level(usd(equity), Money(stock * percent * 10_000));
            assert_eq!((found, deficit(found)), (usd(expected_level), usd(expected_deficit)));
            assert_eq!(is_minor(deficit(found), usd(equity)), minor, "{equity} {stock}");
        }
    }

    #[test]
    fn a_thousand_dollars_is_the_most_that_is_minor() {
        let usd = |dollars: i64| Money(dollars * 1_000_000);
        assert!(is_minor(usd(1_000), usd(1_000_000)));
        assert!(!is_minor(Money(1_000_000_001), usd(1_000_000)));
    }
}
