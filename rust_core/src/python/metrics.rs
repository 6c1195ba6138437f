//! The metrics of any equity curve, for tests and for results of other engines.

use super::arrays::slice;
use super::error::to_py;
use crate::error::EngineError;
use crate::metrics::{Metrics, Record};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

/// Metrics as a JSON object, from session-close equity (USD), gross exposure, benchmark returns (one shorter than
/// equity, or empty), value traded (USD) and the profit of each round trip (USD).
#[pyfunction]
pub fn metrics(
    py: Python<'_>,
    equity: PyReadonlyArray1<'_, f64>,
    gross_exposure: PyReadonlyArray1<'_, f64>,
    benchmark: PyReadonlyArray1<'_, f64>,
    traded_usd: f64,
    trade_pnl: PyReadonlyArray1<'_, f64>,
) -> PyResult<String> {
    let record = Record {
        equity: slice(&equity, py, "equity")?,
        gross_exposure: slice(&gross_exposure, py, "gross exposure")?,
        benchmark: slice(&benchmark, py, "benchmark")?,
        traded: traded_usd,
        trade_pnl: slice(&trade_pnl, py, "trade profits")?,
    };
    serde_json::to_string(&Metrics::of(&record))
        .map_err(|problem| to_py(py, &EngineError::Config(format!("metrics: {problem}"))))
}
