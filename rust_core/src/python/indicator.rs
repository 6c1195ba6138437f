//! One time-series function over whole columns, for notebooks and tests.

use super::arrays::{slice, unwritten};
use super::error::to_py;
use crate::error::{EngineError, Result};
use crate::indicators::{Entry, find};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;

/// Runs function `name` with its compile-time `numbers` over `inputs` (bar fields it reads, then series), in one
/// block of `block` bars or all at once; one array per output, NaN while warming up.
#[pyfunction]
#[pyo3(signature = (name, numbers, inputs, block=None))]
pub fn indicator<'py>(
    py: Python<'py>,
    name: &str,
    numbers: Vec<f64>,
    inputs: Vec<PyReadonlyArray1<'py, f64>>,
    block: Option<usize>,
) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    let columns = inputs.iter().map(|array| slice(array, py, name)).collect::<PyResult<Vec<_>>>()?;
    let entry = entry(name, &numbers, &columns).map_err(|error| to_py(py, &error))?;
    let bars = columns.first().map_or(0, |column| column.len());
    // Every bar is written below.
    let outputs = unwritten(py, entry.signature.outputs.len(), bars)?;
    let mut held: Vec<_> = outputs.iter().map(|column| column.readwrite()).collect();
    let mut into = held.iter_mut().map(|column| column.as_slice_mut()).collect::<std::result::Result<Vec<_>, _>>()?;
    py.detach(|| run(entry, &numbers, &columns, &mut into, block));
    drop(held);
    Ok(outputs)
}

/// The function of that name, once its arguments have been checked.
fn entry(name: &str, numbers: &[f64], inputs: &[&[f64]]) -> Result<&'static Entry> {
    let entry = find(name).ok_or_else(|| EngineError::Config(format!("no time-series function is named {name}")))?;
    check(entry, numbers, inputs)?;
    Ok(entry)
}

fn run(entry: &Entry, numbers: &[f64], inputs: &[&[f64]], outputs: &mut [&mut [f64]], block: Option<usize>) {
    let bars = inputs.first().map_or(0, |column| column.len());
    let mut machine = (entry.build)(numbers);
    let step = block.unwrap_or(bars).max(1);
    let mut from = 0;
    while from < bars {
        let to = bars.min(from + step);
        let part: Vec<&[f64]> = inputs.iter().map(|column| &column[from..to]).collect();
        let mut into: Vec<&mut [f64]> = outputs.iter_mut().map(|column| &mut column[from..to]).collect();
        machine.block(&part, &mut into);
        from = to;
    }
}

/// Numbers within their ranges, as many series as the function takes, all of one length.
fn check(entry: &Entry, numbers: &[f64], inputs: &[&[f64]]) -> Result<()> {
    let signature = &entry.signature;
    let constants: Vec<_> = signature.constants().collect();
    if numbers.len() != constants.len() {
        return Err(EngineError::Range {
            what: format!("{}()", signature.name),
            found: format!("{} numbers", numbers.len()),
            expected: constants.len().to_string(),
        });
    }
    for (param, &value) in constants.iter().zip(numbers) {
        let (low, high) = param.accepts.range().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if !(low..=high).contains(&value) {
            return Err(EngineError::Range {
                what: format!("{}({})", signature.name, param.name),
                found: value.to_string(),
                expected: format!("{low} to {high}"),
            });
        }
    }
    let (fewest, most) = (
        signature.reads.len() + signature.series().filter(|p| !p.optional).count(),
        signature.reads.len() + signature.series().count(),
    );
    let shape = |problem: String| EngineError::Shape { what: format!("{}()", signature.name), problem };
    if inputs.len() < fewest || inputs.len() > most {
        return Err(shape(format!("takes {fewest} to {most} columns, found {}", inputs.len())));
    }
    if let Some(other) = inputs.iter().find(|column| column.len() != inputs[0].len()) {
        return Err(shape(format!("columns of {} and {} bars", inputs[0].len(), other.len())));
    }
    Ok(())
}
