//! No entries while the CBOE volatility index is above the threshold, or unknown.

use super::{Case, Finding, at_most};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.circuit_breakers.vix_threshold {
        Some(limit) if !case.waived.vix => {
            let known = case.view.vix.filter(|vix| vix.is_finite());
            at_most(if known.is_some() { Code::Vix } else { Code::VixMissing }, limit, known)
        }
        _ => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy, Waived, assess};

    #[test]
    fn it_alone_stops_entries_beyond_the_limit_or_when_unknown() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        let with = |value| AccountView { vix: value, ..account(&book) };
        assert_passes(&policy, &with(None));
        policy.circuit_breakers.vix_threshold = Some(35.0);
        assert_passes(&policy, &with(Some(35.0)));
        assert_blocks_entries_only(&policy, &with(Some(35.01)), Code::Vix);
        assert_blocks_entries_only(&policy, &with(None), Code::VixMissing);
        assert_blocks_entries_only(&policy, &with(Some(f64::NAN)), Code::VixMissing);
        let waived = Waived { vix: true, ..Waived::default() };
        assert_eq!(assess(&policy, &waived, &with(None), &buy(100, 50)).code, Code::WithinLimits);
    }
}
