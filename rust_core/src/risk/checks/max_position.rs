//! One position stays within its share of equity: the smaller of the account's cap and the strategy's.

use super::{Case, Finding, room};
use crate::risk::fraction::Fraction;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let account = case.policy.position_limits.max_position_frac;
    // A cap that is no number is a cap of nothing.
    let readable = |cap| Fraction::from_f64(cap).filter(|cap| cap.0 > 0).unwrap_or(Fraction(0));
    let strategy = case.order.strategy_cap_frac.map(readable);
    match account.into_iter().chain(strategy).min() {
        Some(limit) => room::within(case, Code::PositionMax, limit, case.exposure.symbol),
        None => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Action, Candidate, DayTrades, Policy, Working};
    use crate::units::{Shares, Side};

    fn capped() -> Policy {
        let mut policy = Policy::unlimited();
        policy.position_limits.max_position_frac = bps(500);
        policy
    }

    #[test]
    fn it_alone_cuts_the_order_to_what_fits() {
        let (policy, book) = (capped(), DayTrades::new());
        let view = account(&book);
        // 5% of 100,000 is 5,000: 100 shares at $50, 83.3 at $60, none at $5,001.
        assert_passes(&policy, &view);
        let verdict = judge(&policy, &view, &buy(120, 60));
        assert_eq!((verdict.action, verdict.admitted), (Action::ReduceSize, Shares::whole(83)));
        // 120 x 60 = 7,200.
        assert_eq!((verdict.limit, verdict.value), (0.05, 0.072));
        assert_eq!(outcome(&policy, &view, &buy(1, 5_001)), (Code::PositionMax, 0));
        assert_eq!(outcome(&policy, &view, &sell(120, 60)), (Code::PositionMax, 83));
        let hundreds = Candidate { lot: Shares::whole(100), ..buy(300, 20) };
        assert_eq!(outcome(&policy, &view, &hundreds), (Code::PositionMax, 200));
        let fractional = Candidate { lot: Shares(1), ..buy(120, 60) };
        assert_eq!(judge(&policy, &view, &fractional).admitted, Shares(83_333_333));
    }

    #[test]
    fn holdings_and_working_orders_of_the_symbol_count() {
        let (policy, book) = (capped(), DayTrades::new());
        let (holdings, orders) = ([held(0, 40, 50)], [working(0, Side::Buy, 20, 50)]);
        let view = AccountView { holdings: &holdings, working: &orders, ..account(&book) };
        // 2,000 held and 1,000 working leave 2,000.
        assert_eq!(outcome(&policy, &view, &buy(100, 50)), (Code::PositionMax, 40));
        let sale = [Working { opens: false, ..working(0, Side::Sell, 40, 50) }];
        let resting = AccountView { working: &sale, ..view };
        assert_eq!(outcome(&policy, &resting, &buy(100, 50)), (Code::PositionMax, 60));
    }

    #[test]
    fn a_holding_that_drifted_over_the_cap_gets_nothing_more_and_may_be_sold() {
        let (policy, book, holdings) = (capped(), DayTrades::new(), [held(0, 200, 50)]);
        let view = AccountView { holdings: &holdings, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &buy(1, 50)), (Code::PositionMax, 0));
        assert_eq!(outcome(&policy, &view, &exit(200, 50)), (Code::WithinLimits, 200));
    }

    #[test]
    fn a_reversal_closes_in_full_and_opens_within_the_cap() {
        let (policy, book, holdings) = (capped(), DayTrades::new(), [held(0, 200, 50)]);
        let view = AccountView { holdings: &holdings, ..account(&book) };
        // 200 shares close; of the 150 that would be short, 100 fit.
        assert_eq!(outcome(&policy, &view, &sell(350, 50)), (Code::PositionMax, 300));
    }

    #[test]
    fn the_smaller_of_the_account_and_the_strategy_holds() {
        let (policy, book) = (capped(), DayTrades::new());
        let with = |cap| Candidate { strategy_cap_frac: Some(cap), ..buy(200, 50) };
        assert_eq!(outcome(&policy, &account(&book), &with(0.04)), (Code::PositionMax, 80));
        assert_eq!(outcome(&policy, &account(&book), &with(0.4)), (Code::PositionMax, 100));
        assert_eq!(outcome(&Policy::unlimited(), &account(&book), &with(0.04)), (Code::PositionMax, 80));
        for unreadable in [f64::NAN, -0.1, f64::INFINITY] {
            assert_eq!(outcome(&policy, &account(&book), &with(unreadable)), (Code::PositionMax, 0));
        }
        assert_eq!(policy.position_cap_frac(Some(0.4)), Some(0.05));
        assert_eq!(policy.position_cap_frac(Some(0.04)), Some(0.04));
        assert_eq!(policy.position_cap_frac(None), Some(0.05));
    }
}
