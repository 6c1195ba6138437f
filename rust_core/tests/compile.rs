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
    println!("{}", plan::explain::text(&plan));
}

#[test]
fn equal_expressions_are_one_node() {
    let plan = compile(&dual_momentum());
    let ranks = plan.nodes.iter().filter(|n| matches!(n.op, Op::CrossSection { .. })).count();
    assert_eq!(ranks, 1, "rank(momentum) stands in entry and exit");
}
