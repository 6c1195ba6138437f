//! All bindings on one panel, batch after batch.

use super::order::order;
use super::score::{Scorer, Wanted};
use super::shared::{Cache, Common};
use super::task::Task;
use super::{Bindings, Emit};
use crate::bars::Panel;
use crate::error::Result;
use crate::simulate::SimulationConfig;
use crate::watch::Watch;
use rayon::prelude::*;

/// Bindings in a batch: enough that what groups share pays, few enough that their graphs are small.
const BATCH: usize = 4_096;
/// Bindings in a group: they share a graph and the work of laying it out.
const GROUP: usize = 64;
/// Groups for each thread, so that none waits long for the last.
const GROUPS_PER_THREAD: usize = 4;

/// Runs every binding and hands out the scores group by group.
///
/// # Errors
/// `Config` for a binding that does not compile; as `simulate::run` otherwise; `Interrupted` once the watch is told to stop.
pub fn run(
    bindings: &Bindings<'_>,
    panel: &Panel<'_>,
    config: &SimulationConfig,
    wanted: Wanted<'_>,
    cache: &mut Cache,
    watch: &Watch,
    emit: &Emit<'_>,
) -> Result<()> {
    let column_bytes = panel.symbols.iter().map(|bars| bars.len()).sum::<usize>().max(1) * size_of::<f64>();
    let alive = cache.bytes_max() / column_bytes;
    let order = order(bindings, alive, GROUP);
    let threads = rayon::current_num_threads();
    let mut batch = BATCH;
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        watch.go_on()?;
        let places = &rest[..batch.min(rest.len())];
        // What a group decides by is kept while it runs; those of all threads get a quarter of the memory.
        let fitting = (alive / (4 * threads)).max(1);
        let group = places.len().div_ceil(threads * GROUPS_PER_THREAD).clamp(1, GROUP.min(fitting));
        let tasks: Vec<Vec<Task>> =
            places.par_chunks(group).map(|places| Task::bind(bindings, places)).collect::<Result<_>>()?;
        let tasks: Vec<Task> = tasks.into_iter().flatten().collect();
        let common = Common::find(&tasks, cache);
        if common.columns() > alive.max(1) && tasks.len() > 1 {
            batch = (places.len() / 2).max(1);
            continue;
        }
        common.compute(&tasks, panel, cache, column_bytes, watch)?;
        let cached = &*cache;
        tasks.into_par_iter().enumerate().try_for_each(|(place, task)| -> Result<()> {
            watch.go_on()?;
            let mut scorer = Scorer::new(&task.plan, panel, config, wanted)?;
            task.run(panel, &common.given(place, cached), &mut scorer, watch)?;
            emit(scorer.scores);
            Ok(())
        })?;
        rest = &rest[places.len()..];
    }
    Ok(())
}
