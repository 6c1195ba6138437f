//! Plan after plan on one panel and one universe, in memory that is kept: what `run_on` does, as far as metrics read it.

use crate::bars::Panel;
use crate::error::Result;
use crate::plan::Plan;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::{Setup, SimulationConfig};
use crate::simulate::definitions::Definer;
use crate::simulate::lone::Lone;
use crate::simulate::market::Market;
use crate::simulate::output::Equity;
use crate::simulate::plain::{Nothing, Plain, may_be_plain};
use crate::simulate::run::{Look, Spare, period, walk};
use crate::simulate::signals::Signals;
use crate::simulate::summary::{Sessions, Tally};
use crate::watch::Watch;
use std::sync::Arc;

/// Runs in a row; an error ends them. Equity is kept at session closes alone where nothing else is read.
pub struct Series<'a> {
    panel: &'a Panel<'a>,
    setup: Arc<Setup>,
    period: (usize, usize),
    /// Where the sessions of every run close.
    pub sessions: Sessions,
    /// Where another engine's metrics are asked for; every row is kept then.
    pub definer: Option<Arc<Definer>>,
    /// What the last run left; all of its output where it was a general one.
    pub(super) spare: Spare,
    tally: Tally,
}

impl<'a> Series<'a> {
    /// # Errors
    /// As `run_on`.
    pub fn new(panel: &'a Panel<'a>, config: &SimulationConfig) -> Result<Self> {
        let (first, last) = period(panel, config)?;
        let sessions = Sessions::new(panel, first, last - first + 1);
        let is_daily = sessions.closes.len() == last - first + 1;
        let steps = sessions.closes.iter().map(|row| first + row).collect();
        let setup = Arc::new(config.check()?);
        let definer = Definer::new(&setup, panel, &sessions, last - first + 1).map(Arc::new);
        let spare = Spare { only: (!is_daily && definer.is_none()).then_some(steps), ..Spare::default() };
        Ok(Self { panel, setup, period: (first, last), sessions, definer, spare, tally: Tally::default() })
    }

    /// Runs a plan, and lends what came of it until the next run.
    ///
    /// # Errors
    /// As `run_on`, and `Interrupted` once the watch is told to stop.
    pub fn run<S: Signals + ?Sized>(&mut self, plan: &Plan, signals: &S, watch: &Watch) -> Result<(&Equity, &Tally)> {
        // Several series may share a watch: progress is told by whoever counts them.
        let look = |_, _| watch.go_on();
        let is_done = may_be_plain(plan, &self.setup) && self.run_plain(plan, signals, &look)?;
        if !is_done {
            let spare = std::mem::take(&mut self.spare);
            let (output, spare) =
                walk(plan, self.panel, signals, Arc::clone(&self.setup), self.period, true, spare, &look)?;
            self.tally.read(&output);
            self.spare = Spare { output, ..spare };
        }
        Ok((&self.spare.output.equity, &self.tally))
    }

    /// The same for a plan that is plain; false where the general run must tell.
    pub(super) fn run_plain<S: Signals + ?Sized>(&mut self, plan: &Plan, signals: &S, look: Look<'_>) -> Result<bool> {
        let Self { panel, setup, period, spare, tally, .. } = self;
        let mut market = Market::on(plan, panel, spare.known.take())?;
        market.start_at(period.0);
        let rules = RuleRoots::new(plan, &market, signals);
        let lone = Lone::new(plan, &market, &rules, setup, period.1, &mut spare.words);
        let mut mark = None;
        if let Some(lone) = lone {
            let equity = &mut spare.output.equity;
            equity.restart(period.0, spare.only.take());
            let kept = (equity, tally, &mut Nothing);
            if let Some(plain) = Plain::new(plan, setup, &mut market, &lone, *period, kept) {
                mark = Some(plain.run(period.1, look));
            }
            spare.only = spare.output.equity.take_steps();
            spare.words = lone.into_words();
        }
        spare.known = Some(market.into_known());
        mark.transpose().map(|mark| mark.is_some())
    }
}
