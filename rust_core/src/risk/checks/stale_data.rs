//! No entries on market data that is too old, of unknown age, or from the future.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.stale_data_s {
        Some(limit) => at_most(Code::StaleData, limit.into(), case.view.data_age_s.filter(|&age| age >= 0.0)),
        None => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    #[test]
    fn it_alone_stops_entries_beyond_the_limit_or_when_unknown() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let with = |value| AccountView { data_age_s: value, ..account(&book) };
        assert_passes(&policy, &with(None));
        policy.circuit_breakers.stale_data_s = Some(300);
        assert_passes(&policy, &with(Some(300.0)));
        assert_blocks_entries_only(&policy, &with(Some(300.5)), Code::StaleData);
        for unknown in [None, Some(f64::NAN), Some(-1.0)] {
            assert_blocks_entries_only(&policy, &with(unknown), Code::StaleData);
        }
    }
}
