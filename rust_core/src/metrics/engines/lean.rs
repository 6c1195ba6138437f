//! LEAN's `PortfolioStatistics`.
//!
//! Equity is sampled at every midnight, Saturdays and Sundays too, and at the end of the last bar; the first day is left
//! out of all that is made of daily returns.

use super::credit_rate::mean_credit_rate;
use super::{Course, Said, depth};
use crate::calendar::DAY_NS;
use crate::maths::pow;
use crate::metrics::{Metric, Record, Returns, SESSIONS_PER_YEAR, beta, finite, returns_of};

/// The drawdown is rounded to thousandths.
const PARTS: f64 = 1_000.0;

/// Source: QuantConnect/Lean `Common/Statistics/PortfolioStatistics.cs`, `Statistics.cs`, `StatisticsBuilder.cs`. A ratio
/// over nothing is 0 there, and everything below two daily returns. The risk-free rate is the mean over calendar days,
/// where LEAN weighs the points of its chart of equity. There is no Calmar ratio.
pub fn as_lean(record: &Record, course: &Course) -> Said {
    let from = course.first_close();
    let after = |values: &[f64]| values.get(from..).unwrap_or(&[]).to_vec();
    let dates = course.dates.get(from..).unwrap_or(&[]);
    let gains = by_day(&after(&returns_of(record.equity)), dates);
    let benchmark = by_day(&after(record.benchmark), dates);
    let (Some(first), Some(last), true) = (dates.first(), dates.last(), gains.len() > 1) else {
        let all = [
            Metric::TotalReturn,
            Metric::AnnualReturn,
            Metric::Volatility,
            Metric::Sharpe,
            Metric::Sortino,
            Metric::MaxDrawdown,
            Metric::Alpha,
            Metric::Beta,
        ];
        return all.map(|metric| (metric, Some(0.0))).to_vec();
    };
    let total = course.total_return();
    let years = course.elapsed_ns as f64 / (365 * DAY_NS) as f64;
    let compound = total.and_then(|total| finite(pow(1.0 + total, 1.0 / years) - 1.0));
    let bars: Vec<f64> = std::iter::once(course.capital).chain(course.bars.iter().copied()).collect();
    let losses: Vec<f64> = gains.iter().copied().filter(|&gain| gain < 0.0).collect();
    let (gains, benchmark) = (Returns::of(&gains), Returns::of(&benchmark));
    let free = mean_credit_rate(*first, *last);
    let annual = annual_performance(&gains);
    let over = |deviation: f64| if deviation == 0.0 { 0.0 } else { (annual - free) / deviation };
    let deviation = annual_deviation(&gains);
    let mut said = vec![
        (Metric::TotalReturn, total),
        (Metric::AnnualReturn, compound.or(Some(0.0))),
        (Metric::Volatility, Some(deviation)),
        (Metric::Sharpe, finite(over(deviation))),
        (Metric::Sortino, finite(over(annual_deviation(&Returns::of(&losses))))),
        (Metric::MaxDrawdown, depth(&bars).map(|depth| (depth * PARTS).round_ties_even() / PARTS)),
    ];
    let slope = beta(&gains, &benchmark).unwrap_or(0.0);
    let alpha = annual - (free + slope * (annual_performance(&benchmark) - free));
    said.extend([(Metric::Beta, Some(slope)), (Metric::Alpha, if slope == 0.0 { Some(0.0) } else { finite(alpha) })]);
    said
}

/// The return of each day after the first: those of sessions, and 0 on every day between.
fn by_day(returns: &[f64], dates: &[i32]) -> Vec<f64> {
    let mut days = Vec::with_capacity(returns.len() * 3 / 2);
    for (gain, pair) in returns.iter().zip(dates.windows(2)) {
        days.resize(days.len() + (pair[1] - pair[0] - 1).max(0) as usize, 0.0);
        days.push(*gain);
    }
    days
}

/// `Statistics.AnnualPerformance`: the mean of a day, compounded.
fn annual_performance(returns: &Returns) -> f64 {
    returns.mean().map_or(0.0, |mean| pow(1.0 + mean, SESSIONS_PER_YEAR) - 1.0)
}

/// `Statistics.AnnualStandardDeviation`: sample variance times 252; 0 below two returns.
fn annual_deviation(returns: &Returns) -> f64 {
    returns.deviation().map_or(0.0, |deviation| deviation * SESSIONS_PER_YEAR.sqrt())
}
