//! No entries while the CBOE volatility index is above the threshold, or unknown.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.vix_threshold {
        Some(limit) if !case.waived.vix => {
            let known = case.view.vix.filter(|vix| vix.is_finite());
            at_most(if known.is_some() { Code::Vix } else { Code::VixMissing }, limit, known)
        }
        _ => Finding::Pass,
    }
}
