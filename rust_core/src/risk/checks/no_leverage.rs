//! The value of all positions, long and short, stays within equity.

use super::{Case, Finding, room};
use crate::risk::fraction::Fraction;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.position_limits.no_leverage {
        true => room::within(case, Code::NoLeverage, Fraction::ONE, case.exposure.gross),
        false => Finding::Pass,
    }
}
