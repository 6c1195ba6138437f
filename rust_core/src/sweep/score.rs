//! One binding simulated, and what is kept of it: its plan's hash and the numbers that were asked for.

use crate::bars::Panel;
use crate::error::Result;
use crate::metrics::{Metric, measure, overrule, sum_and_squares};
use crate::plan::Plan;
use crate::plan::evaluate::Columns;
use crate::simulate::definitions::Definer;
use crate::simulate::summary::Summary;
use crate::simulate::{Series, SimulationConfig};
use crate::watch::Watch;
use std::sync::Arc;

/// What is kept of each run.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub metrics: &'a [Metric],
    /// Symbol to compare with; the universe in equal parts when `None`.
    pub benchmark: Option<&'a str>,
    /// In how many blocks of sessions the returns are summed up; 0 for none.
    pub blocks: usize,
}

impl Wanted<'_> {
    /// Numbers of a run: trades, final equity, session returns, their mean and sample deviation, the metrics, and sum
    /// and sum of squares of the returns of each block.
    pub fn width(&self) -> usize {
        5 + self.metrics.len() + 2 * self.blocks
    }
}

/// The runs of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Places of the bindings; `symbol * bindings + place` where each symbol ran by itself.
    pub places: Vec<usize>,
    pub hashes: Vec<String>,
    /// Row-major, `Wanted::width` numbers a run.
    pub values: Vec<f64>,
}

/// Simulates binding after binding on the same columns.
pub(super) struct Scorer<'a> {
    series: Series<'a>,
    wanted: Wanted<'a>,
    /// The benchmark's returns, where a metric reads them; the same for every binding.
    benchmark: Vec<f64>,
    with_exposure: bool,
    /// Where another engine's metrics are asked for, with the rows that close sessions: every row is kept then.
    definer: Option<Arc<Definer>>,
    closes: Option<Vec<usize>>,
    summary: Summary,
    returns: Vec<f64>,
    pub scores: Scores,
}

impl<'a> Scorer<'a> {
    /// # Errors
    /// As `simulate::run_on`; `MissingInput` for a benchmark without bars.
    pub fn new(plan: &Plan, panel: &'a Panel<'a>, config: &SimulationConfig, wanted: Wanted<'a>) -> Result<Self> {
        let series = Series::new(panel, config)?;
        let benchmark = match wanted.metrics.iter().any(|metric| metric.reads_benchmark()) {
            true => series.sessions.benchmark(plan, panel, wanted.benchmark)?,
            false => Vec::new(),
        };
        let with_exposure = wanted.metrics.iter().any(|metric| metric.reads_exposure());
        let definer = series.definer.clone();
        let closes = definer.is_some().then(|| series.sessions.closes.clone());
        let (summary, scores) = (Summary::default(), Scores::default());
        Ok(Self { series, wanted, benchmark, with_exposure, definer, closes, summary, returns: Vec::new(), scores })
    }

    /// Runs the plan and adds its scores.
    pub fn score(
        &mut self,
        place: usize,
        plan: &Plan,
        hash: String,
        columns: &Columns<'_>,
        watch: &Watch,
    ) -> Result<()> {
        let sessions = self.series.sessions.closes.len();
        let (equity, tally) = self.series.run(plan, columns, watch)?;
        self.summary.read(equity, self.closes.as_deref(), self.with_exposure);
        let record = self.summary.record(tally, &self.benchmark);
        let said = self.definer.as_ref().map(|definer| definer.said(&record, equity));
        let Scores { places, hashes, values } = &mut self.scores;
        places.push(place);
        hashes.push(hash);
        values.push(tally.trades as f64);
        values.push(equity.last().map_or(0.0, |money| money.to_f64()));
        values.push(sessions.saturating_sub(1) as f64);
        let moments = values.len();
        values.extend([f64::NAN; 2]);
        let first = values.len();
        let own = measure(&record, self.wanted.metrics, &mut self.returns, values);
        // Whoever defines the metrics, these are the returns themselves.
        values[moments..first].copy_from_slice(&own);
        if let Some(said) = said {
            overrule(&mut values[first..], self.wanted.metrics, &said);
        }
        sum_blocks(&self.returns, self.wanted.blocks, values);
        Ok(())
    }
}

/// Sum and sum of squares of each of `blocks` equal blocks; what does not fill them is left out at the start.
fn sum_blocks(returns: &[f64], blocks: usize, into: &mut Vec<f64>) {
    let Some(length) = returns.len().checked_div(blocks) else { return };
    let kept = &returns[returns.len() - length * blocks..];
    for block in 0..blocks {
        let block = &kept[block * length..(block + 1) * length];
        into.extend(sum_and_squares(block));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_leave_out_the_oldest_returns() {
        let mut sums = Vec::new();
        // 7 returns in 3 blocks of 2: the first one is left out.
        sum_blocks(&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, &mut sums);
        assert_eq!(sums, [3.0, 5.0, 7.0, 25.0, 11.0, 61.0]);
        sums.clear();
        sum_blocks(&[1.0], 0, &mut sums);
        assert!(sums.is_empty());
    }
}
