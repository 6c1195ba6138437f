//! NumPy columns in and out: borrowed on the way in, handed over without a copy on the way out.

use crate::error::EngineError;
use crate::python::error::to_py;
use numpy::{Element, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The array's memory, or a `Shape` error that names the column.
pub fn slice<'a, T: Element>(array: &'a PyReadonlyArray1<'_, T>, py: Python<'_>, what: &str) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| {
        let problem = "the column is not contiguous; make a copy with numpy.ascontiguousarray".into();
        to_py(py, &EngineError::Shape { what: what.to_owned(), problem })
    })
}

/// `numpy.empty`: a new column whose content is for the caller to write. NumPy asks for huge pages where they pay, and
/// memory that was used before is not cleared once more.
pub fn unwritten(py: Python<'_>, bars: usize) -> PyResult<Bound<'_, PyArray1<f64>>> {
    static EMPTY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(EMPTY.import(py, "numpy", "empty")?.call1((bars,))?.cast_into()?)
}
