//! Columns of another symbol or timeframe, brought to the bars that read them.

use super::columns::Stored;
use super::lanes::{Lane, Lanes, Steps, field_index};
use crate::error::{EngineError, Result};
use crate::plan::{NodeId, Op, Plan};
use std::borrow::Cow;

/// The values of a bridge whose column is the market's.
pub(super) fn to_market(plan: &Plan, lanes: &Lanes, stored: &[Stored], id: NodeId) -> Result<Vec<f64>> {
    across(plan, lanes, stored, id, &lanes.market, 0)
}

/// The values of a bridge for every symbol of its context.
pub(super) fn to_symbols(plan: &Plan, lanes: &Lanes, stored: &[Stored], id: NodeId) -> Result<Vec<Vec<f64>>> {
    let targets = lanes.of_context(plan.nodes[id].context).iter().enumerate();
    targets.map(|(index, lane)| across(plan, lanes, stored, id, lane, index)).collect()
}

fn across(plan: &Plan, lanes: &Lanes, stored: &[Stored], id: NodeId, target: &Lane, index: usize) -> Result<Vec<f64>> {
    let input = plan.nodes[id].inputs[0];
    let from = &plan.nodes[input];
    let steps = (0..target.bars).map(|bar| target.steps.at(bar));
    if let Op::Constant(value) = from.op {
        return Ok(vec![value; target.bars]);
    }
    if let Stored::Market(column) = stored[input].own() {
        return Ok(steps.map(|step| column[step]).collect());
    }
    // A named symbol has one lane; otherwise each member reads its own.
    let source = if lanes.named[from.context] { 0 } else { index };
    let lane = lanes.of_context(from.context).get(source);
    let values: Option<Cow<[f64]>> = match (stored[input].own(), &from.op, lane) {
        (Stored::PerLane(columns), _, _) => columns.get(source).map(|column| column.as_slice().into()),
        (Stored::Truths(columns), _, _) => {
            columns.get(source).map(|truths| truths.values(0..truths.len()).collect::<Vec<_>>().into())
        }
        (_, Op::Bar(field), Some(lane)) => Some(lane.fields[field_index(*field)].into()),
        (_, Op::Sector, Some(lane)) => return Ok(vec![lane.sector; target.bars]),
        (_, Op::Among(symbols), Some(lane)) => return Ok(vec![lane.is_among(symbols); target.bars]),
        _ => None,
    };
    match (values, lane) {
        (Some(values), Some(lane)) if lanes.base[from.context] => Ok(at_step(&values, lane.steps, steps)),
        (Some(values), Some(lane)) => Ok(last_until(&values, lane.steps, steps)),
        _ => Err(EngineError::Shape {
            what: format!("node `{}`", plan.nodes[id].text),
            problem: format!("`{}` was not computed before it", from.text),
        }),
    }
}

/// The value of the bar at each step, missing where there is none.
fn at_step(values: &[f64], source: Steps, steps: impl Iterator<Item = usize>) -> Vec<f64> {
    let mut bar = 0;
    let at = |step: usize| {
        while bar < values.len() && source.at(bar) < step {
            bar += 1;
        }
        if bar < values.len() && source.at(bar) == step { values[bar] } else { f64::NAN }
    };
    steps.map(at).collect()
}

/// The value of the last bar visible at each step, missing before the first.
fn last_until(values: &[f64], source: Steps, steps: impl Iterator<Item = usize>) -> Vec<f64> {
    let mut seen = 0;
    let at = |step: usize| {
        while seen < values.len() && source.at(seen) <= step {
            seen += 1;
        }
        if seen == 0 { f64::NAN } else { values[seen - 1] }
    };
    steps.map(at).collect()
}
