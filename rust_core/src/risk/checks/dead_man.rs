//! No entries when no person has confirmed for too long.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.dead_man_switch_h {
        Some(limit) => at_most(Code::DeadMan, limit.into(), case.view.operator_age_h.filter(|&age| age >= 0.0)),
        None => Finding::Pass,
    }
}
