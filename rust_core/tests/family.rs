//! A strategy bound many times in one graph is each time the plan that it is compiled alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::plan::family::{Family, Hasher};
use oracle_core::plan::{self, Plan, Spec};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A spec at its defaults, the values of its params, and the settings that hold one.
type Open = (Value, Vec<(&'static str, Vec<&'static str>)>, Vec<(&'static str, &'static str)>);

/// Strategies whose params stand everywhere that one can stand.
fn specs() -> Vec<Open> {
    vec![
        (
            json!({"name": "crossover", "symbols": ["AAA", "BBB"], "params": {"fast": "5", "slow": "20"},
                "features": {"f": "sma(close, fast)", "s": "sma(close, slow)"},
                "entry": {"long": "cross_above(f, s)", "short": "cross_below(f, s)", "priority": "roc(close, fast)"},
                "exit": {"when": "cross_below(f, s)", "long": "close < s", "stop_loss": "8%"}}),
            vec![("fast", vec!["2", "5", "10"]), ("slow", vec!["5", "10", "50"])],
            vec![],
        ),
        (
            json!({"name": "breakout", "symbols": ["AAA"], "where": "close > low_price and sma(volume, n) > 1000",
                "params": {"n": "20", "k": "2", "stop": "5%", "risk": "1%", "hold": "10s", "low_price": "5"},
                "features": {"band": "bbands(close, n, k).upper", "wide": "at(\"1Week\", highest(high, n))",
                    "unused": "rsi(close, n)", "trend": "band > lag(band, 1)"},
                "regimes": {"calm": {"enter": "atr(n) < 3% * close", "exit": "atr(n) > k * 2% * close"}},
                "entry": {"long": "close > band and close > wide and calm and trend"},
                "exit": {"when": "position.profit > stop * 3", "stop_loss": "stop", "trailing_stop": "k * atr(14)",
                    "max_hold": "10s"},
                "sizing": {"method": "risk_per_trade", "fraction": "risk", "max_positions": "1"}}),
            vec![
                ("n", vec!["5", "20", "60"]),
                ("k", vec!["1.5", "2", "3"]),
                ("stop", vec!["2%", "50bps", "5%"]),
                ("risk", vec!["1%", "2%"]),
                ("hold", vec!["10s", "30d"]),
                ("low_price", vec!["1", "5"]),
            ],
            vec![("/exit/max_hold", "hold")],
        ),
        (
            json!({"name": "rotation", "symbols": ["AAA", "BBB", "CCC"], "sectors": {"AAA": "x", "BBB": "y", "CCC": "x"},
                "where": "close > sma(close, n)", "params": {"n": "20", "most": "2", "back": "3", "drift": "1%"},
                "portfolio": {"select": "top most by roc(close, n) where rank(close / lag(close, back)) <= most",
                    "weight": "inverse_volatility(n)", "rebalance": "monthly", "offset": 3, "corridor": {"absolute": "drift"}}}),
            vec![
                ("n", vec!["20", "60"]),
                ("most", vec!["1", "2"]),
                ("back", vec!["0", "3", "5"]),
                ("drift", vec!["0%", "1%"]),
            ],
            vec![("/portfolio/offset", "back")],
        ),
    ]
}

