//! Small courses worked out by hand.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::calendar::{DAY_NS, days_from_civil};
use crate::maths::pow;

/// Thursday, Friday, Monday, Tuesday: 100, 110, 99, 108.9 of 100.
const EQUITY: [f64; 4] = [100.0, 110.0, 99.0, 108.9];

fn dates() -> [i32; 4] {
    [3, 4, 7, 8].map(|day| days_from_civil(2013, 10, day))
}

fn record(equity: &[f64]) -> Record<'_> {
    Record { equity, gross_exposure: &[], benchmark: &[0.05, -0.05, 0.05], traded: 0.0, trade_pnl: &[] }
}

fn course(dates: &[i32]) -> Course<'_> {
    Course { capital: 100.0, bars: &EQUITY, dates, daily: true, spacing_ns: DAY_NS, elapsed_ns: 73 * DAY_NS / 10 }
}

fn value(said: &Said, metric: Metric) -> f64 {
    said.iter().find(|(known, _)| *known == metric).unwrap().1.unwrap()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

#[test]
fn lean_counts_the_days_between_sessions_and_leaves_out_the_first() {
    let dates = dates();
    let said = as_lean(&record(&EQUITY), &course(&dates));
    // Friday, Saturday, Sunday, Monday, Tuesday: 0.1, 0, 0, -0.1, 0.1; mean 0.02; squares 2 x 0.08^2 + 2 x 0.02^2 + 0.12^2.
    let deviation = (0.028_f64 / 4.0 * 252.0).sqrt();
    let annual = pow(1.02, 252.0) - 1.0;
    near(value(&said, Metric::Volatility), deviation);
    near(value(&said, Metric::Sharpe), (annual - 0.0075) / deviation);
    // A single loss has no deviation.
    assert_eq!(value(&said, Metric::Sortino), 0.0);
    // 7.3 days are a fiftieth of a year.
    near(value(&said, Metric::AnnualReturn), pow(1.089, 50.0) - 1.0);
    assert_eq!(value(&said, Metric::MaxDrawdown), -0.1);
    near(value(&said, Metric::Beta), 2.0);
    near(value(&said, Metric::Alpha), annual - (0.0075 + 2.0 * (pow(1.01, 252.0) - 1.0 - 0.0075)));
}

#[test]
fn lean_says_nothing_but_zero_of_a_single_daily_return() {
    let dates = dates();
    let said = as_lean(&record(&EQUITY[..2]), &Course { bars: &EQUITY[..2], ..course(&dates[..2]) });
    assert!(said.iter().all(|&(_, value)| value == Some(0.0)));
}

#[test]
fn zipline_counts_the_first_session() {
    let dates = dates();
    let said = as_zipline(&record(&EQUITY), &course(&dates));
    // 0, 0.1, -0.1, 0.1: mean 0.025, squares 0.025^2 + 2 x 0.075^2 + 0.125^2.
    let deviation = (0.0275_f64 / 3.0).sqrt();
    near(value(&said, Metric::Sharpe), 0.025 / deviation * 252_f64.sqrt());
    near(value(&said, Metric::AnnualReturn), pow(1.089, 63.0) - 1.0);
    near(value(&said, Metric::MaxDrawdown), -0.1);
}

#[test]
fn vectorbt_has_365_days_to_a_year_and_looks_at_every_bar() {
    let dates = dates();
    let half_days = Course { spacing_ns: DAY_NS / 2, ..course(&dates) };
    for (course, per_year) in [(course(&dates), 365.0_f64), (half_days, 730.0)] {
        let said = as_vectorbt(&record(&EQUITY), &course);
        let deviation = (0.0275_f64 / 3.0).sqrt();
        near(value(&said, Metric::Volatility), deviation * per_year.sqrt());
        near(value(&said, Metric::Sharpe), 0.025 / deviation * per_year.sqrt());
        near(value(&said, Metric::Sortino), 0.025 * per_year / (0.0025 * per_year).sqrt());
        near(value(&said, Metric::AnnualReturn), pow(1.089, per_year / 4.0) - 1.0);
        near(value(&said, Metric::Calmar), (pow(1.089, per_year / 4.0) - 1.0) / 0.1);
    }
}

#[test]
fn backtrader_measures_by_the_calendar_year() {
    let dates = [(2012, 12, 30), (2012, 12, 31), (2013, 1, 2), (2014, 1, 2)].map(|(y, m, d)| days_from_civil(y, m, d));
    let said = as_backtrader(&record(&EQUITY), &course(&dates));
    // 2012: 10%, 2013: -10%, 2014: 10%; less 1% each: 0.09, -0.11, 0.09, mean 0.07 / 3.
    let mean = 0.07 / 3.0;
    let squares = 2.0 * (0.09 - mean) * (0.09 - mean) + (0.11 + mean) * (0.11 + mean);
    near(value(&said, Metric::Sharpe), mean / (squares / 3.0_f64).sqrt());
    near(value(&said, Metric::AnnualReturn), pow(1.089, 63.0) - 1.0);
    let one_year = self::dates();
    let said = as_backtrader(&record(&EQUITY), &course(&one_year));
    assert_eq!(said.iter().find(|(metric, _)| *metric == Metric::Sharpe).unwrap().1, None);
    let hourly = as_backtrader(&record(&EQUITY), &Course { daily: false, ..course(&one_year) });
    assert!(hourly.iter().all(|(metric, _)| *metric != Metric::AnnualReturn));
}

#[test]
fn a_run_of_shorter_bars_begins_within_its_first_session() {
    let [first, second, third, _] = dates();
    let equity = [100.0, 101.0, 111.1, 99.99];
    let dates = [first, first, second, third];
    let bars = [100.0, 90.0, 101.0, 111.1, 99.99];
    let course = Course { bars: &bars, daily: false, ..course(&dates) };
    // The first session closes at 101: its 1% counts for zipline, for LEAN the days after it alone.
    let said = as_zipline(&record(&equity), &course);
    near(value(&said, Metric::AnnualReturn), pow(0.9999, 252.0 / 3.0) - 1.0);
    let said = as_lean(&record(&equity), &course);
    near(value(&said, Metric::Volatility), (0.02_f64 / 3.0 * 252.0).sqrt());
    assert_eq!(value(&said, Metric::MaxDrawdown), -0.1);
    near(value(&as_backtrader(&record(&equity), &course), Metric::MaxDrawdown), -0.1);
}
