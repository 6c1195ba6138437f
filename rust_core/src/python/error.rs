//! One map from the engine's errors to the Python tree of `oracle.core.errors`.

use crate::error::EngineError;
use pyo3::prelude::*;

/// The Python exception of an engine error: its class by kind, its text, its code.
pub fn to_py(py: Python<'_>, error: &EngineError) -> PyErr {
    let class = match error {
        EngineError::Range { .. } => "RangeError",
        EngineError::Data { .. } | EngineError::Shape { .. } => "DataError",
        EngineError::MissingInput { .. } => "RunError",
        EngineError::Config(_) => "EngineError",
        EngineError::Interrupted => return pyo3::exceptions::PyKeyboardInterrupt::new_err(()),
    };
    match build(py, class, &error.to_string(), error.code()) {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

fn build<'py>(py: Python<'py>, class: &str, message: &str, code: &str) -> PyResult<Bound<'py, PyAny>> {
    let options = pyo3::types::PyDict::new(py);
    options.set_item("code", code)?;
    py.import("oracle.core.errors")?.getattr(class)?.call((message,), Some(&options))
}