fn compiled(
    spec: &Value,
    binding: &[(&str, &str)],
    slots: &[(&str, &str)],
) -> Result<Plan, Vec<oracle_core::expr::Diagnostic>> {
    let mut spec = spec.clone();
    for (name, text) in binding {
        spec["params"][*name] = json!(text);
    }
    for (pointer, name) in slots {
        let text = binding.iter().find(|(param, _)| param == name).unwrap().1;
        let place = spec.pointer_mut(pointer).unwrap();
        *place = if place.is_i64() { json!(text.parse::<i64>().unwrap()) } else { json!(text) };
    }
    let spec: Spec = serde_json::from_value(spec).unwrap();
    plan::compile(&spec).map(|(plan, _)| plan)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_binding_is_the_plan_compiled_alone(picks in prop::collection::vec(prop::collection::vec(0..6usize, 6), 1..24)) {
        for (spec, params, slots) in specs() {
            let names = params.iter().map(|(name, _)| (*name).to_string()).collect();
            let owned: Vec<_> = slots.iter().map(|(a, b)| ((*a).to_string(), (*b).to_string())).collect();
            let mut family = Family::new(&spec.to_string(), names, &owned).unwrap();
            let chosen = |picks: &[usize]| -> Vec<(&str, &str)> {
                params.iter().zip(picks).map(|((name, values), pick)| (*name, values[pick % values.len()])).collect()
            };
            let bindings: Vec<Vec<(&str, &str)>> = picks.iter().map(|picks| chosen(picks)).collect();
            let codes: Vec<Vec<u32>> = bindings
                .iter()
                .map(|binding| binding.iter().enumerate().map(|(p, (_, text))| family.code(p, text).unwrap()).collect())
                .collect();
            let mut shared = family.shared().unwrap();
            let mut bound = Vec::new();
            for (codes, binding) in codes.iter().zip(&bindings) {
                let alone = compiled(&spec, binding, &slots);
                match shared.bind(codes) {
                    Ok(decisions) => bound.push((decisions, alone.expect("compiles alone too"))),
                    Err(diagnostics) => prop_assert!(alone.is_err(), "{binding:?}: {diagnostics:?}"),
                }
            }
            let Some((first, _)) = bound.first() else { continue };
            let (mut plan, digests) = shared.into_plan(first);
            let hasher = Hasher::new(&plan);
            for (decisions, alone) in &bound {
                decisions.decide(&mut plan);
                prop_assert_eq!(&hasher.hash(&plan, &digests), &alone.hash);
                prop_assert_eq!(&plan.sizing.max_positions, &alone.sizing.max_positions);
                let texts = |plan: &Plan| -> Vec<_> {
                    plan::roots(plan).into_iter().map(|id| (plan.nodes[id].unit, plan.nodes[id].warm_up)).collect()
                };
                prop_assert_eq!(texts(&plan), texts(alone));
            }
        }
    }
}

#[test]
fn each_sub_expression_is_one_node_per_distinct_value() {
    let (spec, ..) = specs().swap_remove(0);
    let mut family = Family::new(&spec.to_string(), vec!["fast".into(), "slow".into()], &[]).unwrap();
    let mut codes = Vec::new();
    for fast in 2..12 {
        for slow in 20..40 {
            codes.push(vec![family.code(0, &fast.to_string()).unwrap(), family.code(1, &slow.to_string()).unwrap()]);
        }
    }
    let mut shared = family.shared().unwrap();
    let bound: Vec<_> = codes.iter().map(|codes| shared.bind(codes).unwrap()).collect();
    let (plan, _) = shared.into_plan(&bound[0]);
    let named = |name: &str| plan.nodes.iter().filter(|node| node.text.starts_with(name)).count();
    assert_eq!(named("sma("), 10 + 20);
    assert_eq!(named("roc("), 10);
    assert_eq!(named("cross_above("), 200);
}

#[test]
fn a_value_that_does_not_compile_says_why_and_the_next_one_does() {
    let (spec, ..) = specs().swap_remove(0);
    let mut family = Family::new(&spec.to_string(), vec!["fast".into()], &[]).unwrap();
    let codes: Vec<u32> = ["100000", "5"].iter().map(|text| family.code(0, text).unwrap()).collect();
    let mut shared = family.shared().unwrap();
    let problems = shared.bind(&codes[..1]).unwrap_err();
    assert!(problems.iter().any(|d| d.message.contains("out of range")), "{problems:?}");
    assert!(shared.bind(&codes[1..]).is_ok());
    assert!(family.code(0, "close").is_err());
    assert!(Family::new(&spec.to_string(), vec!["fats".into()], &[]).is_err());
}
