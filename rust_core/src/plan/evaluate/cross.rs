//! Cross-sections and reductions: all members' values, session by session.
//!
//! Columns lie by symbol, sessions cut across them. A tile of steps is turned so that each step's values stand side by
//! side, the population is picked, the function applied, and the tile turned back. A member counts when it has a bar
//! and a value, passes `where`, its mask holds and its group is known; the others get no value.

use super::columns::Stored;
use super::lanes::{Lane, Lanes, Steps, field_index};
use super::stages::Stages;
use super::truths::Truths;
use crate::bars::SymbolBars;
use crate::cross_section::{self as functions, Scratch};
use crate::error::{EngineError, Result};
use crate::logic::holds;
use crate::plan::{CrossSection, NodeId, Op, Plan, Reduction};
use rayon::prelude::*;
use std::ops::Range;

/// Values in a tile: 128 kilobytes.
const TILE_VALUES: usize = 16_384;
/// Tiles computed before their results are turned back.
const WAVE_TILES: usize = 16;

/// Where a row of members' values comes from.
enum Source<'a> {
    PerLane(Vec<&'a [f64]>),
    Truths(&'a [Truths]),
    Market(&'a [f64]),
    /// The same at every step, by member.
    Fixed(Vec<f64>),
}

/// What the node applies.
#[derive(Clone, Copy)]
enum Function {
    EachMember(CrossSection, f64),
    Market(Reduction),
}

struct Inputs<'a> {
    value: Source<'a>,
    mask: Option<Source<'a>>,
    member: Option<Source<'a>>,
    group: Option<Source<'a>>,
}

/// Computes a cross-section (per member) or a reduction (per step).
pub(super) fn evaluate(plan: &Plan, stages: &Stages, lanes: &Lanes, stored: &[Stored], id: NodeId) -> Result<Stored> {
    let node = &plan.nodes[id];
    let source = |input: Option<&NodeId>| input.map(|&input| source(plan, lanes, stored, input)).transpose();
    let (function, mask, group) = match &node.op {
        Op::CrossSection { function, numbers, mask, group } => {
            let number = numbers.first().copied().unwrap_or(f64::NAN);
            let group = group.then(|| 1 + usize::from(*mask));
            (Function::EachMember(*function, number), mask.then_some(1), group)
        }
        Op::Reduction(function) => (Function::Market(*function), (node.inputs.len() > 1).then_some(1), None),
        _ => return Err(not_there(&node.text)),
    };
    let inputs = Inputs {
        value: source(node.inputs.first())?.ok_or_else(|| not_there(&node.text))?,
        mask: source(mask.and_then(|index| node.inputs.get(index)))?,
        group: source(group.and_then(|index| node.inputs.get(index)))?,
        member: source(plan.member.as_ref().filter(|_| !stages.before_membership[id]))?,
    };
    let members = lanes.members.len();
    let tile_steps = (TILE_VALUES / members.max(1)).max(8);
    let steps = lanes.panel.timeline.len();
    let mut output = Output::new(function, lanes);
    // Waves of a fixed number of tiles keep memory small; results do not depend on their number.
    for wave in (0..steps).step_by(WAVE_TILES * tile_steps) {
        let end = steps.min(wave + WAVE_TILES * tile_steps);
        let tiles: Vec<Vec<f64>> = (0..(end - wave).div_ceil(tile_steps))
            .into_par_iter()
            .map_init(Work::default, |work, tile| {
                let start = wave + tile * tile_steps;
                work.tile(lanes, &inputs, function, start..end.min(start + tile_steps))
            })
            .collect();
        output.take(lanes, &tiles, wave..end, tile_steps);
    }
    Ok(output.stored)
}

/// Where a node's results gather.
struct Output {
    stored: Stored,
}

impl Output {
    fn new(function: Function, lanes: &Lanes) -> Self {
        let own = lanes.of_context(0).iter();
        Self {
            stored: match function {
                Function::Market(_) => Stored::Market(Vec::with_capacity(lanes.panel.timeline.len())),
                Function::EachMember(CrossSection::Top | CrossSection::Bottom, _) => {
                    Stored::Truths(own.map(|lane| Truths::with_capacity(lane.bars)).collect())
                }
                Function::EachMember(..) => Stored::PerLane(own.map(|lane| Vec::with_capacity(lane.bars)).collect()),
            },
        }
    }

    /// Turns the rows of consecutive tiles back into columns.
    fn take(&mut self, lanes: &Lanes, tiles: &[Vec<f64>], steps: Range<usize>, tile_steps: usize) {
        let members = lanes.members.len();
        let column = |member: usize, values: &mut Vec<f64>| {
            let lane = &lanes.of_context(0)[member];
            let (bars, step_of) = bars_within(lane, &lanes.panel.symbols[lanes.members[member]], &steps);
            values.extend(bars.map(|bar| {
                let step = step_of(bar) - steps.start;
                tiles[step / tile_steps][step % tile_steps * members + member]
            }));
        };
        match &mut self.stored {
            Stored::Market(values) => tiles.iter().for_each(|tile| values.extend_from_slice(tile)),
            Stored::PerLane(columns) => {
                columns.par_iter_mut().enumerate().for_each(|(member, values)| column(member, values));
            }
            Stored::Truths(columns) => {
                columns.par_iter_mut().enumerate().for_each_init(Vec::new, |values, (member, truths)| {
                    values.clear();
                    column(member, values);
                    truths.extend(values);
                });
            }
            Stored::Absent | Stored::Given(_) => {}
        }
    }
}

fn not_there(text: &str) -> EngineError {
    EngineError::Shape { what: format!("node `{text}`"), problem: "an input was not computed before it".into() }
}

fn source<'a>(plan: &Plan, lanes: &'a Lanes, stored: &'a [Stored], id: NodeId) -> Result<Source<'a>> {
    let own = lanes.of_context(0);
    Ok(match (stored[id].own(), &plan.nodes[id].op) {
        (Stored::PerLane(columns), _) => Source::PerLane(columns.iter().map(Vec::as_slice).collect()),
        (Stored::Truths(columns), _) => Source::Truths(columns),
        (Stored::Market(column), _) => Source::Market(column),
        (_, Op::Bar(field)) => Source::PerLane(own.iter().map(|lane| lane.fields[field_index(*field)]).collect()),
        (_, Op::Sector) => Source::Fixed(own.iter().map(|lane| lane.sector).collect()),
        (_, Op::Among(symbols)) => Source::Fixed(own.iter().map(|lane| lane.is_among(symbols)).collect()),
        (_, Op::Constant(value)) => Source::Fixed(vec![*value; own.len()]),
        _ => return Err(not_there(&plan.nodes[id].text)),
    })
}

/// Memory kept from tile to tile.
#[derive(Default)]
struct Work {
    value: Vec<f64>,
    mask: Vec<f64>,
    member: Vec<f64>,
    group: Vec<f64>,
    population: Population,
}

impl Work {
    /// One tile's results: a row per step (a value per step for a reduction).
    fn tile(&mut self, lanes: &Lanes, inputs: &Inputs, function: Function, steps: Range<usize>) -> Vec<f64> {
        let members = lanes.members.len();
        turn(lanes, &inputs.value, &steps, &mut self.value);
        for (source, rows) in
            [(&inputs.mask, &mut self.mask), (&inputs.member, &mut self.member), (&inputs.group, &mut self.group)]
        {
            match source {
                Some(source) => turn(lanes, source, &steps, rows),
                None => rows.clear(),
            }
        }
        let width = if let Function::Market(_) = function { 1 } else { members };
        let mut out = vec![f64::NAN; steps.len() * width];
        for (step, out) in out.chunks_exact_mut(width).enumerate() {
            let row = step * members..(step + 1) * members;
            let values = &self.value[row.clone()];
            let (mask, member, group) = (self.mask.get(row.clone()), self.member.get(row.clone()), self.group.get(row));
            self.population.pick(values, mask, member, group);
            self.population.apply(function, group.is_some(), out);
            if let (Function::EachMember(CrossSection::Top | CrossSection::Bottom, _), Some(mask)) = (function, mask) {
                // Who is masked out is known not to be chosen; a rank, on the other hand, it does not have.
                out.iter_mut().zip(mask).filter(|(_, truth)| **truth == 0.0).for_each(|(chosen, _)| *chosen = 0.0);
            }
        }
        out
    }
}

/// Writes a tile's rows: the value of each member at each step, NaN where it has no bar.
fn turn(lanes: &Lanes, source: &Source, steps: &Range<usize>, rows: &mut Vec<f64>) {
    let members = lanes.members.len();
    rows.clear();
    rows.resize(steps.len() * members, f64::NAN);
    for (member, lane) in lanes.of_context(0).iter().enumerate() {
        let (bars, step_of) = bars_within(lane, &lanes.panel.symbols[lanes.members[member]], steps);
        match source {
            Source::PerLane(columns) => {
                spread(lane, bars.clone(), member, members, steps.start, rows, columns[member][bars].iter().copied());
            }
            Source::Truths(columns) => {
                spread(lane, bars.clone(), member, members, steps.start, rows, columns[member].values(bars));
            }
            Source::Market(column) => {
                let values = bars.clone().map(|bar| column[step_of(bar)]);
                spread(lane, bars, member, members, steps.start, rows, values);
            }
            Source::Fixed(values) => {
                spread(lane, bars, member, members, steps.start, rows, std::iter::repeat(values[member]));
            }
        }
    }
}

/// Writes one member's values for some of its bars into the rows of their steps.
#[inline(always)]
fn spread(
    lane: &Lane,
    bars: Range<usize>,
    member: usize,
    members: usize,
    first_step: usize,
    rows: &mut [f64],
    values: impl Iterator<Item = f64>,
) {
    if bars.is_empty() {
        return;
    }
    match lane.steps {
        Steps::From(first) => {
            let start = (first + bars.start - first_step) * members + member;
            let slots = rows[start..].iter_mut().step_by(members).take(bars.len());
            slots.zip(values).for_each(|(slot, value)| *slot = value);
        }
        Steps::At(step_of) => {
            for (&step, value) in step_of[bars].iter().zip(values) {
                rows[(step as usize - first_step) * members + member] = value;
            }
        }
    }
}

/// A member's bars that lie within a range of steps, and the step of a bar.
fn bars_within<'a>(
    lane: &'a Lane,
    symbol: &SymbolBars,
    steps: &Range<usize>,
) -> (Range<usize>, impl Fn(usize) -> usize + 'a) {
    use crate::bars::Placement;
    let bars = match &symbol.placement {
        Placement::Dense { first } => {
            steps.start.saturating_sub(*first).min(lane.bars)..steps.end.saturating_sub(*first).min(lane.bars)
        }
        Placement::Sparse { step_of, .. } => {
            step_of.partition_point(|&step| (step as usize) < steps.start)
                ..step_of.partition_point(|&step| (step as usize) < steps.end)
        }
    };
    (bars, |bar| lane.steps.at(bar))
}

