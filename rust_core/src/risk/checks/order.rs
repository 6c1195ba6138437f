//! The order is one: a positive quantity at a positive price.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let order = case.order;
    match order.quantity.0 > 0 && order.price.0 > 0 && order.close.0 > 0 {
        true => Finding::Pass,
        false => Finding::Deny { code: Code::OrderInvalid, limit: 0.0, value: 0.0 },
    }
}
