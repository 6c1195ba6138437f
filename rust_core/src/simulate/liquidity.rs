//! Daily volatility and volume of each member, as known before a session: what market impact hangs on.

use crate::bars::SymbolBars;
use crate::simulate::config::ImpactWindows;
use crate::simulate::market::Market;

/// One symbol's sessions with bars: forward-adjusted, so that no split looks like a move.
#[derive(Default)]
struct Days {
    session: Vec<u32>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

pub(super) struct Liquidity {
    windows: ImpactWindows,
    /// By panel symbol; empty for those that are not traded.
    days: Vec<Days>,
}

impl Liquidity {
    pub fn new(windows: ImpactWindows, market: &Market<'_>) -> Self {
        let mut days: Vec<Days> = Vec::new();
        days.resize_with(market.symbols(), Days::default);
        for &symbol in &market.members {
            days[symbol] = Days::of(market.bars(symbol), &market.panel.timeline.session);
        }
        Self { windows, days }
    }

    /// Standard deviation of daily returns and mean daily volume, in shares of today's basis, over the sessions before
    /// the step's; NaN where there are too few.
    pub fn before(&self, market: &Market<'_>, symbol: usize, step: usize) -> (f64, f64) {
        let days = &self.days[symbol];
        let session = market.session(step);
        let known = days.session.partition_point(|&day| day < session);
        let split = match (&market.bars(symbol).forward, market.bar_at(symbol, step)) {
            (Some(forward), Some(bar)) => forward.split[bar],
            _ => 1.0,
        };
        let closes = known.checked_sub(self.windows.volatility + 1).map(|from| &days.close[from..known]);
        let volumes = known.checked_sub(self.windows.volume).map(|from| &days.volume[from..known]);
        (closes.map_or(f64::NAN, deviation), volumes.map_or(f64::NAN, |volumes| mean(volumes) * split))
    }
}

impl Days {
    fn of(bars: &SymbolBars<'_>, sessions: &[u32]) -> Self {
        let (closes, volumes) = match &bars.forward {
            Some(forward) => (&forward.close[..], &forward.volume[..]),
            None => (bars.close.as_ref(), bars.volume.as_ref()),
        };
        let mut days = Self::default();
        for (bar, (&close, &volume)) in closes.iter().zip(volumes).enumerate() {
            let session = sessions[bars.step_of(bar)];
            match (days.session.last(), days.close.last_mut(), days.volume.last_mut()) {
                (Some(&last), Some(day_close), Some(day_volume)) if last == session => {
                    *day_close = close;
                    *day_volume += volume;
                }
                _ => {
                    days.session.push(session);
                    days.close.push(close);
                    days.volume.push(volume);
                }
            }
        }
        days
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation of the returns between closes.
fn deviation(closes: &[f64]) -> f64 {
    let returns = || closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0);
    let count = (closes.len() - 1) as f64;
    let mean = returns().sum::<f64>() / count;
    (returns().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0)).sqrt()
}
