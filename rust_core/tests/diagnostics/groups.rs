//! Groups of a portfolio: what they compile to, what is refused, and what a plan's identity makes of them.

use crate::strategy::{compile, merge, problems};
use oracle_core::expr::Severity;
use oracle_core::plan::{CrossSection, Op, Plan, Weight, explain, invariants};
use serde_json::{Value, json};

/// Equities by momentum, and a shelter with groups of its own.
fn grouped(changes: Value) -> Value {
    let mut spec = json!({
        "name": "groups", "symbols": ["AAPL", "GLD", "MSFT", "TLT"], "params": {"core": "60%"},
        "features": {"momentum": "change_ratio(close, 126)"},
        "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 30"}},
        "portfolio": {"corridor": {"absolute": "5%"}, "groups": {
            "equities": {
                "share": "core", "members": ["MSFT", "AAPL"],
                "select": "top 1 by momentum where momentum > 0", "weight": "risk_parity(60)"
            },
            "shelter": {"share": "if(calm, 20%, 40%)", "members": ["GLD", "TLT"], "groups": {
                "bonds": {"share": "75%", "members": ["TLT"], "corridor": {"relative": "10%"}},
                "gold": {"share": "25%", "members": ["GLD"]}
            }}
        }}
    });
    merge(&mut spec, changes);
    spec
}

fn plan(spec: Value) -> Plan {
    compile(spec).unwrap_or_else(|problems| panic!("{problems:#?}")).0
}

/// The same, of one group.
fn of(path: &[&str], changes: Value) -> Value {
    let group = path.iter().rev().fold(changes, |inner, name| json!({"groups": {*name: inner}}));
    grouped(json!({"portfolio": group}))
}

