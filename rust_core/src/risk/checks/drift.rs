//! No entries while the books and the broker differ, or have not been compared.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.max_drift_frac {
        Some(limit) => at_most(Code::Drift, limit.to_f64(), case.view.drift_frac.map(f64::abs)),
        None => Finding::Pass,
    }
}
