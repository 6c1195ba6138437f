//! One backtest: panel, columns, simulation, metrics, without the interpreter lock.

use super::arrays::slice;
use super::bars::{PreparedBars, Slices, mapped};
use super::plan::Plan;
use super::run::{Benchmark, Run, Stamps};
use super::watched::watched;
use crate::bars::Panel;
use crate::error::{EngineError, Result};
use crate::kernel::{Reason, Trade};
use crate::metrics::Metrics;
use crate::plan;
use crate::simulate::definitions::Definer;
use crate::simulate::summary::{Sessions, Summary, Tally};
use crate::simulate::{Decided, RunOutput, SimulationConfig, run_given, run_watched};
use crate::watch::Watch;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::collections::BTreeSet;

/// Two columns beside the bars: direction (1 long, -1 short, 0 flat, NaN none) and strength.
pub(super) type SignalColumns<'py> = (PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, f64>);

/// Runs a plan over bars. `config` is the simulation's JSON; `benchmark` names a symbol of the bars, and without it the
/// equally weighted universe is the benchmark. `progress` hears of a long run: steps done, and all.
/// `signals` take the place of the plan's entry and exit rules.
#[pyfunction]
#[pyo3(signature = (plan, bars, config, benchmark=None, progress=None, signals=None))]
pub fn simulate(
    py: Python<'_>,
    plan: &Plan,
    bars: PreparedBars<'_>,
    config: &str,
    benchmark: Option<String>,
    progress: Option<Bound<'_, PyAny>>,
    signals: Option<SignalColumns<'_>>,
) -> PyResult<Run> {
    let slices = bars.slices(py)?;
    let column = bars.stamps();
    let signals = signals.map(|columns| decided(py, &slices, &columns)).transpose()?;
    watched(py, slices.rows(), progress.as_ref(), |watch| {
        run(&plan.inner, &slices, config, benchmark.as_deref(), column, signals, watch)
    })
}

/// Direction and strength beside the bars of each symbol, which are copied.
pub(super) fn decided(py: Python<'_>, bars: &Slices<'_>, signals: &SignalColumns<'_>) -> PyResult<Decided> {
    let (direction, strength) = (slice(&signals.0, py, "direction")?, slice(&signals.1, py, "strength")?);
    let by_symbol = |column| mapped(py, bars.by_symbol(column));
    Ok(Decided { direction: by_symbol(direction)?, strength: by_symbol(strength)? })
}

fn run(
    plan: &plan::Plan,
    bars: &Slices<'_>,
    config: &str,
    benchmark: Option<&str>,
    column: Py<PyArray1<i64>>,
    signals: Option<Decided>,
    watch: &Watch,
) -> Result<Run> {
    let config = SimulationConfig::from_json(config)?;
    let panel = bars.panel()?;
    let output = match signals {
        None => run_watched(plan, &panel, &config, watch)?,
        Some(decided) => run_given(plan, &panel, &decided, &config, watch)?,
    };
    let stamps = &panel.timeline.ts_ns[output.equity.first_step..][..output.equity.len()];
    let stamps = match bars.rows_of(stamps) {
        Some(rows) => Stamps::Borrowed(column, rows),
        None => Stamps::Owned(stamps.to_vec()),
    };
    finished(plan, &panel, output, stamps, benchmark, &config)
}

/// A finished run with its metrics.
pub(super) fn finished(
    plan: &plan::Plan,
    panel: &Panel<'_>,
    output: RunOutput,
    stamps: Stamps,
    benchmark: Option<&str>,
    config: &SimulationConfig,
) -> Result<Run> {
    let sessions = Sessions::new(panel, output.equity.first_step, output.equity.len());
    let returns = sessions.benchmark(plan, panel, benchmark)?;
    let (mut summary, mut tally) = (Summary::default(), Tally::default());
    summary.read(&output.equity, Some(&sessions.closes), true);
    tally.read(&output);
    let record = summary.record(&tally, &returns);
    let mut metrics = Metrics::of(&record);
    if let Some(definer) = Definer::new(&config.check()?, panel, &sessions, output.equity.len()) {
        metrics.overrule(&definer.said(&record, &output.equity));
    }
    let text = serde_json::to_string(&metrics).map_err(|problem| EngineError::Config(problem.to_string()))?;
    let stamp =
        |close: Option<usize>| close.map_or(-1, |at| panel.timeline.ts_ns[sessions.first + sessions.closes[at]]);
    let deepest = [metrics.max_drawdown_peak, metrics.max_drawdown_trough, metrics.max_drawdown_recovery];
    let drawdown_ns = deepest.map(stamp);
    Ok(Run {
        stamps,
        drawdown_ns,
        benchmark: Benchmark { closes: sessions.closes, returns },
        metrics: text,
        warnings: warnings(&output, panel),
        output,
    })
}

fn warnings(output: &RunOutput, panel: &Panel<'_>) -> Vec<String> {
    let mut warnings = output.warnings.clone();
    match output.counters.resumes {
        0 => {}
        1 => warnings.push("the drawdown limit halted entries once, until the simulation reset it".into()),
        times => warnings.push(format!("the drawdown limit halted entries {times} times, each until a reset")),
    }
    let last = (output.equity.first_step + output.equity.len()).saturating_sub(1);
    let is_forced = |trade: &&Trade| trade.exit_reason == Some(Reason::Delisted);
    let is_stale = |trade: &&Trade| trade.exit_reason.is_none() && panel.symbols[trade.symbol].bar_at(last).is_none();
    let forced = names(output, is_forced)
        .map(|names| format!("{names}: closed at the last price after ten sessions without a bar"));
    let stale = names(output, is_stale)
        .map(|names| format!("{names}: held at the end, where there is no bar; valued at the last price"));
    warnings.extend(forced.into_iter().chain(stale));
    warnings
}

/// The symbols of such round trips, by name; `None` without any.
fn names(output: &RunOutput, which: impl Fn(&&Trade) -> bool) -> Option<String> {
    let found = output.trades.iter().filter(which).map(|trade| output.symbols[trade.symbol].as_str());
    let found: BTreeSet<&str> = found.collect();
    (!found.is_empty()).then(|| found.into_iter().collect::<Vec<_>>().join(", "))
}
