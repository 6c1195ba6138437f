//! Limits on the account: they reject, and only what adds risk.

use crate::market::{BARS_PER_SESSION, Bar, Market, at, buy, only, scripted, sell};
use serde_json::json;

const DATE: (i32, u32, u32) = (2010, 1, 4);

/// 30-minute bars at 100, some of them replaced.
fn half_hours(sessions: usize, changes: &[(usize, Bar)]) -> Vec<Bar> {
    let mut bars = vec![at(100.0); sessions * BARS_PER_SESSION];
    changes.iter().for_each(|&(step, bar)| bars[step] = bar);
    bars
}

#[test]
fn max_drawdown_halts_entries_until_the_simulation_resets_it() {
    // 500 of AAA at 100 fall to 75: equity 87,500, 12.5% under its high. BBB asks at every close from then on. AAA is
    // back at 100 a session later, but the halt of session 2 lasts three sessions, to the close of 5.
    let mut falls = vec![buy(100.0), at(100.0), at(75.0)];
    falls.extend([at(100.0); 5]);
    let mut asks = vec![at(50.0), at(50.0)];
    asks.extend([buy(50.0); 6]);
    let market = Market::daily(DATE, &[("AAA", &falls), ("BBB", &asks)]);
    let strategy = scripted(&["AAA", "BBB"], 500);
    let each = |step| [("AAA", 1, 500.0, 100.0), ("BBB", step, 500.0, 50.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(3));
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_drawdown_frac", json!(0.1))));
    assert_eq!(limited.fills(), each(6));
    assert_eq!(limited.objections(), [("BBB", 2, "DRAWDOWN"), ("BBB", 3, "DRAWDOWN"), ("BBB", 4, "DRAWDOWN")]);
    limited.assert_first_objection("REJECT", 0.1, 0.125, 500.0, 0.0);
    assert_eq!(limited.output.counters.resumes, 1);
}

#[test]
fn max_daily_loss_is_measured_from_the_session_before() {
    // 500 of AAA fall from 100 to 92: $4,000 of 100,000. At the close after, the loss of that day is nothing.
    let falls = [buy(100.0), at(100.0), at(92.0), at(92.0), at(92.0)];
    let asks = [at(50.0), at(50.0), buy(50.0), buy(50.0), at(50.0)];
    let market = Market::daily(DATE, &[("AAA", &falls), ("BBB", &asks)]);
    let strategy = scripted(&["AAA", "BBB"], 500);
    let each = |step| [("AAA", 1, 500.0, 100.0), ("BBB", step, 500.0, 50.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(3));
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_daily_loss_frac", json!(0.03))));
    assert_eq!(limited.fills(), each(4));
    assert_eq!(limited.objections(), [("BBB", 2, "DAILY_LOSS")]);
    limited.assert_first_objection("REJECT", 0.03, 0.04, 500.0, 0.0);
}

#[test]
fn max_daily_loss_within_a_session_follows_the_bars() {
    // 300 of AAA, held since the first session, fall on the second from 100 to 97 (0.9% of equity), to 93 (2.1%; from bar
    // to bar only $1,200 of 99,100, or 1.2%) and rise to 95 (1.5%). BBB asks at the first of these bars, CCC at the others.
    let falls = half_hours(2, &[(0, buy(100.0)), (13, at(97.0)), (14, at(93.0)), (15, at(95.0)), (16, at(95.0))]);
    let early = half_hours(2, &[(13, buy(100.0))]);
    let late = half_hours(2, &[(14, buy(100.0)), (15, buy(100.0))]);
    let market = Market::half_hours(&[("AAA", &falls), ("BBB", &early), ("CCC", &late)]);
    let strategy = scripted(&["AAA", "BBB", "CCC"], 300);
    let each = |step| [("AAA", 1, 300.0, 100.0), ("BBB", 14, 300.0, 100.0), ("CCC", step, 300.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(15));
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_daily_loss_frac", json!(0.02))));
    assert_eq!(limited.fills(), each(16));
    assert_eq!(limited.objections(), [("CCC", 14, "DAILY_LOSS")]);
    limited.assert_first_objection("REJECT", 0.02, 0.021, 300.0, 0.0);
}

#[test]
fn max_positions_counts_what_is_held_and_what_is_on_its_way() {
    // AAA and BBB take both places; CCC asks with them and again when AAA leaves, whose sale is booked first.
    let market = Market::daily(
        DATE,
        &[
            ("AAA", &[buy(100.0), at(100.0), sell(100.0), at(100.0)]),
            ("BBB", &[buy(100.0), at(100.0), at(100.0), at(100.0)]),
            ("CCC", &[buy(100.0), at(100.0), buy(100.0), at(100.0)]),
        ],
    );
    let strategy = scripted(&["AAA", "BBB", "CCC"], 100);
    let opened = [("AAA", 1, 100.0, 100.0), ("BBB", 1, 100.0, 100.0), ("CCC", 1, 100.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills()[..3], opened);
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_positions", json!(2))));
    let later = [("AAA", 3, -100.0, 100.0), ("CCC", 3, 100.0, 100.0)];
    assert_eq!(limited.fills(), [&opened[..2], &later].concat());
    assert_eq!(limited.objections(), [("CCC", 0, "MAX_POSITIONS")]);
    limited.assert_first_objection("REJECT", 2.0, 3.0, 100.0, 0.0);
}

#[test]
fn max_daily_trades_counts_the_orders_of_a_session() {
    // AAA and BBB ask in the first half hour of a session, CCC in the third and in the first of the next session.
    let first = half_hours(2, &[(0, buy(100.0))]);
    let third = half_hours(2, &[(2, buy(100.0)), (13, buy(100.0))]);
    let market = Market::half_hours(&[("AAA", &first), ("BBB", &first), ("CCC", &third)]);
    let strategy = scripted(&["AAA", "BBB", "CCC"], 100);
    let each = |step| [("AAA", 1, 100.0, 100.0), ("BBB", 1, 100.0, 100.0), ("CCC", step, 100.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(3));
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_daily_trades", json!(2))));
    assert_eq!(limited.fills(), each(14));
    assert_eq!(limited.objections(), [("CCC", 2, "MAX_DAILY_TRADES")]);
    limited.assert_first_objection("REJECT", 2.0, 3.0, 100.0, 0.0);
}

#[test]
fn max_daily_trades_lets_exits_go() {
    // The one order that is allowed per session is the sale of AAA; the purchase of BBB at the same close is too many.
    let market = Market::daily(
        DATE,
        &[
            ("AAA", &[buy(100.0), at(100.0), sell(100.0), at(100.0), at(100.0)]),
            ("BBB", &[at(100.0), at(100.0), buy(100.0), buy(100.0), at(100.0)]),
        ],
    );
    let strategy = scripted(&["AAA", "BBB"], 100);
    let each = |step| [("AAA", 1, 100.0, 100.0), ("AAA", 3, -100.0, 100.0), ("BBB", step, 100.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(3));
    let limited = market.run(&strategy, Some(only("portfolio_limits", "max_daily_trades", json!(1))));
    assert_eq!(limited.fills(), each(4));
    assert_eq!(limited.objections(), [("BBB", 2, "MAX_DAILY_TRADES")]);
}

#[test]
fn min_cash_reserve_keeps_its_part_of_equity_in_cash() {
    // After AAA $89,900 are left, after BBB it would be $79,800: under 85%.
    let bars = [buy(100.0), at(100.0)];
    let market = Market::daily(DATE, &[("AAA", &bars), ("BBB", &bars)]);
    let strategy = scripted(&["AAA", "BBB"], 100);
    let both = [("AAA", 1, 100.0, 100.0), ("BBB", 1, 100.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills(), both);
    let limited = market.run(&strategy, Some(only("portfolio_limits", "min_cash_reserve_frac", json!(0.85))));
    assert_eq!(limited.fills(), both[..1]);
    assert_eq!(limited.objections(), [("BBB", 0, "CASH_RESERVE")]);
    limited.assert_first_objection("REJECT", 0.85, 0.798, 100.0, 0.0);
}