#[test]
fn a_ranking_is_one_of_the_members_of_the_group() {
    assert_eq!(problems(grouped(json!({}))), []);
    let plan = plan(grouped(json!({})));
    assert_eq!(invariants::check(&plan), Ok(()));
    let portfolio = plan.portfolio.as_ref().unwrap();
    let Weight::Groups(groups) = &portfolio.weight else { panic!("{portfolio:?}") };
    let names: Vec<&str> = portfolio.groups().into_iter().map(|(_, group)| group.name.as_str()).collect();
    assert_eq!(names, ["equities", "shelter", "bonds", "gold"]);
    let select = &plan.nodes[groups[0].select];
    assert!(matches!(select.op, Op::CrossSection { function: CrossSection::Top, mask: true, .. }), "{select:?}");
    let mask = &plan.nodes[select.inputs[1]];
    let among: Vec<_> = mask
        .inputs
        .iter()
        .filter_map(|&id| match &plan.nodes[id].op {
            Op::Among(symbols) => Some(symbols.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(among, [["AAPL", "MSFT"]]);
    // 60 changes, the first of which needs a bar before it; the momentum looks back 126 bars.
    assert_eq!(plan.warm_up, 126);
    assert_eq!(plan_of("risk_parity(200)").warm_up, 200);
}

fn plan_of(weight: &str) -> Plan {
    plan(of(&["equities"], json!({"weight": weight})))
}

#[test]
fn a_plan_tells_its_groups_by_path() {
    let plan = plan(grouped(json!({})));
    let text = explain::text(&plan);
    for line in [
        "portfolio: corridor (absolute_frac 0.05), gross_frac 1.0, rebalance monthly (offset 0)",
        "group equities: share #",
        "weight risk_parity (changes ",
        "group shelter.bonds: share #",
        "corridor (relative_frac 0.1)",
        "<- portfolio.groups.shelter.gold.select",
        "among AAPL MSFT",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let json = explain::json(&plan);
    assert_eq!(json["portfolio"]["weight"]["method"], "groups");
    assert_eq!(json["portfolio"]["weight"]["node"][1]["name"], "shelter");
}

#[test]
fn the_identity_of_a_plan_covers_all_of_it() {
    let base = plan(grouped(json!({}))).hash;
    for changes in [
        of(&["equities"], json!({"share": "50%"})),
        of(&["equities"], json!({"members": ["AAPL"]})),
        of(&["equities"], json!({"weight": "risk_parity(61)"})),
        of(&["shelter", "bonds"], json!({"corridor": {"relative": "11%"}})),
        of(&["shelter", "gold"], json!({"share": "20%"})),
        grouped(json!({"portfolio": {"to": "edge"}})),
        grouped(json!({"portfolio": {"corridor": {"relative": "25%"}}})),
        grouped(json!({"portfolio": {"rebalance": "on drift"}})),
    ] {
        assert_ne!(plan(changes.clone()).hash, base, "{changes}");
    }
    // What is said twice or as it is without saying is the same plan.
    let same = of(&["shelter", "gold"], json!({"select": "all", "weight": "equal"}));
    assert_eq!(plan(same).hash, base);
}

#[test]
fn rules_that_add_and_close_parts_have_their_identity_too() {
    let spec = |changes: Value| {
        let mut spec =
            json!({"name": "x", "symbols": ["A"], "entry": {"long": "close > open"}, "exit": {"when": "close < open"}});
        merge(&mut spec, changes);
        spec
    };
    let rules = json!({
        "entry": {"scale_in": {"when": "position.entries < 3", "times": "2", "size": "50%"}, "cooldown": "10s"},
        "exit": {"partial": [{"when": "position.profit > 10%", "close": "50%"}]}
    });
    let base = plan(spec(rules.clone()));
    let text = explain::text(&base);
    for line in ["scale in: size_frac 0.5, times 2, when ", "partial exit: close_frac 0.5", "cooldown: sessions 10"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("<- entry.scale_in.when") && text.contains("<- exit.partial.0.when"), "{text}");
    let mut hashes = vec![plan(spec(json!({}))).hash, base.hash];
    for changes in [
        json!({"entry": {"scale_in": {"times": "3"}}}),
        json!({"entry": {"scale_in": {"size": "25%"}}}),
        json!({"entry": {"cooldown": "10d"}}),
        json!({"exit": {"partial": [{"when": "position.profit > 10%", "close": "40%"}]}}),
    ] {
        let mut changed = spec(rules.clone());
        merge(&mut changed, changes);
        hashes.push(plan(changed).hash);
    }
    let count = hashes.len();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), count);
}

#[test]
fn what_does_not_fit_is_refused_where_it_stands() {
    let mut deep = json!({"share": "50%"});
    for _ in 0..9 {
        deep = json!({"share": "50%", "groups": {"in": deep}});
    }
    let equities = "portfolio.groups.equities";
    for (spec, path, code) in [
        (of(&["equities"], json!({"share": "60"})), format!("{equities}.share"), "E303"),
        (of(&["equities"], json!({"share": "160%"})), format!("{equities}.share"), "E406"),
        (of(&["equities"], json!({"share": "rank(close) / 10"})), format!("{equities}.share"), "E312"),
        (of(&["equities"], json!({"share": "close"})), format!("{equities}.share"), "E302"),
        (of(&["equities"], json!({"members": ["AAPL", "GLDD"]})), format!("{equities}.members.1"), "E409"),
        (of(&["equities"], json!({"members": ["AAPL", "AAPL"]})), format!("{equities}.members.1"), "E411"),
        (of(&["equities"], json!({"members": []})), format!("{equities}.members"), "E406"),
        (of(&["shelter"], json!({"weight": "equal"})), "portfolio.groups.shelter.weight".into(), "E411"),
        (
            of(&["shelter", "gold"], json!({"members": ["AAPL"]})),
            "portfolio.groups.shelter.groups.gold.members.0".into(),
            "E409",
        ),
        // 60% beside at least 20% + 25% of what is left.
        (of(&["third"], json!({"share": "25%", "members": ["AAPL"]})), "portfolio.groups.third.share".into(), "E406"),
        (grouped(json!({"portfolio": {"select": "all"}})), "portfolio.select".into(), "E411"),
    ] {
        let errors = problems(spec.clone()).into_iter().filter(|d| d.severity == Severity::Error);
        let found: Vec<_> = errors.map(|d| (d.path.join("."), d.code)).collect();
        assert_eq!(found, [(path, code)], "{spec}");
    }
    let found: Vec<_> = problems(of(&["equities"], deep)).into_iter().map(|d| d.code).collect();
    assert!(found.contains(&"E108"), "{found:?}");
}
