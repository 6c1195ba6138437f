//! At most three day trades in five sessions, under $25,000 of equity: old FINRA Rule 4210(f)(8)(B).
//!
//! Entries alone are gated. Each position opened in the session, and each opening order that is working, reserves one
//! day trade, because its stop may fire; an entry needs one more.

use super::{Case, Finding};
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (guard, view) = (&case.policy.pdt_guard, case.view);
    let Some(limit) = guard.max_day_trades else { return Finding::Pass };
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::LegacyPdt) {
        return Finding::Pass;
    }
    if guard.min_equity_usd.is_some_and(|least| view.previous_close_equity >= least && view.equity >= least) {
        return Finding::Pass;
    }
    let window = view.day_trades.window(view.session, guard.window_business_days);
    let made_or_forced = window.plus(view.day_trades.reserved(view.session)).by(guard.counting);
    let pending = view.working.iter().filter(|w| w.opens).count();
    let with_this = u64::from(made_or_forced) + pending as u64 + 1;
    match with_this <= u64::from(limit) {
        true => Finding::Pass,
        false => Finding::Deny { code: Code::PdtLegacy, limit: limit.into(), value: with_this as f64 },
    }
}
