//! How many shares still fit under a cap on value: shared by the limits that reduce size.

use super::{Case, Finding};
use crate::risk::exposure::{Pico, scaled, share_of, value};
use crate::risk::fraction::Fraction;
use crate::risk::verdict::Code;
use crate::units::Shares;

/// Caps the order so that `base` and what it adds stay within `limit` of equity.
pub fn within(case: &Case, code: Code, limit: Fraction, base: Pico) -> Finding {
    fits(case, code, limit, base, value(Shares::ONE, case.order.price))
}

/// Caps the order so that `base` and `per_share` (picodollars) times what it adds stay within `limit` of equity.
pub fn fits(case: &Case, code: Code, limit: Fraction, base: Pico, per_share: Pico) -> Finding {
    let most = share_of(limit, case.view.equity);
    // `per_share` is the value of a million millionths; dividing last keeps the product exact.
    let adds = i128::from(case.adds.0).saturating_mul(per_share) / i128::from(Shares::ONE.0);
    let asked = base.saturating_add(adds);
    if scaled(asked) <= most {
        return Finding::Pass;
    }
    let left = (most - scaled(base)).max(0) / i128::from(Fraction::ONE.0);
    let shares = if per_share > 0 { left.saturating_mul(i128::from(Shares::ONE.0)) / per_share } else { 0 };
    let value = asked as f64 / 1e6 / case.view.equity.0 as f64;
    Finding::Cap { code, limit: limit.to_f64(), value, adds: Shares(i64::try_from(shares).unwrap_or(i64::MAX)) }
}
