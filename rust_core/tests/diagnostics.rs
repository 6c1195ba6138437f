//! Every code of the language, produced by a strategy; and that what is right produces none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::expr::code::Code;
use oracle_core::expr::{Diagnostic, Severity};
use oracle_core::plan::{self, Plan, Spec};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A strategy with nothing to complain about.
fn base() -> Value {
    json!({
        "name": "base", "symbols": ["AAPL", "IBM", "MSFT"], "sectors": {"AAPL": "tech", "IBM": "tech"},
        "entry": {"long": "close > sma(close, 50)"}, "exit": {"when": "close < sma(close, 20)"}
    })
}

fn with(changes: Value) -> Value {
    let mut spec = base();
    merge(&mut spec, changes);
    spec
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn compile(spec: Value) -> Result<(Plan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let spec: Spec = serde_json::from_value(spec).unwrap();
    plan::compile(&spec)
}

fn problems(spec: Value) -> Vec<Diagnostic> {
    match compile(spec) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// Diagnostics of an entry condition.
fn entry(text: &str) -> Vec<Diagnostic> {
    problems(with(json!({"entry": {"long": text}})))
}

fn entry_codes(text: &str) -> Vec<&'static str> {
    entry(text).into_iter().map(|d| d.code).collect()
}

/// One strategy for each code that is found by compiling.
fn cases() -> Vec<(Code, Value)> {
    let entry = |text: &str| with(json!({"entry": {"long": text}}));
    let mut big = serde_json::Map::new();
    for index in 0..21_000 {
        big.insert(format!("f{index}"), json!(format!("close * {}", index + 2)));
    }
    vec![
        (Code::UnexpectedCharacter, entry("close > $5")),
        (Code::OpenString, entry("symbol(\"SPY, close)")),
        (Code::BadNumber, entry("close > 1.2.3")),
        (Code::ExpressionExpected, entry("close > and volume > 0")),
        (Code::Unbalanced, entry("close > sma(close, 20")),
        (Code::Trailing, entry("close open")),
        (Code::TooLong, entry(&vec!["close"; 5_000].join(" + "))),
        (Code::TooDeep, entry(&format!("{}close{} > 1", "(".repeat(99), ")".repeat(99)))),
        (Code::PositionalAfterKeyword, entry("close > sma(length=20, close)")),
        (Code::ForeignOperator, entry("close > open && volume > 0")),
        (Code::BadSelect, with(json!({"entry": null, "exit": null, "portfolio": {"select": "top 5 close"}}))),
        (Code::Empty, entry("")),
        (Code::UnknownFunction, entry("close > smma(close, 20)")),
        (Code::UnknownName, entry("clsoe > 5")),
        (Code::Cycle, with(json!({"features": {"a": "b + 1", "b": "a + 1"}, "entry": {"long": "a > 1"}}))),
        (Code::ReservedName, with(json!({"features": {"close": "open"}}))),
        (Code::NotYetAvailable, entry("fundamental.pe_ratio < 15")),
        (Code::UnknownMember, entry("macd(close).hist > 0")),
        (Code::MemberNeeded, entry("macd(close) > 0")),
        (Code::UnknownSector, entry("sector == \"tehc\"")),
        (Code::WrongType, entry("close and volume > 0")),
        (Code::UnitMismatch, entry("close > atr(14)")),
        (Code::UnitMissing, with(json!({"exit": {"stop_loss": "8"}}))),
        (Code::AbsoluteInHistory, entry("count(close > 5, 20) == 20")),
        (Code::PositionStage, entry("position.profit > 5%")),
        (Code::NotDimensionless, entry("log(close) > 0")),
        (Code::WrongContext, entry("at(\"1Week\", rank(close)) < 3")),
        (Code::OneForAll, entry("rank(vix) < 3")),
        (Code::BadPower, entry("sqrt(close) > 2")),
        (Code::ConstantSeries, entry("rsi(3) < 25")),
        (Code::MissingArgument, entry("close > sma(close)")),
        (Code::TooManyArguments, entry("abs(close, open) > 0")),
        (Code::UnknownKeyword, entry("close > sma(close, lenght=20)")),
        (Code::ArgumentTwice, entry("close > sma(close, 20, length=30)")),
        (Code::NotConstant, entry("close > sma(close, volume)")),
        (Code::OutOfRange, entry("close > sma(close, 0)")),
        (Code::NotWhole, entry("close > sma(close, 2.5)")),
        (Code::BadLiteral, with(json!({"exit": {"max_hold": "soon"}}))),
        (Code::BadChoice, with(json!({"sizing": {"method": "kelly"}}))),
        (Code::MissingSetting, with(json!({"sizing": {"method": "fixed_fraction"}}))),
        (Code::ConflictingSettings, with(json!({"portfolio": {"select": "all"}}))),
        (Code::TooLarge, with(json!({"features": big}))),
        (Code::NeverTrue, entry("rsi(close, 14) > 100")),
        (Code::EntryIsExit, with(json!({"exit": {"when": "close >= sma(close, 50)"}}))),
        (Code::Unused, with(json!({"features": {"spare": "close"}}))),
        (Code::HoldContradiction, with(json!({"min_hold_days": 10, "exit": {"max_hold": "5s"}}))),
        (Code::NeverKnown, entry("close > 1 / 0")),
        (Code::FarStop, with(json!({"exit": {"stop_loss": "close * 95%"}}))),
    ]
}

#[test]
fn every_code_is_produced_by_a_strategy() {
    let mut seen = BTreeSet::new();
    for (code, spec) in cases() {
        let found = problems(spec);
        let own: Vec<_> = found.iter().filter(|d| d.code == code.id()).collect();
        assert!(!own.is_empty(), "{code:?} was not found in {found:#?}");
        for diagnostic in own {
            assert!(!diagnostic.message.is_empty() && !diagnostic.message.ends_with('.'), "{diagnostic:?}");
            assert!(diagnostic.start <= diagnostic.end);
            let is_warning = code.id().starts_with('W');
            assert_eq!(diagnostic.severity == Severity::Warning, is_warning);
        }
        seen.insert(code);
    }
    // These two need an account or data; see the tests below.
    seen.extend([Code::CapNeverBinds, Code::WarmUpTooLong]);
    let untested: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn a_sound_strategy_has_nothing_to_report() {
    assert_eq!(problems(base()), []);
}

#[test]
fn errors_point_at_the_characters_that_are_wrong() {
    let found = entry("close > open and smma(close, 20) > 5");
    assert_eq!(found.len(), 1, "{found:#?}");
    // `smma` is characters 17 to 20.
    assert_eq!((found[0].start, found[0].end), (17, 21));
    assert_eq!(found[0].path, ["entry", "long"]);
    assert_eq!(found[0].suggestion.as_deref(), Some("rma"), "the name that charting programs use");
    assert_eq!(entry("close > open and momentm(close)")[0].suggestion, None);
    assert_eq!(entry("cloze > open")[0].suggestion.as_deref(), Some("close"));
}

#[test]
fn one_broken_expression_hides_no_other_problem() {
    let spec = with(json!({
        "where": "volume >", "features": {"a": "smma(close, 3)", "b": "a + open"},
        "entry": {"long": "b > 5 and unknown and close > atr(14)"},
        "exit": {"when": "close", "stop_loss": "8"}, "sizing": {"method": "kelly"}
    }));
    let found: Vec<_> = problems(spec).into_iter().map(|d| (d.path.join("."), d.code)).collect();
    let expected = [
        ("features.a", "E201"),
        ("where", "E104"),
        ("entry.long", "E202"),
        ("entry.long", "E302"),
        ("exit.when", "E301"),
        ("exit.stop_loss", "E303"),
        ("sizing.method", "E409"),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(path, code)| (path.to_string(), code)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_cycle_is_shown_once_with_its_way() {
    let spec = with(json!({
        "features": {"a": "b + 1", "b": "c + 1", "c": "a + 1", "user": "a * 2"}, "entry": {"long": "user > 1"}
    }));
    let found = problems(spec);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].found, "a -> b -> c -> a");
    assert_eq!(found[0].path, ["features", "c"]);
    let own = problems(with(json!({"features": {"a": "a + 1"}, "entry": {"long": "a > 1"}})));
    assert_eq!(own[0].found, "a -> a");
}

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
fn names_that_exist_across_members_are_offered() {
    let found = entry("zscore(close) > 2");
    assert_eq!(found[0].code, "E401");
    assert_eq!(found[0].suggestion.as_deref(), Some("cs_zscore(close)"));
    assert_eq!(entry("average(close, 5) > open")[0].suggestion.as_deref(), Some("sma"));
    assert_eq!(entry("sma > 5")[0].suggestion.as_deref(), Some("sma(...)"));
    assert_eq!(entry("close(1) > 5")[0].suggestion.as_deref(), Some("close"));
}

#[test]
fn a_bare_number_is_offered_as_the_percentage_it_means() {
    for (text, offered) in
        [("8", Some("8%")), ("0.08", Some("8%")), ("0.035", Some("3.5%")), ("250", None), ("0", None)]
    {
        let found = problems(with(json!({"exit": {"stop_loss": text}})));
        assert_eq!((found.len(), found[0].code, found[0].suggestion.as_deref()), (1, "E303", offered), "{text}");
    }
    // A target may be farther away than the price itself.
    let target = problems(with(json!({"exit": {"take_profit": "250"}})));
    assert_eq!(target[0].suggestion.as_deref(), Some("250%"));
    let sizing = problems(with(json!({"sizing": {"method": "fixed_fraction", "fraction": "0.05"}})));
    assert_eq!((sizing[0].code, sizing[0].suggestion.as_deref()), ("E303", Some("5%")));
}

#[test]
fn a_stop_distance_in_dollars_is_refused_and_no_percentage_offered() {
    for text in ["$5", "5 USD", "5usd", "$1_000", "2.50 dollars"] {
        let found = problems(with(json!({"exit": {"stop_loss": text}})));
        assert_eq!((found.len(), found[0].code, &found[0].suggestion), (1, "E302", &None), "{text}: {found:#?}");
        assert!(found[0].notes[0].contains("dollars is not offered"), "{text}");
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
fn a_constant_weight_above_all_equity_is_refused() {
    let weight = |text: &str| {
        problems(with(json!({"entry": null, "exit": null, "portfolio": {"select": "all", "weight": text}})))
    };
    for (text, offered) in [("60/40", None), ("5", Some("5%")), ("150%", None), ("60", Some("60%")), ("100 * 2%", None)]
    {
        let found = weight(text);
        assert_eq!((found.len(), found[0].code, found[0].suggestion.as_deref()), (1, "E406", offered), "{text}");
    }
    assert_eq!(weight("60/40")[0].found, "`60/40`, which is 150%");
    for text in ["60%", "1", "1 / rank(close)", "40/60"] {
        assert_eq!(weight(text), [], "{text}");
    }
    for text in ["inverse_vol(40)", "inv_vol"] {
        let found = weight(text);
        assert_eq!((found[0].code, found[0].suggestion.as_deref()), ("E201", Some("inverse_volatility")), "{text}");
    }
}

#[test]
fn what_is_offered_can_stand_where_the_caret_points() {
    for (text, code, meant) in [
        ("rsi(close, 14) > change_ratio(close, 20)", "E302", "rsi(close, 14) > 100 * change_ratio(close, 20)"),
        ("close / open - 1 < rsi(close, 14)", "E302", "100 * (close / open - 1) < rsi(close, 14)"),
        ("rsi(3) < 25", "E311", "rsi(close, 3) < 25"),
        ("close > sma(20)", "E401", "close > sma(close, 20)"),
        ("zscore(change_ratio(close, 5)) > 2", "E401", "cs_zscore(change_ratio(close, 5)) > 2"),
        ("!rising(close, 3)", "E110", "not rising(close, 3)"),
        ("!(close > open)", "E110", "not(close > open)"),
        ("close > open AND volume > 0", "E110", "close > open and volume > 0"),
        ("close > open Or volume > 0", "E110", "close > open or volume > 0"),
        ("NOT rising(close, 3)", "E110", "not rising(close, 3)"),
        ("change_ratio(close, 20) > 8 %", "E103", "change_ratio(close, 20) > 8%"),
        ("(change_ratio(close, 20) > 8 %) and close > open", "E103", "(change_ratio(close, 20) > 8%) and close > open"),
        ("volume > 1,000", "E103", "volume > 1_000"),
        ("volume > 1,250,000 and close > open", "E103", "volume > 1_250_000 and close > open"),
        ("max(volume, 1,000) > 5", "E103", "max(volume, 1_000) > 5"),
        ("close > (open if volume > 9 else low)", "E110", "close > (if(volume > 9, open, low))"),
        ("close > open if volume > 9 else close > low", "E110", "if(volume > 9, close > open, close > low)"),
    ] {
        let found = entry(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(found[0].code, code, "{text}");
        let characters: Vec<char> = text.chars().collect();
        let part = |range: &[char]| range.iter().collect::<String>();
        let (before, after) = (part(&characters[..found[0].start]), part(&characters[found[0].end..]));
        let fixed = format!("{before}{}{after}", found[0].suggestion.as_deref().unwrap());
        assert_eq!(fixed, meant);
        assert_eq!(entry(&fixed), [], "{fixed}");
    }
    // Three arguments are three arguments.
    assert_eq!(entry("max(volume,100,250) > 5"), []);
    assert_eq!(entry_codes("close > open if volume > 9"), ["E106"]);
}

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
fn names_nobody_may_give() {
    for name in ["close", "and", "vix", "position", "model", "if", "a b", "5x", ""] {
        let found = problems(with(json!({"features": {name: "open"}})));
        assert!(found.iter().any(|d| d.code == "E204"), "{name}: {found:#?}");
    }
    let twice = with(json!({"params": {"x": "1"}, "features": {"x": "open"}}));
    assert!(problems(twice).iter().any(|d| d.code == "E204"));
    // In call position a name is a function, so a feature may have a function's name.
    let rsi = with(json!({"features": {"rsi": "rsi(close, 14)"}, "entry": {"long": "rsi < 30"}}));
    assert_eq!(problems(rsi), []);
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

#[test]
fn settings_have_their_bounds() {
    for (changes, path, code) in [
        (json!({"min_hold_days": 1}), "min_hold_days", "E406"),
        (json!({"symbols": []}), "symbols", "E410"),
        (json!({"symbols": ["A", "A"]}), "symbols.1", "E411"),
        (json!({"entry": null, "exit": null}), "", "E410"),
        (json!({"entry": {"long": null}}), "entry", "E410"),
        (json!({"timeframe": "1Dya"}), "timeframe", "E409"),
        (json!({"params": {"n": "soon"}}), "params.n", "E408"),
        (json!({"exit": {"max_hold": "90"}}), "exit.max_hold", "E303"),
        (json!({"exit": {"max_hold": "0d"}}), "exit.max_hold", "E406"),
        (json!({"exit": {"on_leave": "sell"}}), "exit.on_leave", "E409"),
        (json!({"exit": {"stop_loss": "5%", "stop_price": "low"}}), "exit.stop_price", "E411"),
        (json!({"sizing": {"method": "fixed_fraction", "fraction": "5"}}), "sizing.fraction", "E303"),
        (json!({"sizing": {"method": "equal_weight", "fraction": "5%"}}), "sizing.fraction", "E411"),
        (json!({"sizing": {"method": "half_kelly"}}), "sizing", "E410"),
        (json!({"sizing": {"method": "risk_per_trade", "fraction": "1%"}}), "sizing.method", "E410"),
        (json!({"sizing": {"max_positions": "2.5"}}), "sizing.max_positions", "E407"),
        (json!({"sizing": {"max_position": "140%"}}), "sizing.max_position", "E406"),
        (json!({"execution": {"order_type": "markt"}}), "execution.order_type", "E409"),
        (json!({"execution": {"limit_offset": "1%"}}), "execution.limit_offset", "E411"),
        (json!({"execution": {"order_type": "bracket"}, "exit": {"stop_loss": "5%"}}), "execution.order_type", "E410"),
        (json!({"execution": {"fill": "close"}}), "execution.fill", "E409"),
        (json!({"execution": {"time_in_force": "3d"}}), "execution.time_in_force", "E409"),
    ] {
        let found: Vec<_> = problems(with(changes.clone()))
            .into_iter()
            .filter(|d| d.severity == Severity::Error)
            .map(|d| (d.path.join("."), d.code))
            .collect();
        assert_eq!(found, [(path.to_string(), code)], "{changes}");
    }
}

#[test]
fn portfolios_have_their_settings() {
    let portfolio = |changes: Value| {
        let mut spec = with(json!({"params": {"n": "2"}, "features": {"momentum": "change_ratio(close, 126)"}}));
        merge(&mut spec, json!({"entry": null, "exit": null}));
        merge(&mut spec, json!({"portfolio": {"select": "top n by momentum where close > sma(close, 200)"}}));
        merge(&mut spec, json!({"portfolio": changes}));
        problems(spec).into_iter().map(|d| (d.path.join("."), d.code)).collect::<Vec<_>>()
    };
    for changes in [
        json!({}),
        json!({"weight": "equal", "rebalance": "monthly", "offset": 2}),
        json!({"weight": "inverse_volatility(60)", "rebalance": "20s", "corridor": "2%", "gross": "90%"}),
        json!({"weight": "score", "rebalance": "on change"}),
        json!({"weight": "1 / (1 + rank(momentum))", "rebalance": "every session"}),
    ] {
        assert_eq!(portfolio(changes.clone()), [], "{changes}");
    }
    for (changes, path, code) in [
        (json!({"weight": "close"}), "portfolio.weight", "E302"),
        (json!({"rebalance": "daily"}), "portfolio.rebalance", "E409"),
        (json!({"rebalance": "20"}), "portfolio.rebalance", "E303"),
        (json!({"rebalance": "on change", "offset": 2}), "portfolio.offset", "E411"),
        (json!({"offset": -1}), "portfolio.offset", "E406"),
        (json!({"corridor": "2"}), "portfolio.corridor", "E303"),
        (json!({"select": "top 0 by momentum * n"}), "portfolio.select", "E406"),
        (json!({"select": "top 2 by vix * momentum * n where n"}), "portfolio.select", "E301"),
    ] {
        assert_eq!(portfolio(changes.clone()), [(path.to_string(), code)], "{changes}");
    }
}
