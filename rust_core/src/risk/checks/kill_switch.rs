//! Nothing leaves while the kill switch is on, exits included.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.view.killed {
        true => Finding::Deny { code: Code::KillSwitch, limit: 0.0, value: 0.0 },
        false => Finding::Pass,
    }
}
