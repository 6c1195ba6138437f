//! The number of orders of the session, this one included, stays within the limit.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.portfolio_limits.max_daily_trades {
        Some(limit) => at_most(Code::MaxDailyTrades, limit.into(), Some(f64::from(case.view.orders_today) + 1.0)),
        None => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    #[test]
    fn it_alone_limits_the_orders_of_a_session() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let with = |orders_today| AccountView { orders_today, ..account(&book) };
        assert_passes(&policy, &with(1_000));
        policy.portfolio_limits.max_daily_trades = Some(50);
        assert_passes(&policy, &with(49));
        assert_blocks_entries_only(&policy, &with(50), Code::MaxDailyTrades);
    }
}
