//! The intraday margin level, were every pending order filled and no exit, keeps a buffer: FINRA Rule 4210(d)(2) from
//! 2026-06-04. Without leverage no purchase can bring it there.

use super::{Case, Finding};
use crate::risk::exposure::{scaled, share_of, value};
use crate::risk::fraction::Fraction;
use crate::risk::profile::Profile;
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    let (guard, view) = (&case.policy.pdt_guard, case.view);
    let Some(buffer) = guard.intraday_buffer_frac else { return Finding::Pass };
    if !case.policy.profiles_on(view.date).any(|profile| profile == Profile::IntradayMargin) {
        return Finding::Pass;
    }
    let gross = case.exposure.gross_without_exits.saturating_add(value(case.adds, case.order.price));
    let requirement = gross.saturating_mul(i128::from(guard.maintenance_frac.0));
    let level = share_of(Fraction::ONE, view.equity).saturating_sub(requirement);
    match level >= share_of(buffer, view.equity) {
        true => Finding::Pass,
        false => {
            let value = level as f64 / scaled(1) as f64 / 1e6 / view.equity.0 as f64;
            Finding::Deny { code: Code::IntradayMargin, limit: buffer.to_f64(), value }
        }
    }
}
