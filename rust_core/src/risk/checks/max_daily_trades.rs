//! The number of orders of the session, this one included, stays within the limit.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.portfolio_limits.max_daily_trades {
        Some(limit) => at_most(Code::MaxDailyTrades, limit.into(), Some(f64::from(case.view.orders_today) + 1.0)),
        None => Finding::Pass,
    }
}
