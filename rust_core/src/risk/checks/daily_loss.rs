//! No entries after a fall from the previous session's close beyond the limit.

use super::{Case, Finding};
use crate::risk::policy::fell_within;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (now, before) = (case.view.equity, case.view.previous_close_equity);
    match case.policy.portfolio_limits.max_daily_loss_frac {
        Some(limit) if !fell_within(now, before, limit) => {
            let value = 1.0 - now.to_f64() / before.to_f64();
            Finding::Deny { code: Code::DailyLoss, limit: limit.to_f64(), value }
        }
        _ => Finding::Pass,
    }
}
