//! zipline's `default` metrics: empyrical's ratios on the returns of all sessions, that of the first included (0, because
//! what is decided there fills later).

use super::{Course, Said, depth};
use crate::metrics::{Metric, Record, Returns, annual_return, calmar, sharpe, sortino, total_return, volatility};

/// Source: zipline `finance/metrics/__init__.py`, `default_metrics`, and `ReturnsStatistic`, which hands a function of
/// empyrical the returns so far. Annual return and Calmar ratio, which zipline leaves to pyfolio, are empyrical's too.
pub fn as_zipline(record: &Record, course: &Course) -> Said {
    let closes = course.closes(record);
    let returns = course.session_returns(record);
    let returns = Returns::of(&returns);
    let deepest = depth(&closes);
    vec![
        (Metric::TotalReturn, total_return(&returns)),
        (Metric::AnnualReturn, annual_return(&returns)),
        (Metric::Volatility, volatility(&returns)),
        (Metric::Sharpe, sharpe(&returns)),
        (Metric::Sortino, sortino(&returns)),
        (Metric::Calmar, calmar(&returns, deepest)),
        (Metric::MaxDrawdown, deepest),
    ]
}
