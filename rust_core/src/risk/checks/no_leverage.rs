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

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy, Working};
    use crate::units::Side;

    #[test]
    fn it_alone_keeps_gross_exposure_within_equity() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let (holdings, orders) = ([held(1, 400, 100), held(2, -300, 100)], [working(3, Side::Sell, 100, 100)]);
        let view = AccountView { holdings: &holdings, working: &orders, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &buy(401, 50)), (Code::WithinLimits, 401));
        policy.position_limits.no_leverage = true;
        // 40,000 long, 30,000 short and 10,000 working leave 20,000.
        assert_eq!(outcome(&policy, &view, &buy(400, 50)), (Code::WithinLimits, 400));
        assert_eq!(outcome(&policy, &view, &buy(401, 50)), (Code::NoLeverage, 400));
        assert_eq!(outcome(&policy, &view, &sell(401, 50)), (Code::NoLeverage, 400));
        // A resting stop may never fill; a market exit of the same decision does, before any purchase.
        let resting = [Working { books_first: false, ..leaving(1, Side::Sell, 400, 100) }, orders[0]];
        assert_eq!(
            outcome(&policy, &AccountView { working: &resting, ..view }, &buy(401, 50)),
            (Code::NoLeverage, 400)
        );
        let leaves = [leaving(1, Side::Sell, 400, 100), orders[0]];
        assert_eq!(
            outcome(&policy, &AccountView { working: &leaves, ..view }, &buy(1_300, 50)),
            (Code::NoLeverage, 1_200)
        );
        // Two exits of one holding free it once.
        let twice = [leaves[0], leaves[0], orders[0]];
        assert_eq!(
            outcome(&policy, &AccountView { working: &twice, ..view }, &buy(1_300, 50)),
            (Code::NoLeverage, 1_200)
        );
    }
}
