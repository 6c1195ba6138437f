//! The catalogue as JSON, for documentation, `oracle indicators` and the notebook functions.

use crate::signature::{Accepts, Output, Param, PlainText, Settle, Signature};
use pyo3::prelude::*;
use serde_json::{Value, json};

/// Every function of the language as a JSON array.
#[pyfunction]
pub fn catalog() -> String {
    Value::Array(crate::plan::functions().map(function).collect()).to_string()
}

fn function(signature: &Signature) -> Value {
    let numbers: Option<Vec<f64>> = signature.constants().map(|param| param.default).collect();
    let settle = numbers.as_deref().and_then(|values| match (signature.settle)(values) {
        Settle::Bars(bars) => Some(bars),
        Settle::Never => None,
    });
    json!({
        "name": signature.name,
        "kind": signature.kind,
        "family": signature.family,
        "summary": signature.summary,
        "reads": signature.reads,
        "parameters": signature.params.iter().map(parameter).collect::<Vec<_>>(),
        "outputs": signature.outputs.iter().map(output).collect::<Vec<_>>(),
        "warm_up": numbers.as_deref().map(signature.warm_up),
        "settle": settle,
        "formula": signature.formula,
        "edge_cases": signature.edge_cases,
        "source": signature.source,
        "version": signature.version,
    })
}

fn parameter(param: &Param) -> Value {
    let range = param.accepts.range();
    json!({
        "name": param.name,
        "is_series": param.accepts.is_series(),
        "is_length": matches!(param.accepts, Accepts::Length { .. }),
        "accepts": param.accepts.plain_text(),
        "optional": param.optional,
        "default": param.default,
        "minimum": range.map(|r| r.0),
        "maximum": range.map(|r| r.1),
        "doc": param.doc,
    })
}

fn output(output: &Output) -> Value {
    json!({ "name": output.name, "unit": output.unit.plain_text(), "doc": output.doc })
}
