//! The intraday margin level, were every pending order filled and no exit, keeps a buffer: FINRA Rule 4210(d)(2) from
//! 2026-06-04. Without leverage no purchase can bring it there.

use super::{Case, Finding};
use crate::risk::exposure::{scaled, share_of, value};
use crate::risk::fraction::Fraction;
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (guard, view) = (&case.policy.pdt_guard, case.view);
    let Some(buffer) = guard.intraday_buffer_frac else { return Finding::Pass };
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::IntradayMargin) {
        return Finding::Pass;
    }
    let gross = case.exposure.gross_without_exits.saturating_add(value(case.adds, case.order.price));
    let requirement = gross.saturating_mul(i128::from(guard.maintenance_frac.0));
    let level = share_of(Fraction::ONE, view.equity).saturating_sub(requirement);
    match level >= share_of(buffer, view.equity) {
        true => Finding::Pass,
        false => {
            let value = level as f64 / scaled(1) as f64 / 1e6 / view.equity.0 as f64;
            Finding::Deny { code: Code::IntradayMargin, limit: buffer.to_f64(), value }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::setting::*;
    use super::*;
    use crate::risk::intraday_margin::{deficit, level};
    use crate::risk::{AccountView, Date, DatedProfile, DayTrades, Policy};
    use crate::units::{Money, Side};

    fn guarded() -> Policy {
        let mut policy = Policy::unlimited();
        policy.pdt_guard.intraday_buffer_frac = bps(500);
        let from = Date::parse("2026-06-04");
        policy.pdt_guard.profiles = vec![DatedProfile { from, to: None, profile: Profile::IntradayMargin }];
        policy
    }

    fn on<'a>(text: &str, book: &'a DayTrades) -> AccountView<'a> {
        AccountView { date: Date::parse(text).unwrap().0, ..account(book) }
    }

    #[test]
    fn it_alone_keeps_the_projected_level_above_the_buffer() {
        let (policy, book) = (guarded(), DayTrades::new());
        // Equity 100,000, maintenance 25%: the level is 5,000 (the buffer) with 380,000 of stock, 7,600 shares at $50.
        let view = on("2026-06-04", &book);
        assert_eq!(outcome(&policy, &view, &buy(7_600, 50)), (Code::WithinLimits, 7_600));
        assert_eq!(outcome(&policy, &view, &buy(7_601, 50)), (Code::IntradayMargin, 0));
        assert_eq!(outcome(&policy, &on("2026-06-03", &book), &buy(7_601, 50)), (Code::WithinLimits, 7_601));
    }

    #[test]
    fn the_worst_order_of_fills_is_assumed() {
        let (policy, book) = (guarded(), DayTrades::new());
        let (holdings, orders) =
            ([held(1, 2_000, 100)], [leaving(1, Side::Sell, 2_000, 100), working(2, Side::Sell, 1_000, 80)]);
        // 200,000 held though it is being sold, 80,000 of shorts working: 100,000 are left, 2,000 shares at $50.
        let view = AccountView { holdings: &holdings, working: &orders, ..on("2026-11-23", &book) };
        assert_eq!(outcome(&policy, &view, &buy(2_000, 50)), (Code::WithinLimits, 2_000));
        assert_eq!(outcome(&policy, &view, &buy(2_001, 50)), (Code::IntradayMargin, 0));
    }

    #[test]
    fn without_leverage_no_purchase_makes_a_deficit() {
        let (mut policy, book) = (guarded(), DayTrades::new());
        policy.position_limits.no_leverage = true;
        for held_shares in [0, 500, 1_000, 1_999, 2_000] {
            let holdings = [held(1, held_shares, 50)];
            let cash = usd(100_000 - held_shares * 50);
            let view = AccountView { holdings: &holdings, cash, ..on("2026-11-23", &book) };
            for shares in [1, 100, 1_000, 2_000, 3_000] {
                let verdict = judge(&policy, &view, &buy(shares, 50));
                assert_ne!(verdict.code, Code::IntradayMargin);
                // Stock of 100,000 at most needs 25,000 of 100,000.
                let stock = usd(held_shares * 50).0 + verdict.admitted.0 * 50;
                assert_eq!(deficit(level(view.equity, Money(stock / 4))), Money::ZERO);
            }
        }
    }
}
