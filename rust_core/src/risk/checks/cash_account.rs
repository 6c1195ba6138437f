//! A cash account buys with settled cash only, which rules out free-riding (Regulation T, 12 CFR 220.8), and does not
//! sell short.

use super::{Case, Finding};
use crate::risk::exposure::{pico, value};
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;
use crate::units::Side;

pub fn check(case: &Case) -> Finding {
    let view = case.view;
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::CashAccount) {
        return Finding::Pass;
    }
    let cost = value(case.adds, case.order.price).saturating_add(case.exposure.committed);
    let settled = view.unsettled.filter(|unsettled| unsettled.0 >= 0).map(|unsettled| view.cash - unsettled);
    match settled {
        Some(settled) if case.order.side == Side::Buy && cost <= pico(settled) => Finding::Pass,
        _ => Finding::Deny {
            code: Code::CashSettlement,
            limit: settled.map_or(f64::NAN, |settled| settled.to_f64()),
            value: cost as f64 / 1e12,
        },
    }
}
