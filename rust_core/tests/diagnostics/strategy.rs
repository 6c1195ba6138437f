//! A strategy without faults, changes to it, and what compiling has to say.

use oracle_core::expr::Diagnostic;
use oracle_core::plan::{self, Plan, Spec};
use serde_json::{Value, json};

/// A strategy with nothing to complain about.
pub fn base() -> Value {
    json!({
        "name": "base", "symbols": ["AAPL", "IBM", "MSFT"], "sectors": {"AAPL": "tech", "IBM": "tech"},
        "entry": {"long": "close > sma(close, 50)"}, "exit": {"when": "close < sma(close, 20)"}
    })
}

pub fn with(changes: Value) -> Value {
    let mut spec = base();
    merge(&mut spec, changes);
    spec
}

pub fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

pub fn compile(spec: Value) -> Result<(Plan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let spec: Spec = serde_json::from_value(spec).unwrap();
    plan::compile(&spec)
}

pub fn problems(spec: Value) -> Vec<Diagnostic> {
    match compile(spec) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// Diagnostics of an entry condition.
pub fn entry(text: &str) -> Vec<Diagnostic> {
    problems(with(json!({"entry": {"long": text}})))
}

pub fn entry_codes(text: &str) -> Vec<&'static str> {
    entry(text).into_iter().map(|d| d.code).collect()
}
