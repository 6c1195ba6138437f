//! From the text of a strategy to columns: what `compile` builds, `evaluate` takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

use oracle_core::bars::{LongColumns, Panel};
use oracle_core::calendar::{DAY_NS, days_from_civil, next_session};
use oracle_core::plan::{self, Plan, Spec};
use serde_json::{Value, json};

fn compile(spec: Value) -> Plan {
    let spec: Spec = serde_json::from_value(spec).unwrap();
    match plan::compile(&spec) {
        Ok((plan, _)) => plan,
        Err(diagnostics) => panic!("{diagnostics:?}"),
    }
}

/// 300 daily bars each of four symbols that swing in and out of step.
struct Bars {
    names: Vec<String>,
    code: Vec<u32>,
    ts_ns: Vec<i64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl Bars {
    fn new() -> Self {
        let names: Vec<String> = ["AAA", "BBB", "SPY", "VIX"].iter().map(|name| name.to_string()).collect();
        let mut bars = Self { names, code: vec![], ts_ns: vec![], close: vec![], volume: vec![] };
        for code in 0..4 {
            let mut date = days_from_civil(2020, 1, 1);
            for day in 0..300 {
                date = next_session(date);
                bars.code.push(code);
                bars.ts_ns.push(i64::from(date) * DAY_NS);
                let level = if code == 3 { 20.0 } else { 100.0 };
                bars.close.push(level * (1.0 + 0.3 * (f64::from(day) / 15.0 + f64::from(code)).sin()));
                bars.volume.push(1e6);
            }
        }
        bars
    }

    fn panel(&self) -> Panel<'_> {
        let columns = LongColumns {
            names: &self.names,
            code: &self.code,
            ts_ns: &self.ts_ns,
            open: &self.close,
            high: &self.close,
            low: &self.close,
            close: &self.close,
            volume: &self.volume,
            adjusted_only: &[],
        };
        Panel::from_long(&columns, &[], true).unwrap()
    }
}

#[test]
fn a_compiled_strategy_with_every_kind_of_expression_is_evaluated() {
    let plan = compile(json!({
        "name": "everything", "symbols": ["AAA", "BBB"], "where": "close > 5 and sma(volume, 20) > 1000",
        "sectors": {"AAA": "tech", "BBB": "energy"},
        "params": {"lookback": "20"},
        "features": {
            "momentum": "change_ratio(close, lookback)",
            "strength": "momentum - symbol(\"SPY\", change_ratio(close, 20))",
            "weekly": "at(\"1Week\", sma(close, 4))"
        },
        "regimes": {"calm": {"enter": "vix < 20", "exit": "vix > 24"}},
        "entry": {"long": "calm and close > weekly and rank(strength) <= 1", "priority": "momentum"},
        "exit": {"when": "rank(momentum) > 1 or position.profit < -5%", "stop_loss": "8%", "trailing_stop": "3 * atr(14)"}
    }));
    let bars = Bars::new();
    let panel = bars.panel();
    let features: Vec<_> = plan.features.iter().map(|(_, node)| *node).collect();
    let columns = plan::evaluate(&plan, &panel, &features).unwrap();
    assert!(columns.warnings.is_empty());
    let rules = plan.rules.as_ref().unwrap();
    let long = columns.true_at(rules.long.unwrap());
    assert!(long.total() > 20, "{} entries", long.total());
    // The rule, worked out again from the bars at every step: at most one of the two is the stronger.
    let close = |symbol: usize, day: usize| bars.close[symbol * 300 + day];
    let change = |symbol: usize, day: usize| close(symbol, day) / close(symbol, day - 20) - 1.0;
    for step in 20..300 {
        let best = if change(0, step) >= change(1, step) { 0 } else { 1 };
        assert!(long.at(step).iter().all(|&symbol| symbol == best), "step {step}");
        assert!(long.at(step).is_empty() || close(3, step) <= 24.0, "step {step} is not calm");
        let strength =
            columns.value(features[plan.features.iter().position(|(name, _)| name == "strength").unwrap()], 0, step);
        assert!((strength - (change(0, step) - change(2, step))).abs() < 1e-12);
    }
    for root in plan::roots(&plan) {
        if plan.nodes[root].scope != plan::Scope::Position {
            assert!(!columns.value(root, 0, 250).is_nan(), "{}", plan.nodes[root].text);
        }
    }
}

#[test]
fn a_compiled_portfolio_selects_by_rank() {
    let plan = compile(json!({
        "name": "rotation", "symbols": ["AAA", "BBB", "SPY"],
        "portfolio": {"select": "top 1 by change_ratio(close, 20) where close > sma(close, 50)", "weight": "equal", "rebalance": "monthly"}
    }));
    let bars = Bars::new();
    let panel = bars.panel();
    let columns = plan::evaluate(&plan, &panel, &[]).unwrap();
    let chosen = columns.true_at(plan.portfolio.as_ref().unwrap().select);
    assert!(chosen.total() > 100);
    assert!((0..300).all(|step| chosen.at(step).len() <= 1));
}
