//! Strategies from JSON to plan: what compiles, what it becomes, and what its hash depends on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::plan::{self, Op, Plan, Spec};
use serde_json::{Value, json};

fn dual_momentum() -> Value {
    json!({
        "name": "dual_momentum",
        "symbols": ["AAPL", "GOOG", "IBM", "MSFT"],
        "where": "close > 5 and sma(volume, 20) > 100_000",
        "timeframe": "1Day",
        "params": {"lookback": "126", "hold": "2"},
        "features": {"momentum": "change_ratio(close, lookback)", "trend": "close > sma(close, 200)"},
        "entry": {"long": "trend and momentum > 0 and rank(momentum) <= hold", "priority": "momentum"},
        "exit": {
            "when": "not trend or rank(momentum) > hold + 1",
            "stop_loss": "8%", "trailing_stop": "3 * atr(14)", "take_profit": "25%", "max_hold": "90d"
        },
        "min_hold_days": 2,
        "sizing": {
            "method": "half_kelly", "max_position": "40%",
            "prior": {"trades": "30", "win_rate": "52%", "payoff": "1.3"}
        },
        "execution": {"order_type": "limit", "limit_offset": "0.05%", "fill": "next_open"}
    })
}

fn compile(spec: &Value) -> Plan {
    let spec: Spec = serde_json::from_value(spec.clone()).unwrap();
    match plan::compile(&spec) {
        Ok((plan, warnings)) => {
            assert!(warnings.is_empty(), "{warnings:#?}");
            plan
        }
        Err(problems) => panic!("{problems:#?}"),
    }
}

/// The strategy with one key changed; `at` is a JSON pointer.
fn changed(at: &str, to: Value) -> Value {
    let mut spec = dual_momentum();
    *spec.pointer_mut(at).unwrap_or_else(|| panic!("no {at}")) = to;
    spec
}

#[test]
fn the_example_of_the_manual_compiles() {
    let plan = compile(&dual_momentum());
    // The 200-day average has its first value on its 200th bar.
    assert_eq!(plan.warm_up, 199);
    assert_eq!(plan.hash.len(), 64);
    let rules = plan.rules.as_ref().unwrap();
    assert!(rules.long.is_some() && rules.short.is_none() && rules.exit_long == rules.exit_short);
    assert_eq!(plan.features.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["momentum", "trend"]);
}

#[test]
fn equal_expressions_are_one_node() {
    let plan = compile(&dual_momentum());
    let ranks = plan.nodes.iter().filter(|n| matches!(n.op, Op::CrossSection { .. })).count();
    assert_eq!(ranks, 1, "rank(momentum) stands in entry and exit");
}

fn hash(spec: &Value) -> String {
    compile(spec).hash
}

#[test]
fn what_does_not_decide_does_not_change_the_hash() {
    let before = hash(&dual_momentum());
    assert_eq!(before, hash(&dual_momentum()));
    assert_eq!(before, hash(&changed("/name", json!("other"))));
    // The order of symbols is no decision.
    assert_eq!(before, hash(&changed("/symbols", json!(["MSFT", "AAPL", "IBM", "GOOG"]))));
    // A feature under another name, and one written out where it is used.
    let renamed: Value =
        serde_json::from_str(&dual_momentum().to_string().replace("momentum", "strength").replace("trend", "up"))
            .unwrap();
    assert_eq!(before, hash(&renamed));
    let mut inline = changed("/entry/priority", json!("change_ratio(close, lookback)"));
    inline["exit"]["when"] = json!("not (close > sma(close, 200)) or rank(change_ratio(close, 126)) > 3");
    assert_eq!(before, hash(&inline));
    // Spacing, parentheses, keywords, defaults written out, and operands of `and`.
    assert_eq!(before, hash(&changed("/features/trend", json!("(close)>sma( length = 200, series = close )"))));
    assert_eq!(before, hash(&changed("/where", json!("sma(volume, 20) > 100000 and close > 5"))));
    assert_eq!(before, hash(&changed("/exit/trailing_stop", json!("atr() * 3"))));
    // A param by value.
    assert_eq!(before, hash(&changed("/params/lookback", json!("126.0"))));
}

