//! A driven run for Python. What the run borrows cannot be lent to Python, so each run lives on a thread of its own and
//! does what it is asked there, one thing after the other.

use super::bars::{PreparedBars, mapped};
use super::error::to_py;
use super::plan::Plan;
use super::run::{Run, Stamps};
use super::simulate::{SignalColumns, decided, finished};
use crate::error::{EngineError, Result};
use crate::kernel::Order;
use crate::plan::evaluate;
use crate::simulate::driven::{Driven, Outgoing};
use crate::simulate::given::Given;
use crate::simulate::{RunOutput, SimulationConfig};
use crate::units::{Money, Price, Shares, Side};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

type Job = Box<dyn for<'a> FnOnce(&mut Driven<'a>) + Send>;

/// Decisions of a plan, one close after the other, for a market that somebody else keeps.
#[pyclass(frozen)]
pub struct Driver {
    /// `None` once finished.
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<Result<Run>>>>,
    symbols: Vec<String>,
}

#[pymethods]
impl Driver {
    /// A run at its first close; arguments as of `simulate`. The columns are copied.
    #[new]
    #[pyo3(signature = (plan, bars, config, benchmark=None, signals=None))]
    fn new(
        py: Python<'_>,
        plan: &Plan,
        bars: PreparedBars<'_>,
        config: &str,
        benchmark: Option<String>,
        signals: Option<SignalColumns<'_>>,
    ) -> PyResult<Self> {
        let slices = bars.slices(py)?;
        let decided = signals.map(|columns| decided(py, &slices, &columns)).transpose()?;
        let columns = slices.to_columns();
        let config = mapped(py, SimulationConfig::from_json(config))?;
        let plan = plan.inner.clone();
        let (jobs, inbox) = channel::<Job>();
        let (started, start) = channel();
        let thread = std::thread::spawn(move || {
            let panel = columns.slices().panel()?;
            let output = {
                let columns = evaluate(&plan, &panel, &[])?;
                let given = decided.as_ref().map(|decided| Given::new(&plan, &columns, decided));
                let driven = match &given {
                    None => Driven::new(&plan, &panel, &columns, &config),
                    Some(given) => Driven::new(&plan, &panel, given, &config),
                }?;
                let symbols: Vec<String> = panel.symbols.iter().map(|bars| bars.symbol.clone()).collect();
                let _ = started.send(symbols);
                RunOutput { warnings: columns.warnings.clone(), ..serve(driven, &inbox) }
            };
            let stamps = panel.timeline.ts_ns[output.equity.first_step..][..output.equity.len()].to_vec();
            finished(&plan, &panel, output, Stamps::Owned(stamps), benchmark.as_deref(), &config)
        });
        let Ok(symbols) = py.detach(move || start.recv()) else {
            // It ended before the run began, and its result says why.
            return Err(mapped(py, py.detach(|| ended(thread))).err().unwrap_or_else(|| to_py(py, &gone())));
        };
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), symbols })
    }

    /// Symbols of the bars; orders name them by their place here.
    #[getter]
    fn symbols(&self) -> Vec<String> {
        self.symbols.clone()
    }

    /// Decides at the last close.
    fn decide(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |driven| driven.decide())
    }

    /// Begins the next bar; false where there is none.
    fn open(&self, py: Python<'_>) -> PyResult<bool> {
        self.ask(py, |driven| driven.open())
    }

    /// Numbers of orders to call back, then orders to send (again where they were sent before), in order.
    fn outgoing<'py>(&self, py: Python<'py>) -> PyResult<(Vec<u64>, Vec<Bound<'py, PyDict>>)> {
        let Outgoing { recalled, sent } = self.ask(py, |driven| Ok(driven.outgoing()))?;
        let sent = sent.iter().map(|order| self.order(py, order)).collect::<PyResult<_>>()?;
        Ok((recalled, sent))
    }

    /// The orders of a symbol that can still fill.
    fn working<'py>(&self, py: Python<'py>, symbol: usize) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let working = self.ask(py, move |driven| Ok(driven.working(symbol)))?;
        working.iter().map(|order| self.order(py, order)).collect()
    }

    /// Shares changed hands: number above zero, price in USD per share, fee in USD.
    fn fill(&self, py: Python<'_>, order: u64, quantity: f64, price: f64, fee: f64) -> PyResult<()> {
        let amounts = (|| Some((Shares::from_f64(quantity)?, Price::from_f64(price)?, Money::from_f64(fee)?)))();
        let (quantity, price, fee) = mapped(py, amounts.ok_or_else(|| no_number("a fill")))?;
        self.ask(py, move |driven| driven.fill(order, quantity, price, fee))
    }

    /// What a whole order would cost by the run's own commission, USD.
    fn fee(&self, py: Python<'_>, is_buy: bool, quantity: f64, price: f64) -> PyResult<f64> {
        let amounts = (|| Some((Shares::from_f64(quantity)?, Price::from_f64(price)?)))();
        let (quantity, price) = mapped(py, amounts.ok_or_else(|| no_number("an order")))?;
        let side = if is_buy { Side::Buy } else { Side::Sell };
        self.ask(py, move |driven| Ok(driven.fee(side, quantity, price).to_f64()))
    }

    /// The market refused an order, or cancelled what was left of it.
    fn reject(&self, py: Python<'_>, order: u64) -> PyResult<()> {
        self.ask(py, move |driven| driven.reject(order))
    }

    /// Cash moved without an order, USD.
    fn move_cash(&self, py: Python<'_>, amount: f64) -> PyResult<()> {
        let amount = mapped(py, Money::from_f64(amount).ok_or_else(|| no_number("cash")))?;
        self.ask(py, move |driven| driven.move_cash(amount))
    }

    /// Closes the bar that is open; `marks` are (symbol, USD per share) that stand before the bars' closes.
    #[pyo3(signature = (marks=Vec::new()))]
    fn close(&self, py: Python<'_>, marks: Vec<(usize, f64)>) -> PyResult<()> {
        let marks = marks.into_iter().map(|(symbol, price)| Price::from_f64(price).map(|price| (symbol, price)));
        let marks: Option<Vec<_>> = marks.collect();
        let marks = mapped(py, marks.ok_or_else(|| no_number("a mark")))?;
        self.ask(py, move |driven| driven.close(&marks))
    }

    /// Shares that an entry which cash does not cover is cut to a multiple of.
    #[getter]
    fn lot(&self, py: Python<'_>) -> PyResult<f64> {
        self.ask(py, |driven| Ok(driven.lot().to_f64()))
    }

    /// Cash, USD.
    #[getter]
    fn cash(&self, py: Python<'_>) -> PyResult<f64> {
        self.ask(py, |driven| Ok(driven.cash().to_f64()))
    }

    /// Shares held of a symbol; negative when short.
    fn position(&self, py: Python<'_>, symbol: usize) -> PyResult<f64> {
        self.ask(py, move |driven| Ok(driven.position(symbol).to_f64()))
    }

    /// Closes the books at the last close.
    fn finish(&self, py: Python<'_>) -> PyResult<Run> {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        let result = py.detach(|| thread.map_or_else(|| Err(gone()), ended));
        mapped(py, result)
    }
}

