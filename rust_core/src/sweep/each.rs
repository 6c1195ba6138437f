//! All bindings on each symbol by itself: as many runs as bindings times symbols.

use super::score::{Scorer, Wanted};
use super::task::Task;
use super::{Bindings, Emit};
use crate::bars::Panel;
use crate::error::Result;
use crate::simulate::SimulationConfig;
use crate::watch::Watch;
use rayon::prelude::*;

/// Bindings in a batch, whose conditions all stand in memory for the symbols that run at a time.
const BATCH: usize = 1_024;

/// A symbol and how to get its bars.
pub struct Member<'a> {
    pub symbol: &'a str,
    /// The symbol's bars and those of the symbols that every run reads.
    pub panel: &'a (dyn Fn() -> Result<Panel<'a>> + Sync),
}

/// Runs every binding on every symbol; the place of a run is `symbol * bindings + binding`.
///
/// # Errors
/// As `run`.
pub fn run_each(
    bindings: &Bindings<'_>,
    members: &[Member<'_>],
    config: &SimulationConfig,
    wanted: Wanted<'_>,
    watch: &Watch,
    emit: &Emit<'_>,
) -> Result<()> {
    let places: Vec<usize> = (0..bindings.len()).collect();
    for places in places.chunks(BATCH) {
        let tasks = Task::bind(bindings, places)?;
        members.par_iter().enumerate().try_for_each(|(index, member)| -> Result<()> {
            watch.go_on()?;
            let panel = (member.panel)()?;
            for task in &tasks {
                let task = task.of(member.symbol);
                let mut scorer = Scorer::new(&task.plan, &panel, config, wanted)?;
                task.run(&panel, &[], &mut scorer, watch)?;
                scorer.scores.places.iter_mut().for_each(|place| *place += index * bindings.len());
                emit(scorer.scores);
            }
            Ok(())
        })?;
    }
    Ok(())
}
