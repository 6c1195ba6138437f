//! No entries on market data that is too old, of unknown age, or from the future.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.stale_data_s {
        Some(limit) => at_most(Code::StaleData, limit.into(), case.view.data_age_s.filter(|&age| age >= 0.0)),
        None => Finding::Pass,
    }
}
