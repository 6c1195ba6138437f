//! No entries when no person has confirmed for too long.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.dead_man_switch_h {
        Some(limit) => at_most(Code::DeadMan, limit.into(), case.view.operator_age_h.filter(|&age| age >= 0.0)),
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
        let with = |value| AccountView { operator_age_h: value, ..account(&book) };
        assert_passes(&policy, &with(None));
        policy.circuit_breakers.dead_man_switch_h = Some(48);
        assert_passes(&policy, &with(Some(48.0)));
        assert_blocks_entries_only(&policy, &with(Some(48.1)), Code::DeadMan);
        for unknown in [None, Some(f64::NAN), Some(-1.0)] {
            assert_blocks_entries_only(&policy, &with(unknown), Code::DeadMan);
        }
    }
}
