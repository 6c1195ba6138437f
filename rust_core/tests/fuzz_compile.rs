//! No strategy makes the compiler panic, exhaust the stack or run on: whatever is wrong is a diagnostic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::plan::{self, Spec, invariants};
use proptest::prelude::*;
use serde_json::json;

/// Words that meet often enough to make whole expressions of them.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "close",
        "open",
        "volume",
        "vix",
        "sector",
        "position.profit",
        "position.entry_price",
        "n",
        "share",
        "a",
        "b",
        "calm",
        "5",
        "0",
        "100",
        "5%",
        "20s",
        "-1",
        "1e300",
        "\"SPY\"",
        "true",
    ]);
    let expression = word.prop_map(String::from);
    expression.prop_recursive(5, 40, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (
                prop::sample::select(vec!["+", "-", "*", "/", "%", "**", "<", ">=", "==", "!=", "and", "or"]),
                two.clone()
            )
                .prop_map(|(operator, (a, b))| format!("({a}) {operator} ({b})")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (
                prop::sample::select(vec![
                    "sma",
                    "lag",
                    "highest",
                    "count",
                    "stddev",
                    "top",
                    "winsorize",
                    "cs_quantile"
                ]),
                two.clone()
            )
                .prop_map(|(function, (a, b))| format!("{function}({a}, {b})")),
            (
                prop::sample::select(vec!["rank", "abs", "log", "sqrt", "breadth", "cs_mean", "cumsum", "is_missing"]),
                inner.clone()
            )
                .prop_map(|(function, a)| format!("{function}({a})")),
            (prop::sample::select(vec!["min", "max", "coalesce", "cross_above", "correl"]), two.clone(), 1_u32..30)
                .prop_map(|(function, (a, b), n)| format!("{function}({a}, {b}, {n})")),
            (two.clone(), inner.clone()).prop_map(|((a, b), c)| format!("if({a}, {b}, {c})")),
            inner.clone().prop_map(|a| format!("symbol(\"SPY\", {a})")),
            inner.clone().prop_map(|a| format!("at(\"1Week\", {a})")),
            inner.prop_map(|a| format!("macd({a}).signal")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_strategy_is_a_sound_plan_or_diagnostics(
        long in words(), when in words(), stop in words(), priority in words(), member in words(),
        a in words(), b in words(), enter in words(),
    ) {
        let spec: Spec = serde_json::from_value(json!({
            "name": "fuzz", "symbols": ["A", "B"], "sectors": {"A": "tech"}, "where": member,
            "params": {"n": "20", "share": "5%"}, "features": {"a": a, "b": b},
            "regimes": {"calm": {"enter": enter, "exit": "vix > 30"}},
            "entry": {"long": long, "priority": priority}, "exit": {"when": when, "stop_loss": stop}
        })).unwrap();
        match plan::compile(&spec) {
            Ok((plan, _)) => {
                prop_assert_eq!(invariants::check(&plan), Ok(()));
                prop_assert_eq!(plan.hash.len(), 64);
                prop_assert!(plan::explain::text(&plan).lines().count() >= plan.nodes.len());
                let again = plan::compile(&spec).unwrap().0;
                prop_assert_eq!(again.hash, plan.hash);
            }
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }

    #[test]
    fn every_portfolio_is_a_sound_plan_or_diagnostics(
        share in words(), select in words(), weight in words(), when in words(), a in words(),
    ) {
        let spec: Spec = serde_json::from_value(json!({
            "name": "fuzz", "symbols": ["A", "B"], "params": {"n": "20", "share": "5%"},
            "features": {"a": a, "b": "close - open"}, "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 30"}},
            "exit": {"partial": [{"when": when, "close": "50%"}]},
            "portfolio": {"rebalance": "on drift", "corridor": {"relative": "25%"}, "groups": {
                "one": {"share": share, "select": select, "weight": weight},
                "two": {"share": "10%", "members": ["B"], "groups": {"inner": {"share": "50%"}}}
            }}
        })).unwrap();
        match plan::compile(&spec) {
            Ok((plan, _)) => {
                prop_assert_eq!(invariants::check(&plan), Ok(()));
                prop_assert!(plan::explain::text(&plan).contains("group two.inner"));
            }
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }

    #[test]
    fn conditions_that_are_sound_alone_compile(text in words()) {
        let spec: Spec = serde_json::from_value(json!({
            "name": "fuzz", "symbols": ["A", "B"], "params": {"n": "20", "share": "5%"},
            "features": {"a": "close / open", "b": "close - open"},
            "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 30"}},
            "entry": {"long": format!("close > open or ({text}) > 0")},
        })).unwrap();
        if let Ok((plan, _)) = plan::compile(&spec) {
            prop_assert_eq!(invariants::check(&plan), Ok(()));
        }
    }
}

