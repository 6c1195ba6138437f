//! A finished run: its numbers at once, its tables when they are asked for.

use crate::risk::Action;
use crate::simulate::RunOutput;
use crate::simulate::output::Direction;
use crate::units::{MICRO, Money, Price, Side};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::ops::Range;

/// What a simulation came to. Money in USD, prices in USD per share, stamps in nanoseconds since 1970 UTC; -1 is no
/// stamp. Text columns are pairs of codes and labels.
#[pyclass(frozen)]
pub struct Run {
    pub(super) output: RunOutput,
    pub(super) stamps: Stamps,
    pub(super) benchmark: Benchmark,
    pub(super) metrics: String,
    /// Stamps of the deepest drawdown's peak, trough and recovery.
    pub(super) drawdown_ns: [i64; 3],
    pub(super) warnings: Vec<String>,
}

/// Stamp of each equity row.
pub enum Stamps {
    Owned(Vec<i64>),
    /// A part of the caller's column: a long run does without a copy.
    Borrowed(Py<PyArray1<i64>>, Range<usize>),
}

impl Stamps {
    fn read<T>(&self, py: Python<'_>, of: impl FnOnce(&[i64]) -> T) -> T {
        match self {
            Self::Owned(stamps) => of(stamps),
            Self::Borrowed(column, rows) => {
                let column = column.bind(py).try_readonly().ok();
                let stamps = column.as_ref().and_then(|column| column.as_slice().ok());
                of(stamps.and_then(|stamps| stamps.get(rows.clone())).unwrap_or(&[]))
            }
        }
    }
}

/// The benchmark's returns between session closes, which are rows of the run.
pub struct Benchmark {
    pub(super) closes: Vec<usize>,
    pub(super) returns: Vec<f64>,
}

impl Benchmark {
    /// Its value at each row, held between session closes, starting at the run's first equity, USD.
    fn values(&self, equity: &[f64]) -> Vec<f64> {
        let mut value = equity.first().copied().unwrap_or(f64::NAN);
        let mut values = vec![value; equity.len()];
        for (pair, gain) in self.closes.windows(2).zip(&self.returns) {
            values[pair[0]..pair[1]].fill(value);
            value *= 1.0 + gain;
            values[pair[1]] = value;
        }
        values
    }
}

#[pymethods]
impl Run {
    /// The metrics as a JSON object.
    #[getter]
    fn metrics(&self) -> &str {
        &self.metrics
    }

    /// Stamps of the deepest drawdown's peak, trough and recovery; -1 where there is none.
    #[getter]
    fn drawdown_ns(&self) -> (i64, i64, i64) {
        self.drawdown_ns.into()
    }

    /// Equity at the last row, USD.
    #[getter]
    fn final_equity(&self) -> f64 {
        self.output.equity.equity.last().map_or(0.0, |money| money.to_f64())
    }

    /// Number of equity rows.
    #[getter]
    fn bars(&self) -> usize {
        self.output.equity.len()
    }

    /// First and last stamp; -1 without rows.
    #[getter]
    fn period(&self, py: Python<'_>) -> (i64, i64) {
        let ends = |stamps: &[i64]| (stamps.first().copied().unwrap_or(-1), stamps.last().copied().unwrap_or(-1));
        self.stamps.read(py, ends)
    }

    /// Closed and open round trips.
    #[getter]
    fn trade_count(&self) -> usize {
        self.output.trades.len()
    }

