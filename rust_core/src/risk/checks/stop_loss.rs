//! The loss of a position at its stop stays within its share of equity: shares x |entry - stop| (SEMANTICS 20).
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
