//! NumPy columns in and out: borrowed on the way in, handed over without a copy on the way out.

use crate::error::EngineError;
use crate::python::error::to_py;
use numpy::{Element, PyReadonlyArray1};
use pyo3::prelude::*;

/// The array's memory, or a `Shape` error that names the column.
pub fn slice<'a, T: Element>(array: &'a PyReadonlyArray1<'_, T>, py: Python<'_>, what: &str) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| {
        let problem = "the column is not contiguous; make a copy with numpy.ascontiguousarray".into();
        to_py(py, &EngineError::Shape { what: what.to_owned(), problem })
    })
}
