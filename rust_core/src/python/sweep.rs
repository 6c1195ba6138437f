//! A sweep: bindings in, rows of scores out while it runs, without the interpreter lock.

use super::bars::{PreparedBars, Slices, mapped};
use crate::error::{EngineError, Result};
use crate::metrics::Metric;
use crate::plan::family::Family;
use crate::simulate::SimulationConfig;
use crate::sweep::{self, Bindings, Cache, Member, Scores, Wanted};
use crate::watch::Watch;
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use rayon::ThreadPool;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long Ctrl-C may go unheard.
const PATIENCE: Duration = Duration::from_millis(50);

/// A strategy, bars and settings, to be run under many bindings of the strategy's params. Columns are kept from call to
/// call within `memory` bytes.
#[pyclass(frozen)]
pub struct Sweep {
    state: Mutex<State>,
    bars: Py<PyAny>,
    config: SimulationConfig,
    metrics: Vec<Metric>,
    benchmark: Option<String>,
    blocks: usize,
    /// Symbols that run each by itself, and those that every run reads.
    each: Option<(Vec<String>, Vec<String>)>,
}

struct State {
    family: Family,
    cache: Cache,
}

/// What a thread that sweeps has to say.
type Said = Receiver<Scores>;

#[pymethods]
impl Sweep {
    /// `spec` is the spec as JSON at the defaults, `params` the names that vary, `slots` pairs of a place in the spec
    /// (JSON pointer) and the param whose value stands there. `each` runs every symbol of the universe by itself, with
    /// the bars of `beside`.
    #[new]
    #[pyo3(signature = (spec, params, slots, bars, config, metrics, *, benchmark=None, blocks=0, memory=128_000_000,
        each=false, beside=vec![]))]
    // Each is a setting of its own, given by name.
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        spec: &str,
        params: Vec<String>,
        slots: Vec<(String, String)>,
        bars: Py<PyAny>,
        config: &str,
        metrics: Vec<String>,
        benchmark: Option<String>,
        blocks: usize,
        memory: usize,
        each: bool,
        beside: Vec<String>,
    ) -> PyResult<Self> {
        let family = mapped(py, Family::new(spec, params, &slots))?;
        let each = each.then(|| (family.symbols(), beside));
        let metric = |name: &String| {
            Metric::named(name).ok_or_else(|| EngineError::Config(format!("there is no metric {name}")))
        };
        Ok(Self {
            state: Mutex::new(State { family, cache: Cache::new(memory) }),
            bars,
            config: mapped(py, SimulationConfig::from_json(config))?,
            metrics: mapped(py, metrics.iter().map(metric).collect())?,
            benchmark,
            blocks,
            each,
        })
    }

    /// Runs bindings: `codes` holds for each binding one index into the values of each param, row-major. Calls
    /// `on_scores(places, hashes, values)` as groups of runs are done, in no particular order: places are indices of
    /// bindings (plus symbol times bindings where each symbol runs by itself), values are row-major.
    #[pyo3(signature = (values, codes, on_scores, threads=None))]
    fn run(
        &self,
        py: Python<'_>,
        values: Vec<Vec<String>>,
        codes: PyReadonlyArray1<'_, i64>,
        on_scores: &Bound<'_, PyAny>,
        threads: Option<usize>,
    ) -> PyResult<()> {
        let bars: PreparedBars<'_> = self.bars.bind(py).extract()?;
        let slices = bars.slices(py)?;
        let mut state = self.state();
        let codes = mapped(py, known(&mut state.family, &values, codes.as_slice()?))?;
        let pool = mapped(py, threads.map(pool_of).transpose())?;
        let (watch, (tell, said)) = (Watch::default(), channel());
        let (told, done) = std::thread::scope(|scope| {
            let (watch, state, slices) = (&watch, &mut *state, &slices);
            let worker = scope.spawn(move || {
                let emit = |scores: Scores| drop(tell.send(scores));
                let mut sweep = || self.sweep(state, &codes, slices, watch, &emit);
                match &pool {
                    Some(pool) => pool.install(sweep),
                    None => sweep(),
                }
            });
            let told = listen(py, said, on_scores, watch);
            (told, py.detach(|| worker.join()))
        });
        told?;
        let done = done.unwrap_or_else(|_| Err(EngineError::Config("a thread of the sweep failed".into())));
        mapped(py, done)
    }

    /// Columns that were computed to be shared, so far.
    #[getter]
    fn columns_computed(&self) -> u64 {
        self.state().cache.computed()
    }

    /// Names of all metrics.
    #[staticmethod]
    fn metric_names() -> Vec<&'static str> {
        Metric::ALL.iter().map(|(name, _)| *name).collect()
    }
}

