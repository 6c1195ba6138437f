//! What is legal and hardly meant.

use crate::strategy::{compile, entry, entry_codes, problems, with};
use oracle_core::expr::code::Code;
use oracle_core::plan;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn a_stop_distance_that_is_nearly_the_price_is_doubted() {
    let stop = |text: &str| problems(with(json!({"exit": {"stop_loss": text}})));
    for (text, lies_at) in
        [("close * 95%", "5%"), ("0.9 * low", "10%"), ("close - 5% * close", "5%"), ("close / 2", "50%")]
    {
        let found = stop(text);
        assert_eq!((found.len(), found[0].code), (1, "W508"), "{text}: {found:#?}");
        assert!(found[0].found.ends_with(&format!("about {lies_at} of the price")), "{}", found[0].found);
        assert!(found[0].notes[0].contains("stop_price: "), "{text}");
    }
    assert_eq!(stop("95%")[0].suggestion.as_deref(), Some("5%"));
    for text in ["8%", "close * 8%", "2 * atr(14)", "close - lowest(low, 20)", "49%"] {
        assert_eq!(stop(text), [], "{text}");
    }
}

#[test]
fn conditions_that_exclude_themselves_are_named() {
    for text in [
        "rsi(close, 14) > 100",
        "rsi(close, 14) < 30 and rsi(close, 14) > 70",
        "close > open and close < open",
        "close > open and not (close > open)",
        "close < 0",
        "1 > 2",
        "close > close",
        "rank(close) < 1",
        "(rsi(close, 14) < 30 or rsi(close, 14) < 20) and rsi(close, 14) > 40",
        "day_of_week() == 6",
        "70 < rsi(close, 14) < 30",
        "change_ratio(close, 5) < -100%",
        "sma(rsi(close, 14), 5) > 101",
    ] {
        assert_eq!(entry_codes(text), ["W501"], "{text}");
    }
    for text in [
        "rsi(close, 14) >= 100",
        "close > open and close >= open",
        "rsi(close, 14) < 30 or rsi(close, 14) > 70",
        "close >= open and close <= open",
        "close - open < 0",
    ] {
        assert_eq!(entry(text), [], "{text}");
    }
}

#[test]
fn a_contradiction_is_named_once_where_it_is_defined() {
    let found = |features: serde_json::Value, long: &str| {
        let found = problems(with(json!({"features": features, "entry": {"long": long}})));
        found.into_iter().map(|d| (d.code, d.path.join("."))).collect::<Vec<_>>()
    };
    let never = json!({"base": "close > open and close < open", "more": "base and volume > 5"});
    assert_eq!(found(never.clone(), "more and close > low"), [("W501", "features.base".to_string())]);
    // It is found beside what is broken elsewhere.
    let broken = found(never, "more and clsoe > low");
    assert_eq!(broken, [("E202", "entry.long".to_string()), ("W501", "features.base".to_string())]);
    // A switch that a param turns off is no contradiction.
    let switch = json!({"enabled": "1 > 2"});
    assert_eq!(found(switch, "not enabled and close > open"), []);
}

#[test]
fn an_entry_that_is_an_exit_is_named() {
    let rules = |long: &str, when: &str| {
        let found = problems(with(json!({"entry": {"long": long}, "exit": {"when": when}})));
        found.into_iter().map(|d| d.code).collect::<Vec<_>>()
    };
    assert_eq!(rules("rsi(close, 14) > 70", "rsi(close, 14) > 60"), ["W502"]);
    assert_eq!(rules("close > open and volume > 5", "close >= open or vix > 30"), ["W502"]);
    assert_eq!(rules("rsi(close, 14) > 60", "rsi(close, 14) > 70"), [] as [&str; 0]);
    assert_eq!(rules("close > open", "close < open"), [] as [&str; 0]);
}

#[test]
fn unused_names_are_warned_about_once() {
    let spec = with(json!({
        "params": {"n": "20", "spare": "5", "lots": "10"},
        "features": {"trend": "close > sma(close, n)", "lonely": "open"},
        "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 30"}},
        "entry": {"long": "trend"}, "sizing": {"max_positions": "lots"}
    }));
    let found: Vec<_> = problems(spec).into_iter().map(|d| (d.code, d.path.join("."))).collect();
    let expected = ["regimes.calm", "features.lonely", "params.spare"].map(|p| ("W503", p.to_string()));
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), expected.iter().collect::<BTreeSet<_>>());
}

#[test]
fn caps_and_histories_are_judged_with_what_they_depend_on() {
    let spec = with(json!({"sizing": {"max_position": "40%"}}));
    let (plan, warnings) = compile(spec).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(plan::lint_limits(&plan, 0.05)[0].code, Code::CapNeverBinds.id());
    assert_eq!(plan::lint_limits(&plan, 0.40), []);
    // sma(close, 50) has its first value on bar 50: 49 bars have none.
    assert_eq!(plan::lint_history(&plan, 49)[0].code, Code::WarmUpTooLong.id());
    assert_eq!(plan::lint_history(&plan, 50), []);
}
