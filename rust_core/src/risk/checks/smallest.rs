//! What an order adds is at least the smallest quantity that can be traded.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let lot = case.lot();
    match case.adds >= lot {
        true => Finding::Pass,
        false => Finding::Deny { code: Code::BelowOneShare, limit: lot.to_f64(), value: case.adds.to_f64() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{Candidate, DayTrades, Policy};
    use crate::units::Shares;

    #[test]
    fn less_than_a_share_is_refused_unless_fractions_trade() {
        let (policy, book) = (Policy::unlimited(), DayTrades::new());
        let half = Candidate { quantity: Shares(500_000), ..buy(1, 50) };
        assert_eq!(judge(&policy, &account(&book), &half).code, Code::BelowOneShare);
        let fractional = Candidate { lot: Shares(1), ..half };
        assert_eq!(judge(&policy, &account(&book), &fractional).admitted, Shares(500_000));
    }
}
