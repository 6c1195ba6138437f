//! One position stays within its share of equity: the smaller of the account's cap and the strategy's.

use super::{Case, Finding, room};
use crate::risk::fraction::Fraction;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let account = case.policy.position_limits.max_position_frac;
    // A cap that is no number is a cap of nothing.
    let readable = |cap| Fraction::from_f64(cap).filter(|cap| cap.0 > 0).unwrap_or(Fraction(0));
    let strategy = case.order.strategy_cap_frac.map(readable);
    match account.into_iter().chain(strategy).min() {
        Some(limit) => room::within(case, Code::PositionMax, limit, case.exposure.symbol),
        None => Finding::Pass,
    }
}
