//! No entry in a share that traded under the floor.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.position_limits.min_price_usd {
        Some(floor) if !case.waived.raw_prices && case.order.close < floor => {
            Finding::Deny { code: Code::MinPrice, limit: floor.to_f64(), value: case.order.close.to_f64() }
        }
        _ => Finding::Pass,
    }
}
