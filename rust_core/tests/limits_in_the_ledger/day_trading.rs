//! The rules of day trading, by date and account.

use crate::market::{BARS_PER_SESSION, Bar, Market, at, buy, dip, no_limits, scripted, sell, short};
use serde_json::{Value, json};

/// A policy with one rule of day trading and its numbers.
fn rule(profile: &str, from: &str, numbers: Value) -> Value {
    let mut policy = no_limits();
    policy["pdt_guard"]["profiles"] = json!([{"from": from, "to": null, "profile": profile}]);
    numbers.as_object().unwrap().iter().for_each(|(key, value)| policy["pdt_guard"][key] = value.clone());
    policy
}

fn legacy_pdt(numbers: Value) -> Value {
    rule("legacy_pdt", "2001-09-28", numbers)
}

#[test]
fn legacy_pdt_reserves_a_day_trade_for_each_entry_of_a_session() {
    // Any of them could be stopped out on the day it is bought: the fourth purchase could make a fourth day trade.
    const NAMES: [&str; 5] = ["AAA", "BBB", "CCC", "DDD", "EEE"];
    let bars = [buy(100.0), at(100.0)];
    let symbols = NAMES.map(|name| (name, &bars[..]));
    let all = NAMES.map(|name| (name, 1, 100.0, 100.0));
    let strategy = scripted(&NAMES, 100);
    let market = Market::daily((2010, 1, 4), &symbols);
    assert_eq!(market.run(&strategy, None).fills(), all);
    let limited = market.run(&strategy, Some(legacy_pdt(json!({"max_day_trades": 3}))));
    assert_eq!(limited.fills(), all[..3]);
    assert_eq!(limited.objections(), [("DDD", 0, "PDT_LEGACY"), ("EEE", 0, "PDT_LEGACY")]);
    limited.assert_first_objection("REJECT", 3.0, 4.0, 100.0, 0.0);

    // Decided on 2001-09-26 to be bought on the 27th: the rule begins on the 28th.
    let before = Market::daily((2001, 9, 26), &symbols);
    assert_eq!(before.run(&strategy, Some(legacy_pdt(json!({"max_day_trades": 3})))).fills(), all);
    let on_the_day = Market::daily((2001, 9, 27), &symbols);
    assert_eq!(on_the_day.run(&strategy, Some(legacy_pdt(json!({"max_day_trades": 3})))).fills(), all[..3]);
}

/// Seven sessions of half hours. On the first, three purchases are each stopped out in the half hour after them, and a
/// fourth is asked for; it is asked for again at the last bar of every session from then on.
fn stopped_out_three_times() -> Vec<Bar> {
    let mut bars = vec![at(100.0); 7 * BARS_PER_SESSION];
    for start in [0, 3, 6] {
        (bars[start], bars[start + 2]) = (buy(100.0), dip(100.0, 94.0));
    }
    bars[9] = buy(100.0);
    (1..7).for_each(|session| bars[session * BARS_PER_SESSION - 1] = buy(100.0));
    bars
}

#[test]
fn legacy_pdt_counts_the_day_trades_of_five_sessions() {
    // Each trip is bought at 100 and stopped at 95. Three day trades stand in the window of sessions 0 to 4, so nothing
    // more may be bought before session 5, which begins with bar 65.
    let market = Market::half_hours(&[("AAA", &stopped_out_three_times())]);
    let mut strategy = scripted(&["AAA"], 100);
    strategy["exit"]["stop_loss"] = json!("5%");
    let trips: Vec<_> =
        [1, 4, 7].iter().flat_map(|&step| [("AAA", step, 100.0, 100.0), ("AAA", step + 1, -100.0, 95.0)]).collect();
    let with_last = |step| [&trips[..], &[("AAA", step, 100.0, 100.0)]].concat();
    assert_eq!(market.run(&strategy, None).fills(), with_last(10));
    let limited = market.run(&strategy, Some(legacy_pdt(json!({"max_day_trades": 3}))));
    assert_eq!(limited.fills(), with_last(65));
    let refused = [9, 12, 25, 38, 51].map(|step| ("AAA", step, "PDT_LEGACY"));
    assert_eq!(limited.objections(), refused);
    limited.assert_first_objection("REJECT", 3.0, 4.0, 100.0, 0.0);

    // The same account above the least equity of $25,000 is free; one that lies under its least equity is not.
    let free_from = |usd: f64| legacy_pdt(json!({"max_day_trades": 3, "min_equity_usd": usd}));
    assert_eq!(market.run(&strategy, Some(free_from(25_000.0))).fills(), with_last(10));
    assert_eq!(market.run(&strategy, Some(free_from(100_000.0))).fills(), with_last(65));
}