fn codes(spec: serde_json::Value) -> Vec<&'static str> {
    let spec: Spec = serde_json::from_value(spec).unwrap();
    match plan::compile(&spec) {
        Ok((_, found)) | Err(found) => found.into_iter().map(|d| d.code).collect(),
    }
}

/// `f0 = first`, and each next feature made of the one before.
fn chain(length: usize, first: &str, next: impl Fn(&str) -> String) -> serde_json::Value {
    let mut features = serde_json::Map::new();
    features.insert("f0".into(), json!(first));
    for index in 1..length {
        features.insert(format!("f{index}"), json!(next(&format!("f{}", index - 1))));
    }
    json!(features)
}

#[test]
fn long_chains_of_features_do_not_exhaust_the_stack() {
    let spec =
        |features, long: &str| json!({"name": "x", "symbols": ["A"], "features": features, "entry": {"long": long}});
    let within = chain(900, "close", |f| format!("{f} * 1.01"));
    assert_eq!(codes(spec(within.clone(), "f899 > open")), [] as [&str; 0]);
    assert_eq!(codes(spec(within, "symbol(\"SPY\", f899 > open)")), [] as [&str; 0]);
    let beyond = chain(9_000, "close", |f| format!("{f} * 1.01"));
    assert_eq!(codes(spec(beyond, "f8999 > open")), ["E108"]);
    let cycle = chain(5_000, "f4999 + 1", |f| format!("{f} + 1"));
    assert_eq!(codes(spec(cycle, "f1 > 0")), ["E203"]);
    // A position-stage chain is walked by recursion in `position::eval`.
    let held = json!({
        "name": "x", "symbols": ["A"], "features": chain(900, "position.profit", |f| format!("{f} + 1%")),
        "entry": {"long": "close > open"}, "exit": {"when": "f899 > 5%"}
    });
    let spec: Spec = serde_json::from_value(held).unwrap();
    let plan = plan::compile(&spec).unwrap().0;
    let root = plan.rules.as_ref().unwrap().exit_long.unwrap();
    let constants = |id: usize| match plan.nodes[id].op {
        plan::Op::Constant(value) => value,
        _ => f64::NAN,
    };
    let position = plan::position::PositionValues::default();
    // 899 times 1% is above 5%.
    assert_eq!(plan::position::eval(&plan, root, &constants, &position), 1.0);
}

#[test]
fn doubling_definitions_stay_small() {
    // Written out, the last would have 2^60 terms; merged, each adds one node.
    let doubling = chain(60, "close", |f| format!("{f} + {f}"));
    let spec = json!({"name": "x", "symbols": ["A"], "features": doubling, "entry": {"long": "f59 > open"}});
    assert_eq!(codes(spec), [] as [&str; 0]);
    let choices = chain(60, "close > open", |f| format!("({f} and volume > 3) or ({f} and volume > 4)"));
    let spec = json!({"name": "x", "symbols": ["A"], "features": choices, "entry": {"long": "f59"}});
    assert_eq!(codes(spec), [] as [&str; 0]);
}
