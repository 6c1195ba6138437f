//! A panel borrowed from NumPy columns for the length of one call.

use super::arrays::slice;
use super::error::to_py;
use crate::bars::{DatedAction, Panel, Quotes, SymbolColumns};
use crate::error::{EngineError, Result};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// What `oracle.data.frame.Prepared` holds, by its attributes: symbols in name order, rows `offsets[i]` to
/// `offsets[i + 1]` are symbol i's, oldest first; actions name a symbol's own bar. Arrays are borrowed, never copied.
#[derive(FromPyObject)]
pub struct PreparedBars<'py> {
    symbols: Vec<String>,
    offsets: PyReadonlyArray1<'py, i64>,
    ts_ns: PyReadonlyArray1<'py, i64>,
    open: PyReadonlyArray1<'py, f64>,
    high: PyReadonlyArray1<'py, f64>,
    low: PyReadonlyArray1<'py, f64>,
    close: PyReadonlyArray1<'py, f64>,
    volume: PyReadonlyArray1<'py, f64>,
    bid: Option<PyReadonlyArray1<'py, f64>>,
    ask: Option<PyReadonlyArray1<'py, f64>>,
    action_symbol: PyReadonlyArray1<'py, i64>,
    action_bar: PyReadonlyArray1<'py, i64>,
    action_split: PyReadonlyArray1<'py, f64>,
    action_dividend: PyReadonlyArray1<'py, f64>,
    adjusted_only: Vec<bool>,
    daily: bool,
}

/// The same as slices, free of Python.
pub struct Slices<'a> {
    symbols: &'a [String],
    offsets: &'a [i64],
    ts_ns: &'a [i64],
    prices: [&'a [f64]; 5],
    /// Bid and ask.
    quotes: Option<[&'a [f64]; 2]>,
    actions: (&'a [i64], &'a [i64], &'a [f64], &'a [f64]),
    adjusted_only: &'a [bool],
    daily: bool,
}

impl<'py> PreparedBars<'py> {
    /// The column of stamps, to keep.
    pub fn stamps(&self) -> Py<PyArray1<i64>> {
        (*self.ts_ns).clone().unbind()
    }

    pub fn slices(&self, py: Python<'_>) -> PyResult<Slices<'_>> {
        let prices = [
            slice(&self.open, py, "open")?,
            slice(&self.high, py, "high")?,
            slice(&self.low, py, "low")?,
            slice(&self.close, py, "close")?,
            slice(&self.volume, py, "volume")?,
        ];
        let quotes = match (&self.bid, &self.ask) {
            (Some(bid), Some(ask)) => Some([slice(bid, py, "bid")?, slice(ask, py, "ask")?]),
            (None, None) => None,
            _ => return Err(to_py(py, &shape("a bid without an ask, or an ask without a bid".into()))),
        };
        Ok(Slices {
            symbols: &self.symbols,
            offsets: slice(&self.offsets, py, "offsets")?,
            ts_ns: slice(&self.ts_ns, py, "ts_ns")?,
            prices,
            quotes,
            actions: (
                slice(&self.action_symbol, py, "action_symbol")?,
                slice(&self.action_bar, py, "action_bar")?,
                slice(&self.action_split, py, "action_split")?,
                slice(&self.action_dividend, py, "action_dividend")?,
            ),
            adjusted_only: &self.adjusted_only,
            daily: self.daily,
        })
    }
}

/// The same, owned, for what outlives the call.
pub struct Columns {
    symbols: Vec<String>,
    offsets: Vec<i64>,
    ts_ns: Vec<i64>,
    prices: [Vec<f64>; 5],
    quotes: Option<[Vec<f64>; 2]>,
    actions: (Vec<i64>, Vec<i64>, Vec<f64>, Vec<f64>),
    adjusted_only: Vec<bool>,
    daily: bool,
}

impl Columns {
    pub fn slices(&self) -> Slices<'_> {
        let (owner, bar, split, dividend) = &self.actions;
        Slices {
            symbols: &self.symbols,
            offsets: &self.offsets,
            ts_ns: &self.ts_ns,
            prices: self.prices.each_ref().map(Vec::as_slice),
            quotes: self.quotes.as_ref().map(|quotes| quotes.each_ref().map(Vec::as_slice)),
            actions: (owner, bar, split, dividend),
            adjusted_only: &self.adjusted_only,
            daily: self.daily,
        }
    }
}

impl<'a> Slices<'a> {
    pub fn to_columns(&self) -> Columns {
        let (owner, bar, split, dividend) = self.actions;
        Columns {
            symbols: self.symbols.to_vec(),
            offsets: self.offsets.to_vec(),
            ts_ns: self.ts_ns.to_vec(),
            prices: self.prices.map(<[f64]>::to_vec),
            quotes: self.quotes.map(|quotes| quotes.map(<[f64]>::to_vec)),
            actions: (owner.to_vec(), bar.to_vec(), split.to_vec(), dividend.to_vec()),
            adjusted_only: self.adjusted_only.to_vec(),
            daily: self.daily,
        }
    }

    /// The panel on these columns.
    ///
    /// # Errors
    /// `Shape` where offsets, columns or actions do not fit together; `Data` for a bad bar or action.
    pub fn panel(&self) -> Result<Panel<'a>> {
        Panel::from_symbols(self.columns()?, self.daily)
    }

    /// The panel on the columns of some symbols, as `columns` gave them.
    pub fn panel_of(&self, columns: Vec<SymbolColumns<'a>>) -> Result<Panel<'a>> {
        Panel::from_symbols(columns, self.daily)
    }

    /// The columns of each symbol.
    ///
    /// # Errors
    /// As `panel`.
    pub fn columns(&self) -> Result<Vec<SymbolColumns<'a>>> {
        let actions = self.actions()?;
        let mut symbols = Vec::with_capacity(self.symbols.len());
        if self.offsets.len() != self.symbols.len() + 1 {
            return Err(shape(format!("{} offsets for {} symbols", self.offsets.len(), self.symbols.len())));
        }
        for (index, symbol) in self.symbols.iter().enumerate() {
            let rows = row_range(self.offsets[index], self.offsets[index + 1])?;
            let part =
                |column: &'a [f64]| column.get(rows.clone()).ok_or_else(|| shape("an offset past the end".into()));
            let ts_ns = self.ts_ns.get(rows.clone()).ok_or_else(|| shape("an offset past the end".into()))?;
            let own = actions.iter().filter(|(owner, ..)| *owner == index);
            let dated = own.map(|&(_, bar, split, dividend)| {
                let ts_ns = *ts_ns.get(bar).ok_or_else(|| shape(format!("an action at bar {bar} of {symbol}")))?;
                Ok(DatedAction { symbol: index as u32, ts_ns, split, dividend })
            });
            let quotes = self.quotes.map(|[bid, ask]| -> Result<_> {
                Ok(Quotes { bid: Cow::Borrowed(part(bid)?), ask: Cow::Borrowed(part(ask)?) })
            });
            symbols.push(SymbolColumns {
                symbol: symbol.clone(),
                ts_ns,
                open: part(self.prices[0])?,
                high: part(self.prices[1])?,
                low: part(self.prices[2])?,
                close: part(self.prices[3])?,
                volume: part(self.prices[4])?,
                quotes: quotes.transpose()?,
                actions: dated.collect::<Result<Vec<_>>>()?,
                adjusted_only: self.adjusted_only.get(index).copied().unwrap_or(false),
                first_row: rows.start,
            });
        }
        Ok(symbols)
    }

    /// A column beside the bars, by symbol.
    ///
    /// # Errors
    /// `Shape` where it has another length.
    pub fn by_symbol(&self, column: &[f64]) -> Result<Vec<Vec<f64>>> {
        if column.len() != self.ts_ns.len() {
            return Err(shape(format!("{} signals for {} bars", column.len(), self.ts_ns.len())));
        }
        let part = |pair: &[i64]| Ok(column[row_range(pair[0], pair[1])?].to_vec());
        self.offsets.windows(2).map(part).collect()
    }

    /// The rows of the stamp column that these stamps lie in; `None` for stamps of other memory.
    /// Bars of all symbols.
    pub fn rows(&self) -> usize {
        self.ts_ns.len()
    }

    pub fn rows_of(&self, stamps: &[i64]) -> Option<Range<usize>> {
        let (column, part) = (self.ts_ns.as_ptr_range(), stamps.as_ptr_range());
        let is_part = column.contains(&part.start) && part.end <= column.end;
        let first = || (part.start.addr() - column.start.addr()) / size_of::<i64>();
        is_part.then(first).map(|first| first..first + stamps.len())
    }

    fn actions(&self) -> Result<Vec<(usize, usize, f64, f64)>> {
        let (owner, bar, split, dividend) = self.actions;
        if [bar.len(), split.len(), dividend.len()] != [owner.len(); 3] {
            return Err(shape("action columns of different lengths".into()));
        }
        let rows = owner.iter().zip(bar).zip(split.iter().zip(dividend));
        rows.map(|((&owner, &bar), (&split, &dividend))| Ok((index(owner)?, index(bar)?, split, dividend))).collect()
    }
}

