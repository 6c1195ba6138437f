//! The positions of one sector stay within their share of equity; an unknown sector refuses.

use super::{Case, Finding, room};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    match case.policy.position_limits.max_sector_frac {
        Some(_) if case.waived.sector => Finding::Pass,
        Some(_) if case.order.sector.is_none() => Finding::Deny { code: Code::SectorUnknown, limit: 0.0, value: 0.0 },
        Some(limit) => room::within(case, Code::SectorMax, limit, case.exposure.sector),
        None => Finding::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Candidate, DayTrades, Holding, Policy, Waived, Working, assess};
    use crate::units::Side;

    fn capped() -> Policy {
        let mut policy = Policy::unlimited();
        policy.position_limits.max_sector_frac = bps(2_500);
        policy
    }

    #[test]
    fn it_alone_cuts_the_order_to_what_the_sector_has_left() {
        let (policy, book) = (capped(), DayTrades::new());
        let in_sector = |holding| Holding { sector: Some(0), ..holding };
        // 25,000 less 12,000 long, 8,000 short and 3,000 working leave 2,000: 40 shares at $50.
        let holdings = [in_sector(held(1, 120, 100)), in_sector(held(2, -80, 100)), held(3, 500, 100)];
        let orders = [Working { sector: Some(0), ..working(4, Side::Buy, 30, 100) }];
        let view = AccountView { holdings: &holdings, working: &orders, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &buy(100, 50)), (Code::SectorMax, 40));
        assert_eq!(outcome(&policy, &view, &buy(40, 50)), (Code::WithinLimits, 40));
        let other = Candidate { sector: Some(9), ..buy(500, 50) };
        assert_eq!(outcome(&policy, &view, &other), (Code::WithinLimits, 500));
        // An exit at the next open makes room.
        let orders = [orders[0], leaving(1, Side::Sell, 120, 100)];
        let view = AccountView { working: &orders, ..view };
        assert_eq!(outcome(&policy, &view, &buy(500, 50)), (Code::SectorMax, 280));
    }

    #[test]
    fn an_unknown_sector_refuses_and_an_unknown_holding_counts_everywhere() {
        let (policy, book) = (capped(), DayTrades::new());
        let unknown = Candidate { sector: None, ..buy(1, 50) };
        assert_eq!(outcome(&policy, &account(&book), &unknown), (Code::SectorUnknown, 0));
        let waived = Waived { sector: true, ..Waived::default() };
        assert_eq!(assess(&policy, &waived, &account(&book), &unknown).code, Code::WithinLimits);
        let holdings = [Holding { sector: None, ..held(1, 240, 100) }];
        let view = AccountView { holdings: &holdings, ..account(&book) };
        assert_eq!(outcome(&policy, &view, &buy(100, 50)), (Code::SectorMax, 20));
    }
}
