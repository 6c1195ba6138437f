//! The number of symbols held, opening orders counted as filled, stays within the limit.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.portfolio_limits.max_positions {
        Some(limit) => at_most(Code::MaxPositions, limit.into(), Some(case.exposure.other_symbols as f64 + 1.0)),
        None => Finding::Pass,
    }
}
