//! No entries while the books and the broker differ, or have not been compared.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.max_drift_frac {
        Some(limit) => at_most(Code::Drift, limit.to_f64(), case.view.drift_frac.map(f64::abs)),
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
        let with = |value| AccountView { drift_frac: value, ..account(&book) };
        assert_passes(&policy, &with(None));
        policy.circuit_breakers.max_drift_frac = bps(100);
        assert_passes(&policy, &with(Some(-0.01)));
        assert_blocks_entries_only(&policy, &with(Some(-0.0101)), Code::Drift);
        for unknown in [None, Some(f64::NAN)] {
            assert_blocks_entries_only(&policy, &with(unknown), Code::Drift);
        }
    }
}