impl Sweep {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sweep(
        &self,
        state: &mut State,
        codes: &[u32],
        slices: &Slices<'_>,
        watch: &Watch,
        emit: &sweep::Emit<'_>,
    ) -> Result<()> {
        let bindings = Bindings { family: &state.family, codes };
        let wanted = Wanted { metrics: &self.metrics, benchmark: self.benchmark.as_deref(), blocks: self.blocks };
        let Some((symbols, beside)) = &self.each else {
            let panel = slices.panel()?;
            return sweep::run(&bindings, &panel, &self.config, wanted, &mut state.cache, watch, emit);
        };
        let columns = slices.columns()?;
        let of = |symbol: &str| {
            let own = columns.iter().filter(|own| own.symbol == symbol || beside.contains(&own.symbol));
            slices.panel_of(own.cloned().collect())
        };
        let panels: Vec<_> = symbols.iter().map(|symbol| move || of(symbol)).collect();
        let members: Vec<Member<'_>> =
            symbols.iter().zip(&panels).map(|(symbol, panel)| Member { symbol, panel }).collect();
        sweep::run_each(&bindings, &members, &self.config, wanted, watch, emit)
    }
}

/// A pool of so many threads. Each size is made once and stays: new threads begin with cold memory, and a search calls
/// many times.
fn pool_of(threads: usize) -> Result<Arc<ThreadPool>> {
    static POOLS: Mutex<BTreeMap<usize, Arc<ThreadPool>>> = Mutex::new(BTreeMap::new());
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(Arc::clone(pool));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = Arc::new(pool.map_err(|problem| EngineError::Config(problem.to_string()))?);
    pools.insert(threads, Arc::clone(&pool));
    Ok(pool)
}

/// The codes of the family for the codes of the caller.
fn known(family: &mut Family, values: &[Vec<String>], codes: &[i64]) -> Result<Vec<u32>> {
    let width = family.params().len();
    if values.len() != width || (width > 0 && !codes.len().is_multiple_of(width)) {
        let problem = format!("{} codes and {} lists of values for {width} params", codes.len(), values.len());
        return Err(EngineError::Shape { what: "bindings".into(), problem });
    }
    let mut own: Vec<Vec<u32>> = Vec::with_capacity(width);
    for (param, texts) in values.iter().enumerate() {
        own.push(texts.iter().map(|text| family.code(param, text)).collect::<Result<_>>()?);
    }
    let code = |(place, code): (usize, &i64)| {
        let found = usize::try_from(*code).ok().and_then(|code| own[place % width].get(code).copied());
        found.ok_or_else(|| EngineError::Shape { what: "bindings".into(), problem: format!("no value {code}") })
    };
    codes.iter().enumerate().map(code).collect()
}

/// Hands on what the sweep says until it is done. Ctrl-C and an error of the caller's end it.
fn listen(py: Python<'_>, mut said: Said, on_scores: &Bound<'_, PyAny>, watch: &Watch) -> PyResult<()> {
    let mut told = Ok(());
    loop {
        let heard;
        (said, heard) = py.detach(move || {
            let heard = said.recv_timeout(PATIENCE);
            (said, heard)
        });
        match heard {
            Ok(scores) if told.is_ok() => told = tell(py, scores, on_scores),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return told,
        }
        if told.is_ok() {
            told = py.check_signals();
        }
        if told.is_err() {
            watch.stop();
        }
    }
}

fn tell(py: Python<'_>, scores: Scores, on_scores: &Bound<'_, PyAny>) -> PyResult<()> {
    let places: Vec<i64> = scores.places.iter().map(|&place| place as i64).collect();
    on_scores.call1((places.into_pyarray(py), scores.hashes, scores.values.into_pyarray(py))).map(drop)
}
