//! The cash left after all purchases, without the proceeds of shorts, stays above its share of equity (SEMANTICS 22).

use super::{Case, Finding};
use crate::risk::exposure::{scaled, share_of, value};
use crate::risk::verdict::Code;
use crate::units::{Shares, Side};

pub fn check(case: &Case) -> Finding {
    let Some(limit) = case.policy.portfolio_limits.min_cash_reserve_frac else { return Finding::Pass };
    let bought = if case.order.side == Side::Buy { case.adds } else { Shares::ZERO };
    let left = case.exposure.free_cash.saturating_sub(value(bought, case.order.price));
    match scaled(left) >= share_of(limit, case.view.equity) {
        true => Finding::Pass,
        false => {
            let value = left as f64 / 1e6 / case.view.equity.0 as f64;
            Finding::Deny { code: Code::CashReserve, limit: limit.to_f64(), value }
        }
    }
}
