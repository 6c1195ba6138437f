//! vectorbt's `Portfolio` statistics: returns of all bars, the first included, and a year of 365 days.

use super::{Course, Said, depth};
use crate::calendar::DAY_NS;
use crate::maths::pow;
use crate::metrics::{Metric, Record, Returns, finite, returns_of};

/// Source: vectorbt `returns/nb.py` with the defaults of `_settings.py` (`year_freq` 365 days, `ddof` 1, `risk_free` 0),
/// `freq` being the time from bar to bar. A ratio over nothing, which is infinite there, does not exist here.
pub fn as_vectorbt(_: &Record, course: &Course) -> Said {
    let values: Vec<f64> = std::iter::once(course.capital).chain(course.bars.iter().copied()).collect();
    let returns = returns_of(&values);
    let returns = Returns::of(&returns);
    let per_year = 365.0 * DAY_NS as f64 / course.spacing_ns as f64;
    let (mean, deviation) = (returns.mean(), returns.deviation());
    let total = course.total_return();
    let annual = total.and_then(|total| finite(pow(1.0 + total, per_year / returns.len() as f64) - 1.0));
    let downside = (returns.downside / returns.len() as f64).sqrt() * per_year.sqrt();
    let enough = returns.len() > 1;
    // The first value is the first bar's: the cash before it is no high.
    let deepest = depth(course.bars);
    let calmar = deepest.filter(|&depth| depth < 0.0).zip(annual).and_then(|(depth, annual)| finite(annual / -depth));
    vec![
        (Metric::TotalReturn, total),
        (Metric::AnnualReturn, annual),
        (Metric::Volatility, deviation.map(|deviation| deviation * per_year.sqrt())),
        (Metric::Sharpe, mean.zip(deviation).and_then(|(mean, deviation)| finite(mean / deviation * per_year.sqrt()))),
        (Metric::Sortino, mean.filter(|_| enough).and_then(|mean| finite(mean * per_year / downside))),
        (Metric::Calmar, calmar),
        (Metric::MaxDrawdown, deepest),
    ]
}
