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

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{Candidate, DayTrades, Policy};

    #[test]
    fn nothing_without_quantity_or_price_is_an_order() {
        let (policy, book) = (Policy::unlimited(), DayTrades::new());
        for bad in [
            buy(0, 50),
            buy(-1, 50),
            buy(100, 0),
            Candidate { close: price(0), ..buy(100, 50) },
            Candidate { opens: false, ..buy(0, 50) },
        ] {
            assert_eq!(outcome(&policy, &account(&book), &bad), (Code::OrderInvalid, 0));
        }
    }
}
