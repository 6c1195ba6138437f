//! Which units go together, and what may stand inside a window.

use crate::strategy::{entry, entry_codes, problems, with};
use serde_json::json;

#[test]
fn units_that_go_together() {
    for text in [
        "close > 5",
        "close > 5 and sma(volume, 20) > 100_000",
        "30 < rsi(close, 14) < 70",
        "rsi(close, 14) > 55%",
        "close * (1 + 2%) < open",
        "change_ratio(close, 20) > 5%",
        "roc(close, 10) > 5%",
        "(high + low) / 2 > open",
        "close > open + 2 * atr(14)",
        "close - open > atr(14)",
        "close - 5 > open",
        "atr(14) / close < 5%",
        "log(close / lag(close, 1)) > 0",
        "sqrt(variance(close, 20)) < atr(14)",
        "sqrt(close * open) > low",
        "rank(change_ratio(close, 20)) <= 2",
        "rank(close, by=sector) <= 2",
        "rank(close, mask=close > open) <= 2",
        "percentile(rsi(close, 14)) > 80%",
        "breadth(close > sma(close, 50)) > 50%",
        "cs_mean(change_ratio(close, 5)) > 0",
        "vix < 30 and sma(vix, 10) < 25",
        "symbol(\"SPY\", close) > symbol(\"SPY\", sma(close, 200))",
        "symbol(\"SPY\").close > 300",
        "close > at(\"1Week\", sma(close, 10))",
        "symbol(\"SPY\", at(\"1Week\", close > sma(close, 10)))",
        "at(\"1Week\", macd(close).histogram) > 0",
        "sector == \"tech\" or sector != \"tech\"",
        "if(close > open, high, low) > sma(close, 5)",
        "max(open, close, lag(close, 1)) > sma(close, 5)",
        "coalesce(sma(close, 50), close) < close",
        "not is_missing(sma(close, 50)) and close > open",
        "count(close > open, 20) / 20 > 60%",
        "day_of_week() == 1 and not is_month_end()",
        "correl(change_ratio(close, 1), symbol(\"SPY\", change_ratio(close, 1)), 60) < 0.5",
        "true and close > open",
        "close > max(open - 5, 0)",
        "(close / open - 1) * 100 > roc(close, 1)",
    ] {
        assert_eq!(entry(text), [], "{text}");
    }
}

#[test]
fn units_that_do_not() {
    for (text, code) in [
        ("close > atr(14)", "E302"),
        ("close > 5%", "E302"),
        ("close > volume", "E302"),
        ("change_ratio(close, 20) > roc(close, 20)", "E302"),
        ("rank(close) < 5%", "E302"),
        ("bars_since(close > open) < 5s", "E302"),
        ("atr(14) - close > open", "E302"),
        ("close + volume > 0", "E302"),
        ("(close > open) + 1 > 1", "E301"),
        ("close > (open > low)", "E301"),
        ("if(close > open, high, volume) > open", "E302"),
        ("exp(atr(14)) > 1", "E307"),
        ("close ** 0.5 > 1", "E310"),
        ("close ** rsi(close, 14) > 1", "E310"),
        ("sma(close, 20s) > open", "E302"),
        ("close", "E301"),
        ("\"text\" > close", "E301"),
        ("sector == close", "E301"),
        ("rank(close, by=close) < 2", "E301"),
        ("sma(close > open, 5) > 1", "E301"),
    ] {
        assert_eq!(entry_codes(text), [code], "{text}");
    }
}

#[test]
fn absolute_prices_do_not_enter_history() {
    for text in [
        "count(close > 5, 20) == 20",
        "sma(close - 5, 10) > 0",
        "lag(close - 5, 1) > 0",
        "held_for(volume > 1000, 5)",
        "sma(symbol(\"SPY\", close), 20) > 300",
        "sma(close / symbol(\"SPY\", close), 20) > 1",
        "at(\"1Week\", close > 50)",
        "sma(rank(close), 5) > 2",
        "cross_above(close - 5, 50)",
    ] {
        assert_eq!(entry_codes(text), ["E305"], "{text}");
    }
    for text in [
        "lag(close, 1) > 5",
        "cross_above(close, 50)",
        "cross_below(50, sma(close, 10))",
        "lowest(close, 20) > 5",
        "at(\"1Week\", close) > 50",
        "count(close - open > 0, 20) > 10",
        "sma(rank(change_ratio(close, 5)), 5) > 2",
        "cross_above(rsi(close, 14), 30)",
        "cross_above(close, sma(close, 50))",
        "sma(max(close - open, 0), 20) > 0",
    ] {
        assert_eq!(entry(text), [], "{text}");
    }
}

