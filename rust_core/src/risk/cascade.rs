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
/// another limit takes away, so tightening one limit never lets more through.
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

/// Judges an order as sizing meant it: first the cap of a position is laid on the quantity, as on any size, then what is
/// left goes through the cascade. An order for all of equity under a cap of 5% asks the other limits for 5%. The verdict
/// speaks of the quantity that was asked for.
///
/// The law of tightening holds for [`assess`]; here a tighter cap may let an order through that a limit which rejects
/// would have refused for its size.
pub fn admit(policy: &Policy, waived: &Waived, view: &AccountView, order: &Candidate) -> Verdict {
    let closing = closing_part(view, order);
    let exposure = Exposure::of(view, order, closing);
    let case = Case { policy, waived, view, order, adds: order.quantity - closing, exposure };
    let Finding::Cap { code, limit, value, adds } = max_position::check(&case) else {
        return assess(policy, waived, view, order);
    };
    let quantity = closing + case.whole_lots(adds);
    if quantity <= closing || !order.opens || view.equity.0 <= 0 {
        return assess(policy, waived, view, order);
    }
    let verdict = assess(policy, waived, view, &Candidate { quantity, ..*order });
    match verdict.action {
        Action::Approve => Verdict::new(code, limit, value, order.quantity, quantity),
        _ => Verdict { requested: order.quantity, ..verdict },
    }
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

#[cfg(test)]
mod tests {
    use super::super::checks::setting::*;
    use super::*;
    use crate::risk::{AutonomyMode, DayTrades};

    #[test]
    fn sizing_meets_the_cap_before_it_asks_for_cash() {
        let (mut policy, waived, book) = (Policy::unlimited(), Waived::default(), DayTrades::new());
        policy.position_limits.max_position_frac = bps(500);
        policy.portfolio_limits.min_cash_reserve_frac = bps(1_000);
        let (view, order) = (account(&book), buy(2_000, 50));
        // All of 100,000 would leave no cash; 5% of it, 100 shares at $50, leaves enough.
        assert_eq!(outcome(&policy, &view, &order), (Code::CashReserve, 0));
        let verdict = admit(&policy, &waived, &view, &order);
        assert_eq!((verdict.action, verdict.code), (Action::ReduceSize, Code::PositionMax));
        assert_eq!((verdict.requested, verdict.admitted), (Shares::whole(2_000), Shares::whole(100)));
        // A limit that still rejects has the last word, and so has a person.
        let poor = AccountView { cash: usd(14_999), ..view };
        let verdict = admit(&policy, &waived, &poor, &order);
        assert_eq!(
            (verdict.code, verdict.requested, verdict.admitted),
            (Code::CashReserve, Shares::whole(2_000), Shares::ZERO)
        );
        policy.autonomy_mode = AutonomyMode::ManualApproval;
        let verdict = admit(&policy, &waived, &view, &order);
        assert_eq!((verdict.action, verdict.admitted), (Action::RequireHumanApproval, Shares::whole(100)));
    }

    #[test]
    fn the_steps_are_asked_in_their_order() {
        let (mut policy, book) = (Policy::unlimited(), DayTrades::new());
        policy.circuit_breakers.vix_threshold = Some(35.0);
        policy.position_limits.min_price_usd = Some(price(60));
        policy.portfolio_limits.max_daily_trades = Some(1);
        policy.autonomy_mode = AutonomyMode::ManualApproval;
        let mut view = AccountView { killed: true, vix: Some(40.0), orders_today: 1, ..account(&book) };
        let mut seen = Vec::new();
        for lift in 0..5 {
            seen.push(judge(&policy, &view, &buy(100, 50)).code);
            match lift {
                0 => view.killed = false,
                1 => view.vix = Some(20.0),
                2 => policy.position_limits.min_price_usd = None,
                _ => view.orders_today = 0,
            }
        }
        let expected =
            [Code::KillSwitch, Code::Vix, Code::MinPrice, Code::MaxDailyTrades, Code::AutonomyManualApproval];
        assert_eq!(seen, expected);
        assert!(seen.is_sorted_by_key(|code| code.step()));
    }
}