/// Whether one symbol's columns increase in time and hold bars, with prices up to `price_max` (USD per share) and volume
/// up to `volume_max` (shares). False may also be said of columns that a closer look finds nothing wrong with.
#[pyfunction]
// A bar has these columns, and Python passes them one by one.
#[allow(clippy::too_many_arguments)]
pub fn are_sound(
    py: Python<'_>,
    ts_ns: PyReadonlyArray1<'_, i64>,
    open: PyReadonlyArray1<'_, f64>,
    high: PyReadonlyArray1<'_, f64>,
    low: PyReadonlyArray1<'_, f64>,
    close: PyReadonlyArray1<'_, f64>,
    volume: PyReadonlyArray1<'_, f64>,
    price_max: f64,
    volume_max: f64,
) -> PyResult<bool> {
    let stamps = slice(&ts_ns, py, "ts_ns")?;
    let columns = [
        slice(&open, py, "open")?,
        slice(&high, py, "high")?,
        slice(&low, py, "low")?,
        slice(&close, py, "close")?,
        slice(&volume, py, "volume")?,
    ];
    Ok(py.detach(|| crate::bars::are_sound(stamps, columns, [price_max, volume_max])))
}

fn row_range(from: i64, to: i64) -> Result<Range<usize>> {
    let (from, to) = (index(from)?, index(to)?);
    if from > to { Err(shape("offsets fall".into())) } else { Ok(from..to) }
}

fn index(value: i64) -> Result<usize> {
    usize::try_from(value).map_err(|_| shape(format!("the negative index {value}")))
}

fn shape(problem: String) -> EngineError {
    EngineError::Shape { what: "prepared bars".into(), problem }
}

/// Maps an engine result to Python's.
pub fn mapped<T>(py: Python<'_>, result: Result<T>) -> PyResult<T> {
    result.map_err(|error| to_py(py, &error))
}
