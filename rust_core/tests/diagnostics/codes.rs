//! Every code of the language, produced by a strategy; and that what is right produces none.

use crate::strategy::{base, problems, with};
use oracle_core::expr::Severity;
use oracle_core::expr::code::Code;
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
        (
            Code::PerMember,
            with(json!({"entry": null, "exit": null, "portfolio": {"groups": {"a": {"share": "rank(close) / 9"}}}})),
        ),
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