#[test]
fn a_number_is_no_series() {
    for (text, offered) in [
        // `length` has a default, so there is room for the number behind `close`.
        ("rsi(3) < 25", Some("rsi(close, 3)")),
        ("macd(12, 26, 9).histogram > 0", Some("macd(close, 12, 26, 9)")),
        // All places are taken: the number itself is too much.
        ("close > sma(3, 20)", Some("sma(close, 20)")),
        ("close > sma(5%, 20)", Some("sma(close, 20)")),
        ("close > sma(2 + 1, 20)", Some("sma(close, 20)")),
        ("rsi(3, length=5) < 25", Some("rsi(close, length=5)")),
        ("correl(change_ratio(close, 1), 3, 20) > 0", None),
        ("cross_above(50, 30)", None),
    ] {
        let found = entry(text);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["E311"], "{text}");
        assert_eq!(found[0].suggestion.as_deref(), offered, "{text}");
    }
    assert_eq!(entry("rsi(3) < 25")[0].message, "`rsi` needs a series first");
    assert_eq!(entry("rsi(3) < 25")[0].found, "the number 3");
    // The caret covers the call that the suggestion replaces.
    let found = entry("close > open and rsi(3) < 25");
    assert_eq!((found[0].start, found[0].end), (17, 23));
    // Without a default the number is missing as well: one report, with the whole call.
    let found = entry("close > sma(20)");
    assert_eq!((found.len(), found[0].code, found[0].suggestion.as_deref()), (1, "E401", Some("sma(close, 20)")));
    let param = with(json!({"params": {"n": "3"}, "entry": {"long": "rsi(n) < 25"}}));
    assert_eq!(problems(param)[0].suggestion.as_deref(), Some("rsi(close, n)"));
    // A number may be one side of a crossing, or an argument of a function of one bar.
    for text in ["cross_above(rsi(close, 14), 30)", "cross_below(30, rsi(close, 14))", "max(5, close) > open"] {
        assert_eq!(entry(text), [], "{text}");
    }
}

#[test]
fn position_values_stand_in_exits_alone() {
    let spec = |text: &str| with(json!({"exit": {"when": text}}));
    for text in [
        "position.profit > 10% and rsi(close, 14) > 70",
        "close < position.entry_price - 2 * atr(14)",
        "position.bars_held >= 10 or position.from_best < -5%",
        "max(position.profit, 0) > 5% and position.is_long",
    ] {
        assert_eq!(problems(spec(text)), [], "{text}");
    }
    for text in ["sma(position.profit, 5) > 0", "rank(position.profit) < 2", "cross_above(position.profit, 5%)"] {
        assert_eq!(problems(spec(text)).first().map(|d| d.code), Some("E306"), "{text}");
    }
    let feature = with(json!({"features": {"gain": "position.profit"}, "exit": {"when": "gain > 5%"}}));
    assert_eq!(problems(feature), []);
    let misused = with(json!({"features": {"gain": "position.profit"}, "entry": {"long": "gain > 5%"}}));
    assert_eq!(problems(misused).first().map(|d| d.code), Some("E306"));
    let stop = with(json!({"exit": {"stop_loss": "position.profit"}}));
    assert_eq!(problems(stop).first().map(|d| d.code), Some("E306"));
}

#[test]
fn stops_are_ratios_or_distances_and_stop_prices_levels() {
    let exit = |key: &str, text: &str| problems(with(json!({"exit": {key: text}})));
    for text in ["8%", "3 * atr(14)", "2% * close", "close - lowest(low, 10)", "atr(14) / close"] {
        assert_eq!(exit("stop_loss", text), [], "{text}");
    }
    assert_eq!(exit("stop_loss", "8")[0].suggestion.as_deref(), Some("8%"));
    assert_eq!(exit("stop_loss", "lowest(low, 10)")[0].code, "E302");
    assert_eq!(exit("stop_loss", "100%")[0].code, "E406");
    assert_eq!(exit("stop_loss", "-5%")[0].code, "E406");
    assert_eq!(exit("take_profit", "150%"), []);
    assert_eq!(exit("stop_price", "lowest(low, 10)"), []);
    assert_eq!(exit("stop_price", "8%")[0].code, "E302");
    assert_eq!(exit("target_price", "atr(14)")[0].code, "E302");
}