#[test]
fn intraday_margin_keeps_a_buffer_from_the_day_it_is_in_force() {
    // 900 shares at 101 are $90,900, whose maintenance of 25% leaves a level of 77.275% of equity: under a buffer of 80%.
    let market = |from| Market::daily(from, &[("AAA", &[buy(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA"], 900);
    let policy = || {
        let numbers = json!({"intraday_buffer_frac": 0.8, "maintenance_frac": 0.25});
        Some(rule("intraday_margin", "2026-06-04", numbers))
    };
    let bought = [("AAA", 1, 900.0, 100.0)];
    assert_eq!(market((2026, 6, 3)).run(&strategy, None).fills(), bought);
    let limited = market((2026, 6, 3)).run(&strategy, policy());
    assert!(limited.fills().is_empty());
    assert_eq!(limited.objections(), [("AAA", 0, "INTRADAY_MARGIN")]);
    limited.assert_first_objection("REJECT", 0.8, 0.77275, 900.0, 0.0);
    // Decided on the 2nd, bought on the 3rd: a day too early for the rule.
    assert_eq!(market((2026, 6, 2)).run(&strategy, policy()).fills(), bought);
}

/// A cash account, which may not trade on what is not settled.
fn cash_account() -> Option<Value> {
    Some(rule("cash_account", "2000-01-01", json!({"account_type": "cash"})))
}

#[test]
fn a_cash_account_buys_with_settled_cash() {
    // 900 of AAA leave $10,000 of cash and are sold in session 3. BBB asks for $90,900 at the closes of 3 to 5.
    let market = |from| {
        Market::daily(
            from,
            &[
                ("AAA", &[buy(100.0), at(100.0), sell(100.0), at(100.0), at(100.0), at(100.0), at(100.0)]),
                ("BBB", &[at(100.0), at(100.0), at(100.0), buy(100.0), buy(100.0), buy(100.0), at(100.0)]),
            ],
        )
    };
    let strategy = scripted(&["AAA", "BBB"], 900);
    let each = |step| [("AAA", 1, 900.0, 100.0), ("AAA", 3, -900.0, 100.0), ("BBB", step, 900.0, 100.0)];
    assert_eq!(market((2010, 1, 4)).run(&strategy, None).fills(), each(4));
    // In 2010 a sale settled after three sessions: in session 6.
    let limited = market((2010, 1, 4)).run(&strategy, cash_account());
    assert_eq!(limited.fills(), each(6));
    assert_eq!(limited.objections(), [("BBB", 3, "CASH_SETTLEMENT"), ("BBB", 4, "CASH_SETTLEMENT")]);
    limited.assert_first_objection("REJECT", 10_000.0, 90_900.0, 900.0, 0.0);
    // In 2018 after two: in session 5. In 2025 after one: in session 4, which is when BBB would be bought anyway.
    assert_eq!(market((2018, 1, 2)).run(&strategy, cash_account()).fills(), each(5));
    assert_eq!(market((2025, 1, 2)).run(&strategy, cash_account()).fills(), each(4));
}

#[test]
fn a_cash_account_sells_nothing_short() {
    let market = Market::daily((2010, 1, 4), &[("AAA", &[short(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA"], 100);
    assert_eq!(market.run(&strategy, None).fills(), [("AAA", 1, -100.0, 100.0)]);
    let limited = market.run(&strategy, cash_account());
    assert!(limited.fills().is_empty());
    assert_eq!(limited.objections(), [("AAA", 0, "CASH_SETTLEMENT")]);
    limited.assert_first_objection("REJECT", 100_000.0, 10_100.0, 100.0, 0.0);
}
