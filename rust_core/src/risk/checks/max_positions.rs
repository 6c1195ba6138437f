//! The number of symbols held, opening orders counted as filled, stays within the limit.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.portfolio_limits.max_positions {
        Some(limit) => at_most(Code::MaxPositions, limit.into(), Some(case.exposure.other_symbols as f64 + 1.0)),
        None => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Candidate, DayTrades, Policy};
    use crate::units::Side;

    #[test]
    fn it_alone_limits_the_number_of_symbols_held_or_on_their_way() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let holdings = [held(1, 10, 50), held(2, -10, 50), held(3, 0, 50)];
        let orders = [working(4, Side::Buy, 10, 50), working(4, Side::Buy, 10, 51), working(1, Side::Buy, 1, 50)];
        let view = AccountView { holdings: &holdings, working: &orders, ..account(&book) };
        assert_passes(&policy, &view);
        // 1, 2 and 4 are taken, the order is the fourth; one that leaves at the open makes room.
        policy.portfolio_limits.max_positions = Some(4);
        assert_passes(&policy, &view);
        policy.portfolio_limits.max_positions = Some(3);
        assert_blocks_entries_only(&policy, &AccountView { holdings: &holdings[..2], ..view }, Code::MaxPositions);
        let leaves = [orders[0], leaving(2, Side::Buy, 10, 50)];
        assert_passes(&policy, &AccountView { working: &leaves, ..view });
        let added = Candidate { symbol: 1, ..buy(100, 50) };
        assert_eq!(outcome(&policy, &view, &added), (Code::WithinLimits, 100));
    }
}
