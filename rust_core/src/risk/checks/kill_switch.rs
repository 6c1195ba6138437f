//! Nothing leaves while the kill switch is on, exits included.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.view.killed {
        true => Finding::Deny { code: Code::KillSwitch, limit: 0.0, value: 0.0 },
        false => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};

    #[test]
    fn it_stops_exits_too() {
        let (policy, book, holdings) = (Policy::unlimited(), DayTrades::new(), [held(0, 100, 50)]);
        let view = AccountView { killed: true, holdings: &holdings, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &exit(100, 50)), (Code::KillSwitch, 0));
        assert_eq!(outcome(&policy, &view, &buy(100, 50)), (Code::KillSwitch, 0));
    }
}
