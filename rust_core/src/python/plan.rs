//! Compilation and what a compiled plan says of itself.

use super::bars::{PreparedBars, mapped};
use crate::calendar;
use crate::error::{EngineError, Result};
use crate::expr::code::Code;
use crate::expr::dimension;
use crate::plan::{self, Spec, explain, names};
use crate::risk::Policy;
use crate::simulate::conventions::{Conventions, SWITCHES};
use crate::simulate::coverage as report;
use crate::simulate::profiles::{PROFILES, Profile};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use serde_json::{Value, json};

/// A compiled strategy: immutable, hashed.
#[pyclass(frozen)]
pub struct Plan {
    pub(super) inner: plan::Plan,
}

#[pymethods]
impl Plan {
    #[getter]
    fn hash(&self) -> &str {
        &self.inner.hash
    }

    /// The universe and the symbols that expressions name, in name order.
    #[getter]
    fn required_symbols(&self) -> Vec<String> {
        let named = self.inner.contexts.iter().filter_map(|context| context.symbol.clone());
        let mut symbols: Vec<String> = self.inner.symbols.iter().cloned().chain(named).collect();
        symbols.sort();
        symbols.dedup();
        symbols
    }

    /// Name, hash, settings, roots and nodes as a JSON object.
    fn describe(&self) -> String {
        explain::json(&self.inner).to_string()
    }

    /// One line per node.
    fn text(&self) -> String {
        explain::text(&self.inner)
    }

    /// The graph in Mermaid's language.
    fn mermaid(&self) -> String {
        explain::mermaid(&self.inner)
    }

    /// Warnings about limits that can never bind and warm-up longer than the data, as a JSON array.
    #[pyo3(signature = (max_position_frac=None, bars=None))]
    fn lint(&self, max_position_frac: Option<f64>, bars: Option<usize>) -> String {
        let limits = max_position_frac.map(|cap| plan::lint_limits(&self.inner, cap));
        let history = bars.map(|bars| plan::lint_history(&self.inner, bars));
        let found: Vec<_> = limits.into_iter().chain(history).flatten().collect();
        serde_json::to_string(&found).unwrap_or_default()
    }
}

/// The plan of a spec (JSON), or none, and all diagnostics as a JSON array.
#[pyfunction]
pub fn compile(py: Python<'_>, spec_json: &str) -> PyResult<(Option<Plan>, String)> {
    let spec: Spec = mapped(
        py,
        serde_json::from_str(spec_json).map_err(|problem| EngineError::Config(format!("the spec: {problem}"))),
    )?;
    let (inner, diagnostics) = match py.detach(|| plan::compile(&spec)) {
        Ok((inner, warnings)) => (Some(Plan { inner }), warnings),
        Err(diagnostics) => (None, diagnostics),
    };
    let text = serde_json::to_string(&diagnostics);
    Ok((inner, mapped(py, text.map_err(|problem| EngineError::Config(problem.to_string())))?))
}

/// The manual's tables that the engine keeps, as a JSON object: diagnostics of the `language`, `verdicts`, methods of
/// `sizing`, parts of `position`, and the names that nobody may give (`reserved`).
#[pyfunction]
pub fn codes() -> String {
    let language: Vec<_> = Code::ALL.iter().map(|code| code.page()).collect();
    let verdicts: Vec<Value> = crate::risk::Code::ALL
        .iter()
        .map(|code| json!({ "id": code.as_str(), "step": code.step(), "measure": code.measure(), "sentence": code.sentence() }))
        .collect();
    let position: Vec<Value> = names::POSITION
        .iter()
        .map(|part| json!({ "name": part.name, "unit": dimension::short(part.unit), "doc": part.doc }))
        .collect();
    let reserved: Vec<&str> = [&names::BAR_FIELDS[..], &names::ALWAYS, &names::NOT_YET, &names::RESERVED]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    json!({
        "language": language,
        "verdicts": verdicts,
        "sizing": crate::kernel::sizing::METHODS,
        "position": position,
        "reserved": reserved,
        "conventions": conventions(),
    })
    .to_string()
}

/// The switches of a run, and what each profile sets them to.
fn conventions() -> Value {
    let profile = |profile: &Profile| {
        let settings: serde_json::Map<_, _> =
            profile.conventions.settings().into_iter().map(|(name, setting)| (name.into(), json!(setting))).collect();
        let sources: serde_json::Map<_, _> =
            profile.sources.iter().map(|(name, source)| ((*name).into(), json!(source))).collect();
        json!({ "name": profile.name, "summary": profile.summary, "settings": settings, "sources": sources })
    };
    json!({ "switches": SWITCHES, "profiles": PROFILES.iter().map(profile).collect::<Vec<_>>() })
}

/// The settings of conventions in words, such as `lean,cash=cut`, by the name of their switch.
#[pyfunction]
pub fn conventions_of(py: Python<'_>, text: &str) -> PyResult<std::collections::BTreeMap<&'static str, &'static str>> {
    mapped(py, Conventions::parse(text)).map(|conventions| conventions.settings().into_iter().collect())
}

/// Hash of a risk policy (JSON).
#[pyfunction]
pub fn policy_hash(py: Python<'_>, policy: &str) -> PyResult<String> {
    mapped(py, Policy::from_json(policy)).map(|policy| policy.hash())
}

/// Days since 1970 of the NYSE sessions from `first` on, for `count` sessions.
#[pyfunction]
pub fn sessions<'py>(py: Python<'py>, first: i32, count: usize) -> Bound<'py, PyArray1<i32>> {
    let mut days = Vec::with_capacity(count);
    let mut day = first;
    while days.len() < count {
        if calendar::is_session(day) {
            days.push(day);
        }
        day += 1;
    }
    days.into_pyarray(py)
}

/// What each member could have decided, as a JSON array.
#[pyfunction]
pub fn coverage(py: Python<'_>, plan: &Plan, bars: PreparedBars<'_>) -> PyResult<String> {
    let slices = bars.slices(py)?;
    let found: Result<Value> = py.detach(|| {
        let panel = slices.panel()?;
        Ok(json!(report::coverage(&plan.inner, &panel)?))
    });
    mapped(py, found).map(|value| value.to_string())
}

/// The signals of the last step for a flat book: symbol, LONG, SHORT or FLAT, strength.
#[pyfunction]
pub fn signals(py: Python<'_>, plan: &Plan, bars: PreparedBars<'_>) -> PyResult<Vec<(String, &'static str, f64)>> {
    let slices = bars.slices(py)?;
    let found = py.detach(|| {
        let panel = slices.panel()?;
        report::last_signals(&plan.inner, &panel)
    });
    let rows = mapped(py, found)?;
    Ok(rows.into_iter().map(|row| (row.symbol, super::run::direction(row.direction), row.strength)).collect())
}
