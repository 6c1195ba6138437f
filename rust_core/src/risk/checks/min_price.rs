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

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Candidate, DayTrades, Policy, Waived, assess};
    use crate::units::Price;

    #[test]
    fn it_alone_refuses_a_close_under_the_floor() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let view = account(&book);
        let at = |micro| Candidate { close: Price(micro), ..buy(100, 50) };
        assert_eq!(outcome(&policy, &view, &at(4_999_999)), (Code::WithinLimits, 100));
        policy.position_limits.min_price_usd = Some(price(5));
        assert_eq!(outcome(&policy, &view, &at(5_000_000)), (Code::WithinLimits, 100));
        assert_eq!(outcome(&policy, &view, &at(4_999_999)), (Code::MinPrice, 0));
        let holdings = [held(0, 100, 4)];
        let holding = AccountView { holdings: &holdings, ..view };
        assert_eq!(outcome(&policy, &holding, &exit(100, 4)), (Code::WithinLimits, 100));
        let waived = Waived { raw_prices: true, ..Waived::default() };
        assert_eq!(assess(&policy, &waived, &view, &at(4_999_999)).code, Code::WithinLimits);
    }
}
