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