#[test]
fn what_decides_changes_the_hash() {
    let mut seen = std::collections::BTreeSet::from([hash(&dual_momentum())]);
    for (at, to) in [
        ("/params/lookback", json!("127")),
        ("/params/hold", json!("3")),
        ("/features/trend", json!("close > ema(close, 200)")),
        ("/features/trend", json!("close >= sma(close, 200)")),
        ("/where", json!("close > 6 and sma(volume, 20) > 100_000")),
        ("/where", Value::Null),
        ("/symbols", json!(["AAPL", "GOOG", "IBM"])),
        ("/entry/priority", json!("-momentum")),
        ("/exit/stop_loss", json!("9%")),
        ("/exit/max_hold", json!("90s")),
        ("/exit/max_hold", json!("91d")),
        ("/exit/take_profit", Value::Null),
        ("/min_hold_days", json!(3)),
        ("/sizing/max_position", json!("41%")),
        ("/sizing/prior/win_rate", json!("53%")),
        ("/sizing", json!({"method": "equal_weight"})),
        ("/execution/limit_offset", json!("0.06%")),
        ("/execution", json!({"order_type": "market"})),
    ] {
        assert!(seen.insert(hash(&changed(at, to.clone()))), "{at} = {to} changed nothing");
    }
    let mut sectors = dual_momentum();
    sectors["sectors"] = json!({"AAPL": "tech"});
    assert!(seen.insert(hash(&sectors)));
    let mut leave = dual_momentum();
    leave["exit"]["on_leave"] = json!("hold");
    assert!(seen.insert(hash(&leave)));
}

#[test]
fn the_order_of_definitions_does_not_matter() {
    // `a` sorts before what it uses.
    let spec = |first: &str, second: &str| {
        json!({
            "name": "x", "symbols": ["A"], "entry": {"long": format!("{first} > 0 and {second} > 1")},
            "features": {first: format!("{second} * 2"), second: "close / sma(close, 10)"}
        })
    };
    assert_eq!(hash(&spec("a", "b")), hash(&spec("z", "y")));
}

fn op_of(plan: &Plan, id: usize) -> &Op {
    &plan.nodes[id].op
}

/// The plan of one entry condition, and the node it ends in.
fn entry(text: &str) -> (Plan, usize) {
    let plan = compile(&json!({"name": "x", "symbols": ["A", "B"], "entry": {"long": text}}));
    let root = plan.rules.as_ref().unwrap().long.unwrap();
    (plan, root)
}

#[test]
fn prices_are_restated_before_they_meet_a_number_and_only_then() {
    let (plan, root) = entry("close > 5");
    let left = plan.nodes[root].inputs[0];
    assert!(matches!(op_of(&plan, left), Op::AsOfDay { price: 1, volume: 0 }));
    let count = |text: &str| entry(text).0.nodes.iter().filter(|n| matches!(n.op, Op::AsOfDay { .. })).count();
    assert_eq!(count("close > sma(close, 20)"), 0);
    assert_eq!(count("close - open > 0"), 0, "zero is the same on every basis");
    assert_eq!(count("close * 1.02 > open"), 0);
    assert_eq!(count("close > at(\"1Week\", sma(close, 10))"), 0, "one symbol has one factor");
    assert_eq!(count("rank(close) < 2"), 1);
    assert_eq!(count("rank(close / open) < 2"), 0);
    assert_eq!(count("close * volume > 1_000_000"), 1);
    assert_eq!(count("symbol(\"SPY\", close) > close"), 2);
    assert_eq!(count("symbol(\"SPY\", close > sma(close, 200))"), 0);
    let (plan, _) = entry("close * volume > 1_000_000");
    assert!(plan.nodes.iter().any(|n| matches!(n.op, Op::AsOfDay { price: 1, volume: 1 })));
}

#[test]
fn a_crossing_of_a_number_is_asked_after_the_lag() {
    // Above now and not a bar ago: two comparisons, each of a restated price.
    let (plan, root) = entry("cross_above(close, 50)");
    assert!(matches!(op_of(&plan, root), Op::Elementwise(plan::Elementwise::And)));
    let lag = plan.nodes.iter().position(|n| matches!(&n.op, Op::Indicator { function, .. } if function.name == "lag"));
    let restated = plan.nodes.iter().find(|n| matches!(n.op, Op::AsOfDay { .. }) && n.inputs == [lag.unwrap()]);
    assert!(restated.is_some(), "{}", plan::explain::text(&plan));
    assert_eq!(plan.warm_up, 1);
    // Without an absolute price it is the function of the catalogue.
    let (plan, root) = entry("cross_above(rsi(close, 14), 30)");
    assert!(matches!(op_of(&plan, root), Op::Indicator { function, .. } if function.name == "cross_above"));
}

