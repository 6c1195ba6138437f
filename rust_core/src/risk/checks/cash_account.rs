//! A cash account buys with settled cash only, which rules out free-riding (Regulation T, 12 CFR 220.8), and does not
//! sell short.

use super::{Case, Finding};
use crate::risk::exposure::{pico, value};
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;
use crate::units::Side;

pub fn check(case: &Case) -> Finding {
    let view = case.view;
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::CashAccount) {
        return Finding::Pass;
    }
    let cost = value(case.adds, case.order.price).saturating_add(case.exposure.committed);
    let settled = view.unsettled.filter(|unsettled| unsettled.0 >= 0).map(|unsettled| view.cash - unsettled);
    match settled {
        Some(settled) if case.order.side == Side::Buy && cost <= pico(settled) => Finding::Pass,
        _ => Finding::Deny {
            code: Code::CashSettlement,
            limit: settled.map_or(f64::NAN, |settled| settled.to_f64()),
            value: cost as f64 / 1e12,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountType, AccountView, DatedProfile, DayTrades, Policy};

    fn guarded() -> Policy {
        let mut policy = Policy::unlimited();
        policy.pdt_guard.account_type = AccountType::Cash;
        policy.pdt_guard.profiles = vec![DatedProfile { from: None, to: None, profile: Profile::CashAccount }];
        policy
    }

    #[test]
    fn it_alone_limits_purchases_to_settled_cash() {
        let (mut policy, book) = (guarded(), DayTrades::new());
        // Cash 100,000, of which 95,000 are not settled: 5,000 buy 100 shares at $50.
        let view = AccountView { unsettled: Some(usd(95_000)), ..account(&book) };
        assert_passes(&policy, &view);
        assert_eq!(outcome(&policy, &view, &buy(101, 50)), (Code::CashSettlement, 0));
        let orders = [working(1, Side::Buy, 1, 50)];
        assert_blocks_entries_only(&policy, &AccountView { working: &orders, ..view }, Code::CashSettlement);
        assert_blocks_entries_only(&policy, &AccountView { unsettled: None, ..view }, Code::CashSettlement);
        policy.pdt_guard.account_type = AccountType::Margin;
        assert_passes(&policy, &AccountView { unsettled: None, ..view });
    }

    #[test]
    fn a_cash_account_does_not_sell_short() {
        let (policy, book) = (guarded(), DayTrades::new());
        let view = AccountView { unsettled: Some(usd(0)), ..account(&book) };
        assert_eq!(outcome(&policy, &view, &sell(1, 50)), (Code::CashSettlement, 0));
    }
}
