//! backtrader's analyzers `Returns`, `SharpeRatio` and `DrawDown` with their default parameters.

use super::{Course, Said, depth};
use crate::calendar::civil_from_days;
use crate::maths::{exp, ln};
use crate::metrics::{Metric, Record, SESSIONS_PER_YEAR, finite, mean, returns_of};

/// `SharpeRatio.params.riskfreerate`.
const RISK_FREE: f64 = 0.01;

/// Source: backtrader `analyzers/returns.py`, `sharpe.py`, `drawdown.py`. `Returns` counts 252 days to a year and does
/// not annualise shorter bars. The rolling `Calmar` is no single number, volatility and Sortino ratio are not there.
pub fn as_backtrader(record: &Record, course: &Course) -> Said {
    let total = course.total_return();
    let mut said = vec![
        (Metric::TotalReturn, total),
        (Metric::Sharpe, yearly_sharpe(record, course)),
        (Metric::MaxDrawdown, depth(course.bars)),
    ];
    if course.daily {
        let mean_log = total.map(|total| ln(1.0 + total) / course.bars.len() as f64);
        let annual = mean_log.and_then(|mean| finite(exp(mean * SESSIONS_PER_YEAR) - 1.0));
        said.push((Metric::AnnualReturn, annual));
    }
    said
}

/// Returns of calendar years, parts of years too, less 1%, over their deviation (divisor n); `None` for a single year.
fn yearly_sharpe(record: &Record, course: &Course) -> Option<f64> {
    let closes: Vec<(i32, f64)> =
        course.dates.iter().map(|&date| civil_from_days(date).year).zip(record.equity.iter().copied()).collect();
    let ends =
        closes.iter().enumerate().filter(|&(at, &(year, _))| closes.get(at + 1).is_none_or(|next| next.0 != year));
    let values: Vec<f64> = std::iter::once(course.capital).chain(ends.map(|(_, &(_, equity))| equity)).collect();
    let excess: Vec<f64> = returns_of(&values).iter().map(|gain| gain - RISK_FREE).collect();
    let average = mean(&excess)?;
    let squares: Vec<f64> = excess.iter().map(|value| (value - average) * (value - average)).collect();
    finite(average / mean(&squares)?.sqrt())
}