#[test]
fn percentages_take_their_neighbours_scale() {
    let constant = |text: &str| {
        let (plan, root) = entry(text);
        match *op_of(&plan, plan.nodes[root].inputs[1]) {
            Op::Constant(value) => value,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(constant("change_ratio(close, 5) > 7%"), 0.07);
    assert_eq!(constant("roc(close, 5) > 7%"), 7.0);
    assert_eq!(constant("roc(close, 5) > 50bps"), 0.5);
    assert_eq!(constant("change_ratio(close, 5) > 50bps"), 0.005);
    assert_eq!(constant("change_ratio(close, 5) > 2 * 5%"), 0.1);
}

#[test]
fn warm_up_adds_up_along_the_inputs() {
    let warm_up = |text: &str| entry(text).0.warm_up;
    assert_eq!(warm_up("close > open"), 0);
    assert_eq!(warm_up("close > sma(close, 20)"), 19);
    // lag 3 of an average of 20: 19 + 3.
    assert_eq!(warm_up("close > lag(sma(close, 20), 3)"), 22);
    // The first week is complete after at most 5 sessions, so 4 bars are without it; an average of 10 needs 9 more.
    assert_eq!(warm_up("close > at(\"1Week\", close)"), 4);
    assert_eq!(warm_up("close > at(\"1Week\", sma(close, 10))"), 4 + 9 * 5);
    assert_eq!(warm_up("close > at(\"1Month\", close)"), 22);
}

#[test]
fn named_symbols_have_contexts_of_their_own() {
    let (plan, root) = entry("symbol(\"SPY\", at(\"1Week\", close > sma(close, 10)))");
    let contexts: Vec<_> = plan.contexts.iter().map(|c| (c.symbol.as_deref(), c.timeframe)).collect();
    assert_eq!(contexts, [(None, None), (Some("SPY"), None), (Some("SPY"), Some(plan::Timeframe::Week))]);
    let node = &plan.nodes[root];
    assert!(matches!(node.op, Op::Bridge) && node.context == 0 && node.scope == plan::Scope::Market);
    // A feature is computed in the context that asks for it.
    let spec = json!({
        "name": "x", "symbols": ["A"], "features": {"trend": "close > sma(close, 10)"},
        "entry": {"long": "trend and symbol(\"SPY\", trend)"}
    });
    let plan = compile(&spec);
    let averages: Vec<_> =
        plan.nodes.iter().filter(|n| matches!(n.op, Op::Indicator { .. })).map(|n| n.context).collect();
    assert_eq!(averages, [0, 1]);
}

#[test]
fn several_outputs_share_their_inputs() {
    let (plan, _) = entry("macd(close).histogram > 0 and macd(close).line > macd(close, 12, 26, 9).signal");
    let outputs: Vec<_> = plan
        .nodes
        .iter()
        .filter_map(|n| match &n.op {
            Op::Indicator { function, output, .. } => Some(function.outputs[*output].name),
            _ => None,
        })
        .collect();
    assert_eq!(outputs, ["histogram", "line", "signal"]);
}

#[test]
fn a_plan_is_shown_as_text_json_and_graph() {
    let plan = compile(&dual_momentum());
    let text = plan::explain::text(&plan);
    assert!(text.contains("sma(200) #0") && text.contains("<- entry.long"), "{text}");
    let json = plan::explain::json(&plan);
    assert_eq!(json["name"], "dual_momentum");
    assert_eq!(json["plan_hash"], plan.hash.as_str());
    assert_eq!(json["nodes"].as_array().unwrap().len(), plan.nodes.len());
    assert_eq!(
        (&json["execution"]["entry"], &json["execution"]["limit_offset_frac"]),
        (&json!("limit"), &json!(0.0005))
    );
    assert!(text.contains("execution: entry limit, exit market, limit_offset_frac 0.0005"), "{text}");
    let graph = plan::explain::mermaid(&plan);
    assert!(graph.starts_with("graph TD\n") && graph.contains("n0 --> n1"), "{graph}");
    assert!(!graph.contains("[\"<"), "operators are escaped: {graph}");
}

#[test]
fn a_portfolio_compiles_to_a_cross_section() {
    let plan = compile(&json!({
        "name": "rotation", "symbols": ["A", "B", "C"], "params": {"n": "2"},
        "features": {"momentum": "change_ratio(close, 126)"},
        "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 30"}},
        "portfolio": {
            "select": "top n by momentum where close > sma(close, 200) and calm",
            "weight": "inverse_volatility(60)", "rebalance": "monthly", "offset": 1, "corridor": {"absolute": "2%"}
        }
    }));
    let portfolio = plan.portfolio.as_ref().unwrap();
    let node = &plan.nodes[portfolio.select];
    let Op::CrossSection { function, numbers, mask, group } = &node.op else { panic!("{node:?}") };
    assert_eq!((*function, numbers.as_slice(), *mask, *group), (plan::CrossSection::Top, &[2.0][..], true, false));
    assert_eq!(portfolio.rebalance, plan::Rebalance::Monthly { offset: 1 });
    assert_eq!(portfolio.corridor.absolute_frac, Some(0.02));
    assert_eq!(portfolio.gross_frac, 1.0);
    let json = plan::explain::json(&plan);
    assert_eq!(json["portfolio"]["rebalance"], json!({"schedule": "monthly", "offset": 1}));
    assert!(plan::explain::text(&plan).contains("rebalance monthly (offset 1)"));
    assert!(plan.nodes.iter().any(|n| matches!(n.op, Op::Regime)));
    assert_eq!(plan.settle, oracle_core::signature::Settle::Never, "a regime remembers its beginning");
    assert!(plan.rules.is_none());
}

