//! What a run was worth: one ratio per file, defined as empyrical does where it has the ratio.
//!
//! Returns are simple, per session, as fractions. A ratio that does not exist (no trade, no variance) is `None`.

mod annual_return;
mod benchmark;
mod calmar;
mod choice;
mod drawdown;
mod engines;
mod expectancy;
mod exposure;
mod lanes;
mod profit_factor;
mod regression;
mod returns;
mod sharpe;
mod sortino;
mod tail;
mod tails;
mod turnover;
mod value_at_risk;
mod volatility;
mod win_rate;

pub use annual_return::{annual_return, total_return};
pub use benchmark::equal_weight_returns;
pub use calmar::calmar;
pub use choice::{Metric, measure, overrule};
pub use drawdown::{Drawdown, deepest_drawdown, deepest_fall, drawdowns};
pub use engines::{Course, Said, as_backtrader, as_lean, as_vectorbt, as_zipline};
pub use expectancy::expectancy;
pub use exposure::{exposure, time_in_market};
pub use profit_factor::profit_factor;
pub use regression::{alpha, beta};
pub use returns::{Returns, sum_and_squares};
pub use sharpe::sharpe;
pub use sortino::sortino;
pub use tail::tail_ratio;
pub use tails::Tails;
pub use turnover::turnover;
pub use value_at_risk::{conditional_value_at_risk, value_at_risk};
pub use volatility::volatility;
pub use win_rate::win_rate;

use serde::Serialize;

/// Sessions in a year, by the field's convention.
pub const SESSIONS_PER_YEAR: f64 = 252.0;

/// What the metrics of a run are computed from. Slices of one length per session, except `trade_pnl`.
pub struct Record<'a> {
    /// Equity at each session's close, > 0, in dollars or in millionths; the first is the starting point.
    pub equity: &'a [f64],
    /// Gross position value over equity at each close.
    pub gross_exposure: &'a [f64],
    /// Return of the benchmark into each session but the first: one shorter than `equity`. Empty: no benchmark.
    pub benchmark: &'a [f64],
    /// Value of all fills, buys and sales, in the unit of equity.
    pub traded: f64,
    /// Net profit of each closed round trip, USD.
    pub trade_pnl: &'a [f64],
}

/// Every metric of a run, by the names of the JSON result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    pub total_return: Option<f64>,
    pub annual_return: Option<f64>,
    pub volatility: Option<f64>,
    pub sharpe: Option<f64>,
    pub sortino: Option<f64>,
    pub calmar: Option<f64>,
    pub max_drawdown: Option<f64>,
    /// Sessions (indices into `equity`) of the peak, the trough and the recovery of the deepest drawdown.
    pub max_drawdown_peak: Option<usize>,
    pub max_drawdown_trough: Option<usize>,
    pub max_drawdown_recovery: Option<usize>,
    pub profit_factor: Option<f64>,
    pub win_rate: Option<f64>,
    pub expectancy_usd: Option<f64>,
    pub exposure: Option<f64>,
    pub time_in_market: Option<f64>,
    pub turnover: Option<f64>,
    pub alpha: Option<f64>,
    pub beta: Option<f64>,
    pub benchmark_total_return: Option<f64>,
    pub tail_ratio: Option<f64>,
    pub value_at_risk: Option<f64>,
    pub conditional_value_at_risk: Option<f64>,
}

impl Metrics {
    /// Computes every metric of a run.
    pub fn of(record: &Record) -> Self {
        let (returns, benchmark) = (returns_of(record.equity), Returns::of(record.benchmark));
        let (returns, tails) = (Returns::of(&returns), Tails::of(&returns));
        let deepest = deepest_drawdown(record.equity);
        let slope = beta(&returns, &benchmark);
        Self {
            total_return: total_return(&returns),
            annual_return: annual_return(&returns),
            volatility: volatility(&returns),
            sharpe: sharpe(&returns),
            sortino: sortino(&returns),
            calmar: calmar(&returns, deepest.map(|d| d.depth)),
            max_drawdown: deepest.map(|d| d.depth),
            max_drawdown_peak: deepest.map(|d| d.peak),
            max_drawdown_trough: deepest.map(|d| d.trough),
            max_drawdown_recovery: deepest.and_then(|d| d.recovery),
            profit_factor: profit_factor(record.trade_pnl),
            win_rate: win_rate(record.trade_pnl),
            expectancy_usd: expectancy(record.trade_pnl),
            exposure: exposure(record.gross_exposure),
            time_in_market: time_in_market(record.gross_exposure),
            turnover: turnover(record.traded, record.equity),
            alpha: alpha(&returns, &benchmark, slope),
            beta: slope,
            benchmark_total_return: total_return(&benchmark),
            tail_ratio: tail_ratio(&tails),
            value_at_risk: value_at_risk(&tails),
            conditional_value_at_risk: conditional_value_at_risk(&tails),
        }
    }
}

impl Metrics {
    /// Takes what another engine says in the place of what is said natively.
    pub fn overrule(&mut self, said: &Said) {
        for &(metric, value) in said {
            match metric {
                Metric::TotalReturn => self.total_return = value,
                Metric::AnnualReturn => self.annual_return = value,
                Metric::Volatility => self.volatility = value,
                Metric::Sharpe => self.sharpe = value,
                Metric::Sortino => self.sortino = value,
                Metric::Calmar => self.calmar = value,
                Metric::MaxDrawdown => self.max_drawdown = value,
                Metric::Alpha => self.alpha = value,
                Metric::Beta => self.beta = value,
                Metric::ProfitFactor => self.profit_factor = value,
                Metric::WinRate => self.win_rate = value,
                Metric::Expectancy => self.expectancy_usd = value,
                Metric::Exposure => self.exposure = value,
                Metric::TimeInMarket => self.time_in_market = value,
                Metric::Turnover => self.turnover = value,
                Metric::BenchmarkTotalReturn => self.benchmark_total_return = value,
                Metric::TailRatio => self.tail_ratio = value,
                Metric::ValueAtRisk => self.value_at_risk = value,
                Metric::ConditionalValueAtRisk => self.conditional_value_at_risk = value,
            }
        }
    }
}

/// Simple returns between successive equities; one shorter.
pub fn returns_of(equity: &[f64]) -> Vec<f64> {
    let mut returns = Vec::with_capacity(equity.len());
    returns_into(equity, &mut returns);
    returns
}

/// The same in the place of what `returns` held.
pub(crate) fn returns_into(equity: &[f64], returns: &mut Vec<f64>) {
    returns.clear();
    returns.extend(equity.windows(2).map(|pair| pair[1] / pair[0] - 1.0));
}

/// Arithmetic mean.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// `None` for what is not a number.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
