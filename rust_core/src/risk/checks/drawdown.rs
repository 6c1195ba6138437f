//! No entries after a fall from the high-water mark beyond the limit, until it is reset.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let limit = case.policy.portfolio_limits.max_drawdown_frac;
    let (now, high) = (case.view.equity, case.view.high_water);
    match case.view.drawdown_halt || case.policy.is_drawdown_breached(now, high) {
        true => Finding::Deny {
            code: Code::Drawdown,
            limit: limit.map_or(f64::NAN, |limit| limit.to_f64()),
            value: 1.0 - now.to_f64() / high.to_f64(),
        },
        false => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    #[test]
    fn it_alone_stops_entries_after_the_fall_and_until_the_reset() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let with = |high| AccountView { high_water: usd(high), ..account(&book) };
        assert_passes(&policy, &with(200_000));
        policy.portfolio_limits.max_drawdown_frac = bps(1_000);
        // From 111,111 to 100,000 is 9.9999%, from 111,112 it is 10.0007%.
        assert_passes(&policy, &with(111_111));
        assert_blocks_entries_only(&policy, &with(111_112), Code::Drawdown);
        assert_blocks_entries_only(&policy, &with(0), Code::Drawdown);
        let halted = AccountView { drawdown_halt: true, ..account(&book) };
        assert_blocks_entries_only(&policy, &halted, Code::Drawdown);
        assert!(policy.is_drawdown_breached(usd(89_999), usd(100_000)));
        assert!(!policy.is_drawdown_breached(usd(90_000), usd(100_000)));
    }
}
