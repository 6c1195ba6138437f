//! No entries after a fall from the previous session's close beyond the limit.

use super::{Case, Finding};
use crate::risk::policy::fell_within;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (now, before) = (case.view.equity, case.view.previous_close_equity);
    match case.policy.portfolio_limits.max_daily_loss_frac {
        Some(limit) if !fell_within(now, before, limit) => {
            let value = 1.0 - now.to_f64() / before.to_f64();
            Finding::Deny { code: Code::DailyLoss, limit: limit.to_f64(), value }
        }
        _ => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    #[test]
    fn it_alone_stops_entries_after_a_loss_since_the_previous_close() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let with = |before| AccountView { previous_close_equity: usd(before), ..account(&book) };
        assert_passes(&policy, &with(200_000));
        policy.portfolio_limits.max_daily_loss_frac = bps(300);
        // From 103,092 to 100,000 is 2.9993%, from 103,093 it is 3.0002%.
        assert_passes(&policy, &with(103_092));
        assert_blocks_entries_only(&policy, &with(103_093), Code::DailyLoss);
        assert_blocks_entries_only(&policy, &with(0), Code::DailyLoss);
    }
}
