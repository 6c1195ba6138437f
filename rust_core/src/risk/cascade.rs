//! The order in which the checks are asked. This page is the cascade.

use super::checks::*;
use super::exposure::Exposure;
use super::inputs::Waived;
use super::policy::Policy;
use super::verdict::{Action, Code, Verdict};
use super::{AccountView, Candidate};
use crate::units::Shares;

/// Every order.
const ALWAYS: [Check; 2] = [kill_switch::check, order::check];

/// Orders that add risk, each asked for the quantity the order came with: a limit that rejects does not depend on what
/// another limit takes away, so tightening one limit never lets more through (SEMANTICS 21).
const ADDING: [Check; 21] = [
    // the order and the account's figures
    exit_size::check,
    smallest::check,
    account::check,
    // circuit breakers
    vix::check,
    stale_data::check,
    drift::check,
    dead_man::check,
    // day-trading guard
    legacy_pdt::check,
    intraday_margin::check,
    cash_account::check,
    // position limits
    min_price::check,
    max_position::check,
    max_sector::check,
    stop_loss::check,
    no_leverage::check,
    // portfolio limits
    drawdown::check,
    daily_loss::check,
    max_positions::check,
    max_daily_trades::check,
    cash_reserve::check,
    autonomy::check,
];

/// Judges one order: the part of it that closes a holding passes all but the kill switch; the part that opens or adds
/// goes through the whole cascade. The verdict names the limit that rejected, or that cut the most.
pub fn assess(policy: &Policy, waived: &Waived, view: &AccountView, order: &Candidate) -> Verdict {
    let closing = closing_part(view, order);
    let mut case = Case { policy, waived, view, order, adds: order.quantity - closing, exposure: Exposure::default() };
    for check in ALWAYS {
        if let Finding::Deny { code, limit, value } = check(&case) {
            return Verdict::new(code, limit, value, order.quantity, Shares::ZERO);
        }
    }
    let mut verdict = Verdict::new(Code::WithinLimits, 0.0, 0.0, order.quantity, order.quantity);
    if case.adds.0 <= 0 {
        return verdict;
    }
    case.exposure = Exposure::of(view, order, closing);
    for check in ADDING {
        match check(&case) {
            Finding::Pass => {}
            Finding::Deny { code, limit, value } => return Verdict::new(code, limit, value, order.quantity, closing),
            Finding::Cap { code, limit, value, adds } => {
                let admitted = closing + case.whole_lots(adds);
                if admitted <= closing {
                    return Verdict::new(code, limit, value, order.quantity, closing);
                }
                if admitted < verdict.admitted {
                    verdict = Verdict::new(code, limit, value, order.quantity, admitted);
                }
            }
            Finding::Ask { code } => {
                verdict.action = Action::RequireHumanApproval;
                (verdict.code, verdict.step, verdict.limit, verdict.value) = (code, code.step(), 0.0, 0.0);
            }
        }
    }
    verdict
}

/// How much of an order closes what is held. An exit may close the whole holding, whatever else is working, so that a
/// resting stop never traps it; an order that may open counts what other orders on its side close before it.
fn closing_part(view: &AccountView, order: &Candidate) -> Shares {
    let held = view.holdings.iter().filter(|h| h.symbol == order.symbol).map(|h| h.quantity.0).sum::<i64>();
    let mut opposite = held.saturating_mul(-order.side.sign()).max(0);
    if order.opens && opposite > 0 {
        let ahead = view.working.iter().filter(|w| w.symbol == order.symbol && w.side == order.side);
        opposite = ahead.fold(opposite, |left, w| left.saturating_sub(w.quantity.0.max(0))).max(0);
    }
    Shares(opposite.min(order.quantity.0.max(0)))
}
