//! The cash left after all purchases, without the proceeds of shorts, stays above its share of equity.

use super::{Case, Finding};
use crate::risk::exposure::{scaled, share_of, value};
use crate::risk::verdict::Code;
use crate::units::{Shares, Side};

pub fn check(case: &Case) -> Finding {
    let Some(limit) = case.policy.portfolio_limits.min_cash_reserve_frac else { return Finding::Pass };
    let bought = if case.order.side == Side::Buy { case.adds } else { Shares::ZERO };
    let left = case.exposure.free_cash.saturating_sub(value(bought, case.order.price));
    match scaled(left) >= share_of(limit, case.view.equity) {
        true => Finding::Pass,
        false => {
            let value = left as f64 / 1e6 / case.view.equity.0 as f64;
            Finding::Deny { code: Code::CashReserve, limit: limit.to_f64(), value }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    fn reserved() -> Policy {
        let mut policy = Policy::unlimited();
        policy.portfolio_limits.min_cash_reserve_frac = bps(1_000);
        policy
    }

    #[test]
    fn it_alone_rejects_a_purchase_that_leaves_too_little_cash() {
        let (policy, book) = (reserved(), DayTrades::new());
        // 15,000 in cash: 5,000 may go, the reserve is 10,000.
        let view = AccountView { cash: usd(15_000), ..account(&book) };
        assert_passes(&policy, &view);
        assert_eq!(outcome(&policy, &view, &buy(101, 50)), (Code::CashReserve, 0));
        let orders = [working(1, Side::Buy, 1, 1)];
        assert_blocks_entries_only(&policy, &AccountView { working: &orders, ..view }, Code::CashReserve);
    }

    #[test]
    fn proceeds_of_shorts_do_not_count_and_those_of_exits_at_the_open_do() {
        let (policy, book) = (reserved(), DayTrades::new());
        // 35,000 in cash, of which 20,000 are owed for the short.
        let holdings = [held(1, -200, 100), held(2, 100, 100)];
        let view = AccountView { cash: usd(35_000), holdings: &holdings, ..account(&book) };
        assert_passes(&policy, &view);
        assert_eq!(outcome(&policy, &view, &buy(101, 50)), (Code::CashReserve, 0));
        // Selling the long brings 10,000; buying the short back costs what it frees.
        let sale = [leaving(2, Side::Sell, 100, 100)];
        assert_eq!(outcome(&policy, &AccountView { working: &sale, ..view }, &buy(300, 50)), (Code::WithinLimits, 300));
        assert_eq!(outcome(&policy, &AccountView { working: &sale, ..view }, &buy(301, 50)), (Code::CashReserve, 0));
        let cover = [leaving(1, Side::Buy, 200, 100)];
        assert_passes(&policy, &AccountView { working: &cover, ..view });
        assert_eq!(outcome(&policy, &AccountView { working: &cover, ..view }, &buy(101, 50)), (Code::CashReserve, 0));
        // A short costs no cash, and needs the reserve to be there.
        assert_eq!(outcome(&policy, &view, &sell(500, 50)), (Code::WithinLimits, 500));
        let poor = AccountView { cash: usd(29_999), ..view };
        assert_eq!(outcome(&policy, &poor, &sell(1, 50)), (Code::CashReserve, 0));
    }
}
