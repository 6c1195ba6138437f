//! No entries after a fall from the high-water mark beyond the limit, until it is reset.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let limit = case.policy.portfolio_limits.max_drawdown_frac;
    let (now, high) = (case.view.equity, case.view.high_water);
    match case.view.drawdown_halt || case.policy.is_drawdown_breached(now, high) {
        true => Finding::Deny {
            code: Code::Drawdown,
            limit: limit.map_or(f64::NAN, |limit| limit.to_f64()),
            value: 1.0 - now.to_f64() / high.to_f64(),
        },
        false => Finding::Pass,
    }
}
