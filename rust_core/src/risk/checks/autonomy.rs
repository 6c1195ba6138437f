//! Whether a person must say yes. Exits need nobody. In PAPER_ONLY the paper account takes the order; which account is
//! the broker's matter.

use super::{Case, Finding};
use crate::risk::policy::AutonomyMode;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.autonomy_mode {
        AutonomyMode::ManualApproval => Finding::Ask { code: Code::AutonomyManualApproval },
        AutonomyMode::PaperOnly | AutonomyMode::BoundedAutonomous | AutonomyMode::FullAutonomous => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Action, DayTrades, Policy};
    use crate::units::Shares;

    #[test]
    fn manual_approval_asks_a_person_for_entries_and_for_what_fits() {
        let (mut policy, book, holdings) = (Policy::unlimited(), DayTrades::new(), [held(0, 60, 50)]);
        policy.autonomy_mode = AutonomyMode::ManualApproval;
        let view = account(&book);
        let verdict = judge(&policy, &view, &buy(100, 50));
        assert_eq!((verdict.action, verdict.code), (Action::RequireHumanApproval, Code::AutonomyManualApproval));
        assert_eq!(verdict.admitted, Shares::whole(100));
        policy.position_limits.max_position_frac = bps(400);
        let verdict = judge(&policy, &view, &buy(100, 50));
        assert_eq!((verdict.action, verdict.admitted), (Action::RequireHumanApproval, Shares::whole(80)));
        let view = AccountView { holdings: &holdings, ..view };
        assert_eq!(judge(&policy, &view, &exit(60, 50)).action, Action::Approve);
        for mode in [AutonomyMode::PaperOnly, AutonomyMode::BoundedAutonomous, AutonomyMode::FullAutonomous] {
            policy.autonomy_mode = mode;
            policy.position_limits.max_position_frac = None;
            assert_passes(&policy, &account(&book));
        }
    }
}
