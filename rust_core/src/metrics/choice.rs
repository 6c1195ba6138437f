//! Some metrics of a run, and none of the work for the others.

use super::{
    Record, Returns, Said, Tails, alpha, annual_return, beta, calmar, conditional_value_at_risk, deepest_fall,
    expectancy, exposure, profit_factor, returns_into, sharpe, sortino, tail_ratio, time_in_market, total_return,
    turnover, value_at_risk, volatility, win_rate,
};

/// A number that tells how good a run was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    TotalReturn,
    AnnualReturn,
    Volatility,
    Sharpe,
    Sortino,
    Calmar,
    MaxDrawdown,
    ProfitFactor,
    WinRate,
    Expectancy,
    Exposure,
    TimeInMarket,
    Turnover,
    Alpha,
    Beta,
    BenchmarkTotalReturn,
    TailRatio,
    ValueAtRisk,
    ConditionalValueAtRisk,
}

impl Metric {
    /// Every metric by its name in the JSON result.
    pub const ALL: [(&'static str, Self); 19] = [
        ("total_return", Self::TotalReturn),
        ("annual_return", Self::AnnualReturn),
        ("volatility", Self::Volatility),
        ("sharpe", Self::Sharpe),
        ("sortino", Self::Sortino),
        ("calmar", Self::Calmar),
        ("max_drawdown", Self::MaxDrawdown),
        ("profit_factor", Self::ProfitFactor),
        ("win_rate", Self::WinRate),
        ("expectancy_usd", Self::Expectancy),
        ("exposure", Self::Exposure),
        ("time_in_market", Self::TimeInMarket),
        ("turnover", Self::Turnover),
        ("alpha", Self::Alpha),
        ("beta", Self::Beta),
        ("benchmark_total_return", Self::BenchmarkTotalReturn),
        ("tail_ratio", Self::TailRatio),
        ("value_at_risk", Self::ValueAtRisk),
        ("conditional_value_at_risk", Self::ConditionalValueAtRisk),
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, metric)| *metric)
    }

    /// Whether it reads the gross exposure of each session.
    pub const fn reads_exposure(self) -> bool {
        matches!(self, Self::Exposure | Self::TimeInMarket)
    }

    /// Whether it reads the benchmark's returns.
    pub const fn reads_benchmark(self) -> bool {
        matches!(self, Self::Alpha | Self::Beta | Self::BenchmarkTotalReturn)
    }

    const fn reads_tails(self) -> bool {
        matches!(self, Self::TailRatio | Self::ValueAtRisk | Self::ConditionalValueAtRisk)
    }

    const fn reads_drawdown(self) -> bool {
        matches!(self, Self::MaxDrawdown | Self::Calmar)
    }
}

/// Appends the wanted metrics in their order, NaN for one that does not exist, and answers mean and sample deviation of
/// the session returns, NaN likewise; `returns` is scratch space, and holds those returns afterwards.
pub fn measure(record: &Record, wanted: &[Metric], returns: &mut Vec<f64>, into: &mut Vec<f64>) -> [f64; 2] {
    returns_into(record.equity, returns);
    let asks = |of: fn(Metric) -> bool| wanted.iter().any(|&metric| of(metric));
    let own = Returns::of(returns);
    let benchmark = asks(Metric::reads_benchmark).then(|| Returns::of(record.benchmark));
    let tails = asks(Metric::reads_tails).then(|| Tails::of(returns));
    let deepest = if asks(Metric::reads_drawdown) { deepest_fall(record.equity).map(|(_, depth)| depth) } else { None };
    let slope = benchmark.as_ref().and_then(|benchmark| beta(&own, benchmark));
    into.extend(wanted.iter().map(|metric| {
        let value = match metric {
            Metric::TotalReturn => total_return(&own),
            Metric::AnnualReturn => annual_return(&own),
            Metric::Volatility => volatility(&own),
            Metric::Sharpe => sharpe(&own),
            Metric::Sortino => sortino(&own),
            Metric::Calmar => calmar(&own, deepest),
            Metric::MaxDrawdown => deepest,
            Metric::ProfitFactor => profit_factor(record.trade_pnl),
            Metric::WinRate => win_rate(record.trade_pnl),
            Metric::Expectancy => expectancy(record.trade_pnl),
            Metric::Exposure => exposure(record.gross_exposure),
            Metric::TimeInMarket => time_in_market(record.gross_exposure),
            Metric::Turnover => turnover(record.traded, record.equity),
            Metric::Alpha => benchmark.as_ref().and_then(|benchmark| alpha(&own, benchmark, slope)),
            Metric::Beta => slope,
            Metric::BenchmarkTotalReturn => benchmark.as_ref().and_then(total_return),
            Metric::TailRatio => tails.as_ref().and_then(tail_ratio),
            Metric::ValueAtRisk => tails.as_ref().and_then(value_at_risk),
            Metric::ConditionalValueAtRisk => tails.as_ref().and_then(conditional_value_at_risk),
        };
        value.unwrap_or(f64::NAN)
    }));
    [own.mean(), own.deviation()].map(|moment| moment.unwrap_or(f64::NAN))
}

/// Puts what another engine says of the wanted metrics in the place of their values, NaN for one that does not exist.
pub fn overrule(values: &mut [f64], wanted: &[Metric], said: &Said) {
    for (value, metric) in values.iter_mut().zip(wanted) {
        if let Some((_, other)) = said.iter().find(|(known, _)| known == metric) {
            *value = other.unwrap_or(f64::NAN);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn a_choice_has_the_bits_of_the_whole() {
        let equity: Vec<f64> = (0..400).map(|i| 1e5 * (1.0 + 0.001 * f64::from(i * 37 % 101) - 0.02)).collect();
        let gross: Vec<f64> = (0..400).map(|i| f64::from(i % 3) * 0.4).collect();
        let benchmark: Vec<f64> = (1..400).map(|i| 0.002 * f64::from(i * 17 % 11) - 0.01).collect();
        let record = Record {
            equity: &equity,
            gross_exposure: &gross,
            benchmark: &benchmark,
            traded: 123_456.5,
            trade_pnl: &[10.0, -4.0, 3.5],
        };
        let whole = serde_json::to_value(Metrics::of(&record)).unwrap();
        let (mut values, mut scratch) = (Vec::new(), Vec::new());
        measure(&record, &Metric::ALL.map(|(_, metric)| metric), &mut scratch, &mut values);
        for ((name, metric), value) in Metric::ALL.iter().zip(values) {
            assert_eq!(value.to_bits(), whole[name].as_f64().unwrap().to_bits(), "{name}");
            let mut alone = Vec::new();
            measure(&record, &[*metric], &mut scratch, &mut alone);
            assert_eq!(alone[0].to_bits(), value.to_bits(), "{name} alone");
        }
        assert_eq!(Metric::named("sharpe"), Some(Metric::Sharpe));
        assert_eq!(Metric::named("luck"), None);
    }
}
