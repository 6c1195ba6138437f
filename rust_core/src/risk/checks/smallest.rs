//! What an order adds is at least the smallest quantity that can be traded.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let lot = case.order.lot.max(crate::units::Shares(1));
    match case.adds >= lot {
        true => Finding::Pass,
        false => Finding::Deny { code: Code::BelowOneShare, limit: lot.to_f64(), value: case.adds.to_f64() },
    }
}