impl Driver {
    /// Has a job done on the run's thread and waits for the answer.
    fn ask<T: Send + 'static>(
        &self,
        py: Python<'_>,
        job: impl for<'a> FnOnce(&mut Driven<'a>) -> Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let result = py.detach(|| {
            let (reply, answer) = channel();
            let job: Job = Box::new(move |driven| {
                let _ = reply.send(job(driven));
            });
            let sent = self.jobs.lock().ok().and_then(|jobs| jobs.as_ref().map(|jobs| jobs.send(job).is_ok()));
            if sent != Some(true) {
                return Err(gone());
            }
            answer.recv().unwrap_or_else(|_| Err(gone()))
        });
        mapped(py, result)
    }

    fn order<'py>(&self, py: Python<'py>, order: &Order) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        row.set_item("id", order.id)?;
        row.set_item("symbol", order.symbol)?;
        row.set_item("is_buy", order.side == Side::Buy)?;
        row.set_item("type", order.order_type.as_str())?;
        row.set_item("role", order.role.as_str())?;
        row.set_item("quantity", order.remaining().to_f64())?;
        row.set_item("limit_price", order.limit_price.map(Price::to_f64))?;
        row.set_item("stop_price", order.stop_price.map(Price::to_f64))?;
        row.set_item("parent", order.parent)?;
        row.set_item("priority", order.priority)?;
        Ok(row)
    }
}

/// Does what comes in until nobody is left to ask.
fn serve(mut driven: Driven<'_>, inbox: &Receiver<Job>) -> RunOutput {
    while let Ok(job) = inbox.recv() {
        job(&mut driven);
    }
    driven.finish()
}

fn ended(thread: JoinHandle<Result<Run>>) -> Result<Run> {
    thread.join().unwrap_or_else(|_| Err(gone()))
}

fn gone() -> EngineError {
    EngineError::Config("this driven run is finished".into())
}

fn no_number(what: &str) -> EngineError {
    EngineError::Range { what: what.into(), found: "an amount".into(), expected: "finite numbers".into() }
}