    /// What a reader must know: symbols without bars, limits that were reset.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// How often each verdict code other than a plain approval was given, by name.
    #[getter]
    fn verdict_counts(&self) -> std::collections::BTreeMap<&'static str, u64> {
        let mut counts = std::collections::BTreeMap::new();
        for row in self.output.verdicts.iter().filter(|row| row.verdict.action != Action::Approve) {
            *counts.entry(row.verdict.code.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// Indices (into `symbols`) of symbols with at least one fill.
    #[getter]
    fn traded(&self) -> Vec<usize> {
        let mut seen: Vec<usize> = self.output.fills.symbol.clone();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    /// Columns of one table: equity, orders, fills, trades, verdicts, signals or ledger.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
        let table = Table { py, columns: PyDict::new(py), symbols: &self.output.symbols };
        match name {
            "equity" => self.equity(table),
            "orders" => self.orders(table),
            "fills" => self.fills(table),
            "trades" => self.trades(table),
            "verdicts" => self.verdicts(table),
            "signals" => self.signals(table),
            "ledger" => self.ledger(table),
            _ => Err(PyKeyError::new_err(name.to_owned())),
        }
    }
}

impl Run {
    fn equity<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.equity;
        let stamps = self.stamps.read(table.py, <[i64]>::to_vec);
        let equity: Vec<f64> = rows.equity.iter().map(|money| money.to_f64()).collect();
        let gross = rows.gross_exposure().into_iter().zip(&equity).map(|(gross, equity)| gross.to_f64() / equity);
        table
            .floats("gross_exposure", gross.collect())?
            .floats("drawdown", crate::metrics::drawdowns(&equity))?
            .stamps("timestamp", stamps)?
            .floats("cash", rows.cash().into_iter().map(Money::to_f64).collect())?
            .floats("positions_value", rows.positions_value().into_iter().map(Money::to_f64).collect())?
            .floats("benchmark", self.benchmark.values(&equity))?
            .floats("equity", equity)?
            .done()
    }

    fn orders<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.orders.rows;
        table
            .integers("order_id", rows.iter().map(|row| row.id as i64).collect())?
            .symbols("symbol", rows.iter().map(|row| row.symbol))?
            .labels("side", rows.iter().map(|row| side(row.side)))?
            .labels("order_type", rows.iter().map(|row| row.order_type.as_str()))?
            .floats("quantity", rows.iter().map(|row| row.quantity.to_f64()).collect())?
            .floats("limit_price", rows.iter().map(|row| optional(row.limit_price)).collect())?
            .floats("stop_price", rows.iter().map(|row| optional(row.stop_price)).collect())?
            .stamps("decided_at", rows.iter().map(|row| row.decided_ns).collect())?
            .labels("status", rows.iter().map(|row| row.status.as_str()))?
            .integers("parent_id", rows.iter().map(|row| row.parent.map_or(-1, |id| id as i64)).collect())?
            .labels("reason", rows.iter().map(|row| row.reason.as_str()))?
            .floats("filled_quantity", rows.iter().map(|row| row.filled.to_f64()).collect())?
            .done()
    }

