//! The account's figures are known: equity above zero, and a price for everything held or about to be.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    if case.view.equity.0 <= 0 {
        return Finding::Deny { code: Code::NoEquity, limit: 0.0, value: case.view.equity.to_f64() };
    }
    match case.exposure.mark_missing {
        true => Finding::Deny { code: Code::MarkMissing, limit: 0.0, value: 0.0 },
        false => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, DayTrades, Policy};
    use crate::units::Side;

    #[test]
    fn no_entry_without_equity_or_with_a_holding_of_unknown_price() {
        let (policy, book) = (Policy::unlimited(), DayTrades::new());
        let ruined = AccountView { equity: usd(0), ..account(&book) };
        assert_blocks_entries_only(&policy, &ruined, Code::NoEquity);
        let holdings = [held(1, 10, 0)];
        let unknown = AccountView { holdings: &holdings, ..account(&book) };
        assert_eq!(outcome(&policy, &unknown, &buy(100, 50)), (Code::MarkMissing, 0));
        let orders = [working(1, Side::Buy, 10, 0)];
        let unknown = AccountView { working: &orders, ..account(&book) };
        assert_eq!(outcome(&policy, &unknown, &buy(100, 50)), (Code::MarkMissing, 0));
    }
}