/// The members that count in one session.
#[derive(Default)]
struct Population {
    /// Group (as bits) and member; sorted by both when there are groups.
    members: Vec<(u64, u32)>,
    values: Vec<f64>,
    results: Vec<f64>,
    scratch: Scratch,
}

impl Population {
    fn pick(&mut self, values: &[f64], mask: Option<&[f64]>, member: Option<&[f64]>, group: Option<&[f64]>) {
        let passes = |condition: Option<&[f64]>, index: usize| condition.is_none_or(|truths| holds(truths[index]));
        self.members.clear();
        for (index, value) in values.iter().enumerate() {
            let label = group.map_or(0.0, |labels| labels[index]);
            if !value.is_nan() && !label.is_nan() && passes(mask, index) && passes(member, index) {
                self.members.push(((label + 0.0).to_bits(), index as u32));
            }
        }
        if group.is_some() {
            self.members.sort_unstable();
        }
        self.values.clear();
        self.values.extend(self.members.iter().map(|&(_, index)| values[index as usize]));
        self.results.resize(self.values.len(), f64::NAN);
    }

    fn apply(&mut self, function: Function, grouped: bool, out: &mut [f64]) {
        let Self { members, values, results, scratch } = self;
        let (function, number) = match function {
            Function::Market(reduction) => {
                out[0] = reduce(reduction, values, scratch);
                return;
            }
            Function::EachMember(function, number) => (function, number),
        };
        let mut start = 0;
        while start < members.len() {
            let label = members[start].0;
            let rest = &members[start..];
            let count = if grouped { rest.partition_point(|&(other, _)| other == label) } else { rest.len() };
            let run = start..start + count;
            each_member(function, number, &values[run.clone()], scratch, &mut results[run]);
            start += count;
        }
        for (&(_, index), &result) in members.iter().zip(results.iter()) {
            out[index as usize] = result;
        }
    }
}

fn each_member(function: CrossSection, number: f64, values: &[f64], scratch: &mut Scratch, out: &mut [f64]) {
    match function {
        CrossSection::Rank => functions::rank(values, scratch, out),
        CrossSection::Percentile => functions::percentile(values, scratch, out),
        CrossSection::ZScore => functions::zscore(values, out),
        CrossSection::Demean => functions::demean(values, out),
        CrossSection::Winsorize => functions::winsorize(values, number, scratch, out),
        CrossSection::Quantile => functions::quantile(values, number, scratch, out),
        CrossSection::Bucket => functions::bucket(values, number, scratch, out),
        CrossSection::Top => functions::top(values, number, scratch, out),
        CrossSection::Bottom => functions::bottom(values, number, scratch, out),
    }
}

fn reduce(function: Reduction, values: &[f64], scratch: &mut Scratch) -> f64 {
    match function {
        Reduction::Breadth => functions::breadth(values),
        Reduction::Mean => functions::mean(values),
        Reduction::Median => functions::median(values, scratch),
        Reduction::Sum => functions::sum(values),
        Reduction::CountTrue => functions::count_true(values),
    }
}