#[test]
fn exits_of_a_position_are_evaluated_with_three_truths() {
    let mut spec = dual_momentum();
    spec["exit"]["when"] =
        json!("(position.profit > 10% and close < position.entry_price + atr(14)) or position.bars_held >= 10");
    let plan = compile(&spec);
    let root = plan.rules.as_ref().unwrap().exit_long.unwrap();
    let program = plan::position::Program::new(&plan, root);
    let close = |price: f64| {
        let plan = &plan;
        move |id: usize| match plan.nodes[id].text.as_str() {
            "as_of_day(close)" => price,
            "as_of_day(atr(14))" => 2.0,
            _ => match plan.nodes[id].op {
                Op::Constant(value) => value,
                ref other => panic!("{other:?}"),
            },
        }
    };
    let mut slots = Vec::new();
    let mut ask = |price: f64, profit: f64, bars_held: f64| {
        let position = plan::position::PositionValues {
            entry_price: 100.0,
            profit,
            bars_held,
            is_long: true,
            ..Default::default()
        };
        let column = |place: usize| close(price)(program.columns()[place]);
        let fast = program.run(&mut slots, &column, &position);
        let plain = plan::position::eval(&plan, root, &close(price), &position);
        assert!(fast == plain || (fast.is_nan() && plain.is_nan()));
        fast
    };
    assert_eq!(ask(101.0, 0.2, 1.0), 1.0);
    // 102 is not below 100 + 2.
    assert_eq!(ask(102.0, 0.2, 1.0), 0.0);
    assert_eq!(ask(101.0, 0.05, 1.0), 0.0);
    assert_eq!(ask(101.0, 0.05, 10.0), 1.0);
    // An unknown price: false where the profit is too small, unknown where it is not, true where time is up.
    assert_eq!(ask(f64::NAN, 0.05, 1.0), 0.0);
    assert!(ask(f64::NAN, 0.2, 1.0).is_nan());
    assert_eq!(ask(f64::NAN, 0.2, 10.0), 1.0);
    assert_eq!(program.columns().len(), 2, "constants are part of the program");
}

#[test]
fn defaults_stand_where_the_file_is_silent() {
    let plan = compile(&json!({"name": "x", "symbols": ["A"], "entry": {"long": "close > open"}}));
    assert_eq!(plan.min_hold_days, 2);
    assert!(plan.close_on_leave);
    assert_eq!(plan.sizing.method, plan::SizingMethod::EqualWeight);
    assert_eq!((plan.sizing.max_position_frac, plan.sizing.max_positions, plan.sizing.round_lot), (None, None, 1));
    assert_eq!(plan.execution.entry, plan::EntryOrder::Market);
    assert_eq!(plan.execution.time_in_force_sessions, 1);
    assert_eq!(plan.timeframe, "1Day");
}

#[test]
fn a_truth_known_at_compile_time_is_no_number() {
    for long in ["1 < 2", "7 % 3 > 0", "close > 1 and true", "true"] {
        let plan = compile(&json!({"name": "x", "symbols": ["A"], "entry": {"long": long, "priority": "close * 1"}}));
        let root = plan.rules.as_ref().and_then(|rules| rules.long).unwrap();
        assert_eq!(plan.nodes[root].unit, oracle_core::units::Unit::Boolean, "{long}");
    }
}

#[test]
fn unknown_keys_of_the_spec_are_refused() {
    let mut spec = dual_momentum();
    spec["exits"] = json!({});
    assert!(serde_json::from_value::<Spec>(spec).is_err());
}

#[test]
fn every_function_is_listed_once_for_the_manual() {
    let names: Vec<_> = plan::functions().map(|f| f.name).collect();
    for name in ["sma", "macd", "rank", "cs_zscore", "breadth", "if", "day_of_week", "cross_above", "is_missing"] {
        assert_eq!(names.iter().filter(|n| **n == name).count(), 1, "{name}");
    }
    assert!(names.len() >= 80, "{}", names.len());
}
