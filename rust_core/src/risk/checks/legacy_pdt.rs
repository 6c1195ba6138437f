//! At most three day trades in five sessions, under $25,000 of equity: old FINRA Rule 4210(f)(8)(B).
//!
//! Entries alone are gated. Each position opened in the session, and each opening order that is working, reserves one
//! day trade, because its stop may fire; an entry needs one more.

use super::{Case, Finding};
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (guard, view) = (&case.policy.pdt_guard, case.view);
    let Some(limit) = guard.max_day_trades else { return Finding::Pass };
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::LegacyPdt) {
        return Finding::Pass;
    }
    if guard.min_equity_usd.is_some_and(|least| view.previous_close_equity >= least && view.equity >= least) {
        return Finding::Pass;
    }
    let window = view.day_trades.window(view.session, guard.window_business_days);
    let made_or_forced = window.plus(view.day_trades.reserved(view.session)).by(guard.counting);
    let pending = view.working.iter().filter(|w| w.opens).count();
    let with_this = u64::from(made_or_forced) + pending as u64 + 1;
    match with_this <= u64::from(limit) {
        true => Finding::Pass,
        false => Finding::Deny { code: Code::PdtLegacy, limit: limit.into(), value: with_this as f64 },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountType, AccountView, Date, DatedProfile, DayTrades, Policy};
    use crate::units::{Shares, Side};

    fn guarded() -> Policy {
        let mut policy = Policy::unlimited();
        policy.pdt_guard.max_day_trades = Some(3);
        policy.pdt_guard.min_equity_usd = Some(usd(25_000));
        let (from, to) = (Date::parse("2001-09-28"), Date::parse("2027-10-20"));
        policy.pdt_guard.profiles = vec![DatedProfile { from, to, profile: Profile::LegacyPdt }];
        policy
    }

    /// Day trades in sessions `made`, and positions opened in session 100.
    fn book(made: &[u32], opened: usize) -> DayTrades {
        let (mut book, lot) = (DayTrades::new(), Shares::whole(10));
        for (order_id, &session) in made.iter().enumerate() {
            book.on_fill(session, 7, 2 * order_id as u64, Side::Buy, lot, Shares::ZERO);
            book.on_fill(session, 7, 2 * order_id as u64 + 1, Side::Sell, lot, lot);
        }
        for symbol in 0..opened {
            book.on_fill(100, 10 + symbol, 1_000 + symbol as u64, Side::Buy, lot, Shares::ZERO);
        }
        book
    }

    fn small(book: &DayTrades) -> AccountView<'_> {
        let equity = usd(24_999);
        AccountView { equity, previous_close_equity: equity, cash: equity, ..account(book) }
    }

    #[test]
    fn it_alone_refuses_the_entry_that_could_become_the_fourth_day_trade() {
        let policy = guarded();
        // Made + reserved + 1 against 3.
        for (made, opened, passes) in
            [(2, 0, true), (3, 0, false), (1, 1, true), (1, 2, false), (0, 2, true), (0, 3, false)]
        {
            let book = book(&vec![98; made], opened);
            match passes {
                true => assert_passes(&policy, &small(&book)),
                false => assert_blocks_entries_only(&policy, &small(&book), Code::PdtLegacy),
            }
        }
    }

    #[test]
    fn working_entries_count_as_if_filled() {
        let (policy, book) = (guarded(), book(&[], 0));
        let orders = [1, 2, 3].map(|symbol| working(symbol, Side::Buy, 1, 50));
        assert_passes(&policy, &AccountView { working: &orders[..2], ..small(&book) });
        assert_blocks_entries_only(&policy, &AccountView { working: &orders, ..small(&book) }, Code::PdtLegacy);
    }

    #[test]
    fn the_window_is_five_sessions_and_today_is_the_last() {
        let policy = guarded();
        assert_passes(&policy, &small(&book(&[95, 95, 95], 0)));
        assert_blocks_entries_only(&policy, &small(&book(&[96, 96, 96], 0)), Code::PdtLegacy);
    }

    #[test]
    fn exempt_only_with_25_000_both_at_the_previous_close_and_now() {
        let (policy, book) = (guarded(), book(&[99, 99, 99], 0));
        let with = |before, now| AccountView { previous_close_equity: usd(before), equity: usd(now), ..small(&book) };
        assert_passes(&policy, &with(25_000, 25_000));
        assert_blocks_entries_only(&policy, &with(24_999, 30_000), Code::PdtLegacy);
        assert_blocks_entries_only(&policy, &with(30_000, 24_999), Code::PdtLegacy);
    }

    #[test]
    fn the_rule_holds_for_margin_accounts_from_2001_09_28_to_2027_10_20() {
        let (mut policy, book) = (guarded(), book(&[99, 99, 99], 0));
        let on = |text: &str| AccountView { date: Date::parse(text).unwrap().0, ..small(&book) };
        for date in ["2001-09-27", "2027-10-21"] {
            assert_passes(&policy, &on(date));
        }
        for date in ["2001-09-28", "2024-06-03", "2027-10-20"] {
            assert_blocks_entries_only(&policy, &on(date), Code::PdtLegacy);
        }
        policy.pdt_guard.account_type = AccountType::Cash;
        assert_passes(&policy, &on("2024-06-03"));
    }
}
