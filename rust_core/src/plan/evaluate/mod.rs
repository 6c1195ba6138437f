//! Columns for a plan's nodes on a panel of bars.
//!
//! 1. `stages` finds which nodes are needed, orders them into stages and says which columns must be kept.
//! 2. `lanes` lays out the bars of every context: one lane per symbol, and the market with one bar per step.
//! 3. A stage first computes its *barriers*, which read whole columns: `cross` (all members in one session), `bridge`
//!    (another symbol or timeframe) and the calendar. Then the market lane runs, then the symbols, independently.
//! 4. A lane runs a `program`: blocks of bars go through the stage's nodes in order, in buffers that stay in cache;
//!    state machines carry their state from block to block. `run` walks it, `elementwise` holds the loops. Columns that
//!    outlive the stage are written out, truths as bits.
//!
//! Nothing here sees a later bar: evaluating a prefix of the bars gives the prefix of the columns, bit for bit, at any
//! block size and any number of threads.

mod bridge;
mod columns;
mod cross;
mod elementwise;
mod judge;
mod lanes;
mod program;
mod run;
mod stages;
#[cfg(test)]
mod tests;
mod truths;

pub use columns::{Columns, Kept, TrueAt};
pub use truths::Truths;

use super::{NodeId, Op, Plan, Scope};
use crate::bars::Panel;
use crate::error::Result;
use crate::parallel;
use crate::watch::Watch;
use columns::Stored;
use lanes::Lanes;
use program::Program;
use stages::{Kind, Stages};

/// Bars in a block: sixteen kilobytes of a column, so that a chain of a few nodes stays in the first cache.
const BLOCK_BARS: usize = 2048;

/// Evaluates the plan's roots and the `wanted` nodes.
///
/// # Errors
/// `MissingInput` when no member of the universe or not the symbol that an expression names has bars; `Shape` for a
/// plan whose nodes do not fit together; `Config` for an intraday panel whose bar length the plan's timeframe does
/// not tell.
pub fn evaluate<'p>(plan: &Plan, panel: &'p Panel<'p>, wanted: &[NodeId]) -> Result<Columns<'p>> {
    evaluate_watched(plan, panel, wanted, &Watch::default())
}

/// `evaluate` under a watch.
///
/// # Errors
/// As `evaluate`, and `Interrupted` once the watch is told to stop.
pub fn evaluate_watched<'p>(
    plan: &Plan,
    panel: &'p Panel<'p>,
    wanted: &[NodeId],
    watch: &Watch,
) -> Result<Columns<'p>> {
    evaluate_in_blocks(plan, panel, wanted, BLOCK_BARS, watch)
}

/// `evaluate` that takes columns of an earlier evaluation instead of computing them, and what stands behind them.
///
/// # Errors
/// As `evaluate_watched`.
pub fn evaluate_given<'p>(
    plan: &Plan,
    panel: &'p Panel<'p>,
    wanted: &[NodeId],
    given: &[(NodeId, Kept)],
    watch: &Watch,
) -> Result<Columns<'p>> {
    let (bars, stored) = compute(plan, panel, wanted, given, BLOCK_BARS, watch)?;
    Ok(Columns::new(plan, panel, bars, stored))
}

/// The columns of some nodes, to be given to later evaluations; nodes on other bars than the members' too.
///
/// # Errors
/// As `evaluate_watched`.
pub fn keep(
    plan: &Plan,
    panel: &Panel<'_>,
    wanted: &[NodeId],
    given: &[(NodeId, Kept)],
    watch: &Watch,
) -> Result<Vec<Kept>> {
    let (_, mut stored) = compute(plan, panel, wanted, given, BLOCK_BARS, watch)?;
    Ok(wanted.iter().map(|&id| Kept::of(std::mem::replace(&mut stored[id], Stored::Absent))).collect())
}

/// `evaluate` with another block size; the bits are the same.
pub(crate) fn evaluate_in_blocks<'p>(
    plan: &Plan,
    panel: &'p Panel<'p>,
    wanted: &[NodeId],
    block_bars: usize,
    watch: &Watch,
) -> Result<Columns<'p>> {
    let (bars, stored) = compute(plan, panel, wanted, &[], block_bars, watch)?;
    Ok(Columns::new(plan, panel, bars, stored))
}

fn compute(
    plan: &Plan,
    panel: &Panel<'_>,
    wanted: &[NodeId],
    given: &[(NodeId, Kept)],
    block_bars: usize,
    watch: &Watch,
) -> Result<(lanes::Bars, Vec<Stored>)> {
    let mut stored: Vec<Stored> = plan.nodes.iter().map(|_| Stored::Absent).collect();
    for (id, column) in given {
        stored[*id] = column.give();
    }
    let is_given: Vec<bool> = stored.iter().map(|column| !matches!(column, Stored::Absent)).collect();
    let stages = Stages::new(plan, wanted, &is_given)?;
    let bars = lanes::Bars::new(plan, panel, &stages)?;
    let lanes = bars.lanes(panel)?;
    for stage in 0..stages.count {
        for id in stages.barriers(stage) {
            stored[id] = barrier(plan, &stages, &lanes, &stored, id)?;
        }
        for kind in stages.kinds(stage) {
            let program = Program::new(plan, &stages, &stored, stage, kind)?;
            let columns = match kind {
                Kind::Market => vec![run::run(&program, &lanes.market, 0, &stored, block_bars)],
                Kind::Symbols(context) => {
                    let lanes = lanes.of_context(context);
                    let bars = lanes.iter().map(|lane| lane.bars).sum();
                    let columns = parallel::map(lanes.iter().collect(), bars, |index, lane| {
                        watch.go_on()?;
                        Ok(run::run(&program, lane, index, &stored, block_bars))
                    });
                    columns.into_iter().collect::<Result<_>>()?
                }
            };
            columns::store(&mut stored, &program, columns, kind);
        }
        stages.forget_read(&mut stored, stage);
    }
    drop(lanes);
    Ok((bars, stored))
}

/// Computes a node that reads whole columns.
fn barrier(plan: &Plan, stages: &Stages, lanes: &Lanes, stored: &[Stored], id: NodeId) -> Result<Stored> {
    let node = &plan.nodes[id];
    match &node.op {
        Op::Calendar(function) => Ok(Stored::Market(lanes.calendar(*function))),
        Op::Bridge if node.scope == Scope::Market => bridge::to_market(plan, lanes, stored, id).map(Stored::Market),
        Op::Bridge => bridge::to_symbols(plan, lanes, stored, id).map(Stored::PerLane),
        _ => cross::evaluate(plan, stages, lanes, stored, id),
    }
}
