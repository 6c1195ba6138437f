//! An exit never opens the other side: what it asks for beyond the holding is refused.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.order.opens {
        true => Finding::Pass,
        false => Finding::Deny {
            code: Code::ExceedsHolding,
            limit: (case.order.quantity - case.adds).to_f64(),
            value: case.order.quantity.to_f64(),
        },
    }
}
