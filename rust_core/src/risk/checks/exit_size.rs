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

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Candidate, DayTrades, Policy, Working};
    use crate::units::Side;

    #[test]
    fn an_exit_is_cut_to_the_holding() {
        let (policy, book, holdings) = (Policy::unlimited(), DayTrades::new(), [held(0, 60, 50)]);
        let view = AccountView { holdings: &holdings, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &exit(100, 50)), (Code::ExceedsHolding, 60));
        assert_eq!(outcome(&policy, &account(&book), &exit(100, 50)), (Code::ExceedsHolding, 0));
        let wrong_way = Candidate { opens: false, ..buy(10, 50) };
        assert_eq!(outcome(&policy, &view, &wrong_way), (Code::ExceedsHolding, 0));
    }

    #[test]
    fn resting_orders_do_not_trap_a_position() {
        let (policy, book, holdings) = (Policy::unlimited(), DayTrades::new(), [held(0, 60, 50)]);
        let orders = [Working { opens: false, ..working(0, Side::Sell, 60, 45) }; 2];
        let view = AccountView { holdings: &holdings, working: &orders, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &exit(60, 50)), (Code::WithinLimits, 60));
    }
}