    fn fills<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.fills;
        table
            .integers("order_id", rows.order_id.iter().map(|&id| id as i64).collect())?
            .symbols("symbol", rows.symbol.iter().copied())?
            .labels("side", rows.side.iter().map(|&s| side(s)))?
            .floats("quantity", rows.quantity.iter().map(|q| q.to_f64()).collect())?
            .floats("price", rows.price.iter().map(|p| p.to_f64()).collect())?
            .floats("fee", rows.fee.iter().map(|f| f.to_f64()).collect())?
            .floats("slippage", rows.slippage.iter().map(|s| s.to_f64()).collect())?
            .stamps("filled_at", rows.filled_ns.clone())?
            .labels("reason", rows.reason.iter().copied())?
            .done()
    }

    fn trades<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.trades;
        let is_open = |row: &crate::kernel::Trade| row.exit_reason.is_none();
        let gain = |row: &crate::kernel::Trade| row.pnl.to_f64() / (row.cost.0.abs() as f64 / MICRO as f64);
        table
            .symbols("symbol", rows.iter().map(|row| row.symbol))?
            .labels("direction", rows.iter().map(|row| if row.is_long { "LONG" } else { "SHORT" }))?
            .floats("quantity", rows.iter().map(|row| row.quantity.to_f64()).collect())?
            .stamps("entry_time", rows.iter().map(|row| row.entry_ns).collect())?
            .floats("entry_price", rows.iter().map(|row| row.entry_price.to_f64()).collect())?
            .stamps("exit_time", rows.iter().map(|row| if is_open(row) { -1 } else { row.exit_ns }).collect())?
            .floats(
                "exit_price",
                rows.iter().map(|row| if is_open(row) { f64::NAN } else { row.exit_price.to_f64() }).collect(),
            )?
            .floats("pnl", rows.iter().map(|row| row.pnl.to_f64()).collect())?
            .floats("fees", rows.iter().map(|row| row.fees.to_f64()).collect())?
            .floats("return", rows.iter().map(gain).collect())?
            .integers("sessions_held", rows.iter().map(|row| i64::from(row.sessions_held)).collect())?
            .labels("entry_reason", rows.iter().map(|row| row.entry_reason.as_str()))?
            .labels("reason", rows.iter().map(|row| row.exit_reason.map_or("open", |reason| reason.as_str())))?
            .done()
    }

    fn verdicts<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.verdicts;
        table
            .stamps("timestamp", rows.iter().map(|row| row.ns).collect())?
            .integers("order_id", rows.iter().map(|row| row.order_id.map_or(-1, |id| id as i64)).collect())?
            .symbols("symbol", rows.iter().map(|row| row.symbol))?
            .labels("side", rows.iter().map(|row| side(row.side)))?
            .labels("action", rows.iter().map(|row| row.verdict.action.as_str()))?
            .labels("code", rows.iter().map(|row| row.verdict.code.as_str()))?
            .labels("step", rows.iter().map(|row| row.verdict.step.as_str()))?
            .floats("limit", rows.iter().map(|row| row.verdict.limit).collect())?
            .floats("value", rows.iter().map(|row| row.verdict.value).collect())?
            .floats("requested", rows.iter().map(|row| row.verdict.requested.to_f64()).collect())?
            .floats("admitted", rows.iter().map(|row| row.verdict.admitted.to_f64()).collect())?
            .labels("reason", rows.iter().map(|row| row.verdict.code.sentence()))?
            .done()
    }

    fn signals<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.signals;
        table
            .stamps("timestamp", rows.iter().map(|row| row.ns).collect())?
            .symbols("symbol", rows.iter().map(|row| row.symbol))?
            .labels("direction", rows.iter().map(|row| direction(row.direction)))?
            .floats("strength", rows.iter().map(|row| row.strength).collect())?
            .labels("group", rows.iter().map(|row| self.group(row.group)))?
            .done()
    }

    /// The path of a group; empty for none.
    fn group(&self, group: Option<u16>) -> &str {
        group.and_then(|place| self.output.groups.get(usize::from(place))).map_or("", String::as_str)
    }

    fn ledger<'py>(&self, table: Table<'py, '_>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.output.ledger;
        table
            .stamps("timestamp", rows.iter().map(|row| row.ns).collect())?
            .labels("kind", rows.iter().map(|row| row.kind.as_str()))?
            .symbols("symbol", rows.iter().map(|row| row.symbol.unwrap_or(usize::MAX)))?
            .integers("order_id", rows.iter().map(|row| row.order.map_or(-1, |id| id as i64)).collect())?
            .floats("amount", rows.iter().map(|row| row.amount.to_f64()).collect())?
            .floats("cash", rows.iter().map(|row| row.cash.to_f64()).collect())?
            .done()
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Long => "LONG",
        Direction::Short => "SHORT",
        Direction::Flat => "FLAT",
    }
}

fn optional(price: Option<Price>) -> f64 {
    price.map_or(f64::NAN, Price::to_f64)
}

/// A table under construction.
struct Table<'py, 'a> {
    py: Python<'py>,
    columns: Bound<'py, PyDict>,
    symbols: &'a [String],
}

impl<'py> Table<'py, '_> {
    fn floats(self, name: &str, values: Vec<f64>) -> PyResult<Self> {
        self.columns.set_item(name, values.into_pyarray(self.py))?;
        Ok(self)
    }

    fn integers(self, name: &str, values: Vec<i64>) -> PyResult<Self> {
        self.columns.set_item(name, values.into_pyarray(self.py))?;
        Ok(self)
    }

    fn stamps(self, name: &str, values: Vec<i64>) -> PyResult<Self> {
        self.integers(name, values)
    }

    /// Labels of a small closed set, as codes in the order of first appearance.
    fn labels<'l>(self, name: &str, values: impl Iterator<Item = &'l str>) -> PyResult<Self> {
        let mut labels: Vec<&'l str> = Vec::new();
        let codes: Vec<i64> = values
            .map(|value| match labels.iter().position(|&label| label == value) {
                Some(code) => code as i64,
                None => {
                    labels.push(value);
                    labels.len() as i64 - 1
                }
            })
            .collect();
        self.columns.set_item(name, (codes.into_pyarray(self.py), PyList::new(self.py, labels)?))?;
        Ok(self)
    }

    /// Symbols; an index past the end is none, coded -1.
    fn symbols(self, name: &str, values: impl Iterator<Item = usize>) -> PyResult<Self> {
        let codes: Vec<i64> = values.map(|index| if index < self.symbols.len() { index as i64 } else { -1 }).collect();
        self.columns.set_item(name, (codes.into_pyarray(self.py), PyList::new(self.py, self.symbols)?))?;
        Ok(self)
    }

    fn done(self) -> PyResult<Bound<'py, PyDict>> {
        Ok(self.columns)
    }
}
