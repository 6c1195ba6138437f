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

/// New columns of `numpy.empty`, whose content is for the caller to write. They are the rows of one array, since an
/// allocator that gives large blocks back to the system, and pays for each page again, does so less often with one.
pub fn unwritten<'py>(py: Python<'py>, columns: usize, bars: usize) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    static EMPTY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let rows = EMPTY.import(py, "numpy", "empty")?.call1(((columns, bars),))?;
    (0..columns).map(|row| Ok(rows.get_item(row)?.cast_into()?)).collect()
}
