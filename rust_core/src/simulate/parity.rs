//! Equal risk contributions at one close: the window of changes, the weights, and who could not be weighed.

use crate::calendar::{Civil, civil_from_days};
use crate::kernel::sizing::risk_parity;
use crate::simulate::market::Market;
use crate::simulate::run::Run;
use crate::simulate::signals::Root;
use std::collections::BTreeMap;

/// Weights of symbols, adding up to 1, from their changes at the last `lookback` steps at which any of them has a bar. A
/// symbol with a change missing there, or without movement, gets 0.
pub(super) fn weights(root: &Root<'_>, lookback: u32, market: &Market<'_>, symbols: &[usize], now: usize) -> Vec<f64> {
    let has_bar = |step: &usize| symbols.iter().any(|&symbol| market.bar_at(symbol, *step).is_some());
    let mut steps: Vec<usize> = (0..=now).rev().filter(has_bar).take(lookback as usize).collect();
    if steps.len() < lookback as usize {
        return vec![0.0; symbols.len()];
    }
    steps.reverse();
    let change =
        |symbol: usize, step: usize| market.bar_at(symbol, step).map_or(f64::NAN, |bar| root.value(symbol, bar, step));
    let rows: Vec<Vec<f64>> =
        symbols.iter().map(|&symbol| steps.iter().map(|&step| change(symbol, step)).collect()).collect();
    risk_parity::weights(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Symbols that got no weight: at how many decisions, and the date of the first.
#[derive(Debug, Default)]
pub(super) struct Unweighed(BTreeMap<usize, (u32, i32)>);

impl Unweighed {
    pub fn note(&mut self, symbols: &[usize], weights: &[f64], date: i32) {
        for (&symbol, _) in symbols.iter().zip(weights).filter(|(_, weight)| **weight == 0.0) {
            self.0.entry(symbol).or_insert((0, date)).0 += 1;
        }
    }

    /// One sentence for each.
    pub fn warnings(&self, symbols: &[String]) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(&symbol, &(times, date))| {
            let Civil { year, month, day } = civil_from_days(date);
            let (name, s) = (symbols.get(symbol)?, if times == 1 { "" } else { "s" });
            Some(format!(
                "{name}: no weight by risk parity at {times} decision{s}, first on {year:04}-{month:02}-{day:02}: a change \
                 is missing among those it is measured by, or none differs from the others"
            ))
        })
    }
}

impl Run<'_> {
    /// Weighs candidates and holdings, for the sizing method that asks for it.
    #[inline(never)]
    pub(super) fn weigh_by_risk(&mut self, now: usize) {
        self.parity.clear();
        let Some((root, lookback)) = &self.rules.changes else { return };
        let held = self.state.account.active.iter().copied();
        let held = held.filter(|&symbol| self.state.account.positions[symbol].quantity.0 != 0);
        let entering = self.queue.candidates.iter().map(|candidate| candidate.symbol);
        let all = entering.chain(held).filter(|&symbol| self.market.bar_at(symbol, now).is_some());
        let mut symbols: Vec<usize> = all.collect();
        symbols.sort_unstable();
        symbols.dedup();
        let weights = weights(root, *lookback, &self.market, &symbols, now);
        self.unweighed.note(&symbols, &weights, self.market.moment(now).date);
        self.parity.extend(symbols.into_iter().zip(weights));
    }

    /// A candidate's part of equity by risk, where that is how positions are sized.
    pub(super) fn parity_share(&self, symbol: usize) -> Option<f64> {
        self.parity.binary_search_by_key(&symbol, |&(weighed, _)| weighed).ok().map(|place| self.parity[place].1)
    }
}
