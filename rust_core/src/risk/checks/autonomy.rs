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
