//! The loss of a position at its stop stays within its share of equity: shares x |entry - stop|.
//!
//! All shares of the symbol on the order's side count at this order's stop. The entry is the worse of the reference
//! price and the close. Without a stop the position gets one where its loss is the limit, so there is nothing to cut.

use super::{Case, Finding, room};
use crate::risk::exposure::value;
use crate::risk::verdict::Code;
use crate::units::{Price, Shares, Side};

pub fn check(case: &Case) -> Finding {
    let order = case.order;
    let (Some(limit), Some(stop)) = (case.policy.position_limits.stop_loss_frac, order.stop_price) else {
        return Finding::Pass;
    };
    let entry = match order.side {
        Side::Buy => order.price.max(order.close),
        Side::Sell => order.price.min(order.close),
    };
    let distance = Price(entry.0.saturating_sub(stop.0).saturating_mul(order.side.sign()));
    if distance.0 <= 0 {
        return Finding::Deny { code: Code::StopWrongSide, limit: entry.to_f64(), value: stop.to_f64() };
    }
    let base = value(case.exposure.symbol_shares, distance);
    room::fits(case, Code::StopLossMax, limit, base, value(Shares::ONE, distance))
}

#[cfg(test)]
mod tests {
    use super::super::setting::*;
    use super::*;
    use crate::risk::{AccountView, Candidate, DayTrades, Policy};

    fn capped() -> Policy {
        let mut policy = Policy::unlimited();
        policy.position_limits.stop_loss_frac = bps(200);
        policy
    }

    #[test]
    fn it_alone_cuts_the_order_to_the_allowed_loss() {
        let (policy, book) = (capped(), DayTrades::new());
        let view = account(&book);
        let with = |order: Candidate, stop| Candidate { stop_price: Some(price(stop)), ..order };
        // 2% of 100,000 is 2,000: 200 shares $10 from the stop, 285.7 shares $7 from it.
        assert_eq!(outcome(&policy, &view, &with(buy(200, 50), 40)), (Code::WithinLimits, 200));
        assert_eq!(outcome(&policy, &view, &with(buy(201, 50), 40)), (Code::StopLossMax, 200));
        assert_eq!(outcome(&policy, &view, &with(sell(500, 50), 57)), (Code::StopLossMax, 285));
        assert_eq!(outcome(&policy, &view, &buy(1_900, 50)), (Code::WithinLimits, 1_900));
        let holdings = [held(0, 150, 50)];
        let view = AccountView { holdings: &holdings, ..view };
        assert_eq!(outcome(&policy, &view, &with(buy(200, 50), 40)), (Code::StopLossMax, 50));
    }

    #[test]
    fn a_stop_on_the_wrong_side_is_refused() {
        let (policy, book) = (capped(), DayTrades::new());
        for order in [
            Candidate { stop_price: Some(price(50)), ..buy(1, 50) },
            Candidate { stop_price: Some(price(51)), ..buy(1, 50) },
            Candidate { stop_price: Some(price(49)), ..sell(1, 50) },
        ] {
            assert_eq!(outcome(&policy, &account(&book), &order), (Code::StopWrongSide, 0));
        }
    }
}
