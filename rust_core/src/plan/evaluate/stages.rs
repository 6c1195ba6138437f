//! Which nodes are needed, in which stage each is computed, and which columns outlive their stage.
//!
//! A barrier stands one stage after the columns it reads; everything else stands in the stage of its inputs. Within a
//! stage barriers come first, then the market, then the symbols.

use super::columns::Stored;
use crate::error::{EngineError, Result};
use crate::plan::{Node, NodeId, Op, Plan, Scope, roots};

/// Which lanes a node runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Market,
    /// Every symbol of a context.
    Symbols(usize),
}

pub(super) struct Stages {
    pub count: usize,
    /// Stage of each node; `None` when it is not evaluated.
    pub stage: Vec<Option<usize>>,
    /// Roots, wanted nodes and what position-stage nodes read.
    pub kept: Vec<bool>,
    /// Whether the node's column must exist beyond its block.
    pub stored: Vec<bool>,
    /// Stage in which a column is read last.
    last_read: Vec<usize>,
    /// Contexts that some node reads.
    pub contexts: Vec<bool>,
    /// Nodes that membership (`where`) depends on: for them everybody with a bar is a member.
    pub before_membership: Vec<bool>,
    barrier: Vec<bool>,
    kind: Vec<Kind>,
}

/// A node that reads or fills whole columns.
pub(super) fn is_barrier(op: &Op) -> bool {
    matches!(op, Op::CrossSection { .. } | Op::Reduction(_) | Op::Bridge | Op::Calendar(_))
}

/// A node whose values are there without computing.
pub(super) fn is_free(op: &Op) -> bool {
    matches!(op, Op::Constant(_) | Op::Bar(_) | Op::Sector | Op::Among(_))
}

pub(super) fn kind_of(node: &Node) -> Kind {
    if node.scope == Scope::Market { Kind::Market } else { Kind::Symbols(node.context) }
}

impl Stages {
    /// Nothing behind a node that `is_given` is looked at.
    pub(super) fn new(plan: &Plan, wanted: &[NodeId], is_given: &[bool]) -> Result<Self> {
        validate(plan, wanted)?;
        let nodes = &plan.nodes;
        let kept = kept_nodes(plan, wanted);
        let mut needed = kept.clone();
        spread_to_inputs(nodes, &mut needed, |id| !is_given[id]);
        let mut before_membership = vec![false; nodes.len()];
        if let Some(member) = plan.member {
            before_membership[member] = true;
            spread_to_inputs(nodes, &mut before_membership, |_| true);
        }
        let computed: Vec<bool> = needed.iter().zip(is_given).map(|(needed, given)| *needed && !given).collect();
        let stage = stage_of_each(plan, &computed, &before_membership);
        let mut stored: Vec<bool> = kept.clone();
        let mut last_read = vec![0; nodes.len()];
        for (id, node) in nodes.iter().enumerate() {
            let Some(own) = stage[id] else { continue };
            stored[id] |= is_barrier(&node.op);
            for &input in &node.inputs {
                last_read[input] = last_read[input].max(own);
                let elsewhere =
                    is_barrier(&node.op) || stage[input] != Some(own) || kind_of(node) != kind_of(&nodes[input]);
                stored[input] |= elsewhere && !is_free(&nodes[input].op);
            }
        }
        let mut contexts = vec![false; plan.contexts.len()];
        contexts.iter_mut().take(1).for_each(|context| *context = true);
        for (id, node) in nodes.iter().enumerate() {
            contexts[node.context] |= needed[id] && node.scope == Scope::Symbol;
        }
        Ok(Self {
            count: stage.iter().flatten().max().map_or(0, |last| last + 1),
            stage,
            kept,
            stored,
            last_read,
            contexts,
            before_membership,
            barrier: nodes.iter().map(|node| is_barrier(&node.op)).collect(),
            kind: nodes.iter().map(kind_of).collect(),
        })
    }

    /// Barriers of a stage, in order.
    pub(super) fn barriers(&self, stage: usize) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.stage.len()).filter(move |&id| self.stage[id] == Some(stage) && self.barrier[id])
    }

    /// Lanes that have something to compute in a stage: the market first.
    pub(super) fn kinds(&self, stage: usize) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = Vec::new();
        for id in 0..self.stage.len() {
            if self.stage[id] == Some(stage) && !self.barrier[id] && !kinds.contains(&self.kind[id]) {
                kinds.push(self.kind[id]);
            }
        }
        kinds.sort_by_key(|kind| match kind {
            Kind::Market => 0,
            Kind::Symbols(context) => context + 1,
        });
        kinds
    }

    /// Frees the columns that no later stage reads.
    pub(super) fn forget_read(&self, stored: &mut [Stored], stage: usize) {
        for (id, column) in stored.iter_mut().enumerate() {
            if !self.kept[id] && self.stage[id].is_some_and(|own| own.max(self.last_read[id]) <= stage) {
                *column = Stored::Absent;
            }
        }
    }
}

/// Marks the inputs of marked nodes, for nodes that pass.
fn spread_to_inputs(nodes: &[Node], marked: &mut [bool], pass: impl Fn(NodeId) -> bool) {
    for id in (0..nodes.len()).rev() {
        if marked[id] && pass(id) {
            nodes[id].inputs.iter().for_each(|&input| marked[input] = true);
        }
    }
}

/// Roots and wanted nodes; in place of position-stage ones the market-stage nodes they read.
fn kept_nodes(plan: &Plan, wanted: &[NodeId]) -> Vec<bool> {
    let mut kept = vec![false; plan.nodes.len()];
    roots(plan).into_iter().chain(wanted.iter().copied()).for_each(|id| kept[id] = true);
    spread_to_inputs(&plan.nodes, &mut kept, |id| plan.nodes[id].scope == Scope::Position);
    for (kept, node) in kept.iter_mut().zip(&plan.nodes) {
        *kept &= node.scope != Scope::Position;
    }
    kept
}

/// Stages in node order; what membership depends on comes first, because every other cross-section waits for it.
fn stage_of_each(plan: &Plan, needed: &[bool], before_membership: &[bool]) -> Vec<Option<usize>> {
    let mut stage: Vec<Option<usize>> = vec![None; plan.nodes.len()];
    let mut membership_known = 0;
    for first in [true, false] {
        for (id, node) in plan.nodes.iter().enumerate() {
            if !needed[id] || before_membership[id] != first {
                continue;
            }
            let after = |input: &NodeId| {
                let waits =
                    is_barrier(&node.op) && !is_barrier(&plan.nodes[*input].op) && !is_free(&plan.nodes[*input].op);
                stage[*input].unwrap_or(0) + usize::from(waits)
            };
            let inputs = node.inputs.iter().map(after).max().unwrap_or(0);
            let of_members = matches!(node.op, Op::CrossSection { .. } | Op::Reduction(_));
            stage[id] = Some(if of_members { inputs.max(membership_known) } else { inputs });
        }
        if let Some(member) = plan.member {
            membership_known = stage[member].map_or(0, |own| own + 1);
        }
    }
    stage
}

/// Refuses a graph that cannot be evaluated, so that nothing below can index out of range.
fn validate(plan: &Plan, wanted: &[NodeId]) -> Result<()> {
    let fail = |text: &str, problem: &str| {
        Err(EngineError::Shape { what: format!("plan {}, node `{text}`", plan.name), problem: problem.into() })
    };
    if roots(plan).iter().chain(wanted).any(|&id| id >= plan.nodes.len()) {
        return fail("root", "there is no such node");
    }
    if plan.contexts.first().is_none_or(|own| own.symbol.is_some() || own.timeframe.is_some()) {
        return fail("context 0", "it is not the members' own bars");
    }
    for (id, node) in plan.nodes.iter().enumerate() {
        if node.context >= plan.contexts.len() || node.inputs.iter().any(|&input| input >= id) {
            return fail(&node.text, "an input or context does not come before it");
        }
        if node.scope == Scope::Position {
            continue;
        }
        if !has_right_arity(node) {
            return fail(&node.text, "wrong number of inputs or numbers");
        }
        if node.scope == Scope::Market && matches!(node.op, Op::Bar(_) | Op::Sector | Op::Among(_) | Op::AsOfDay { .. })
        {
            return fail(&node.text, "the market as a whole has no bars");
        }
        for input in node.inputs.iter().map(|&input| &plan.nodes[input]) {
            let fits = match (&node.op, node.scope, input.scope) {
                (_, _, Scope::Position) => false,
                (Op::Constant(_) | Op::Calendar(_), ..) => true,
                (Op::CrossSection { .. } | Op::Reduction(_), ..) => input.scope == Scope::Market || input.context == 0,
                (Op::Bridge, ..) => {
                    let from = &plan.contexts[input.context];
                    let own_symbols = node.scope == Scope::Symbol && plan.contexts[node.context].symbol.is_none();
                    input.scope == Scope::Market || from.symbol.is_some() || own_symbols
                }
                (_, _, Scope::Market) => true,
                (_, Scope::Symbol, Scope::Symbol) => {
                    input.context == node.context || matches!(input.op, Op::Constant(_))
                }
                (_, Scope::Market, Scope::Symbol) => matches!(input.op, Op::Constant(_)),
                (_, Scope::Position, _) => true,
            };
            if !fits {
                return fail(&node.text, &format!("`{}` lies on other bars and needs a bridge", input.text));
            }
        }
        let across = matches!(node.op, Op::CrossSection { .. } | Op::Reduction(_));
        if across && (node.context != 0 || (node.scope == Scope::Market) != matches!(node.op, Op::Reduction(_))) {
            return fail(&node.text, "members are compared on their own bars in the base timeframe");
        }
    }
    if let Some(member) = plan.member
        && (plan.nodes[member].scope == Scope::Position || plan.nodes[member].context != 0)
    {
        return fail(&plan.nodes[member].text, "membership is decided on the members' own bars");
    }
    Ok(())
}

fn has_right_arity(node: &Node) -> bool {
    let inputs = node.inputs.len();
    match &node.op {
        Op::Constant(_) | Op::Bar(_) | Op::Sector | Op::Among(_) | Op::Calendar(_) | Op::Position(_) => inputs == 0,
        Op::Indicator { function, output, .. } => *output < function.outputs.len(),
        Op::Arithmetic(_) | Op::Compare(_) | Op::Regime => inputs == 2,
        Op::Elementwise(_) | Op::Reduction(_) => inputs >= 1,
        Op::AsOfDay { .. } | Op::Bridge => inputs == 1,
        Op::CrossSection { function, numbers, mask, group } => {
            use crate::plan::CrossSection as F;
            let number = !matches!(function, F::Rank | F::Percentile | F::ZScore | F::Demean);
            inputs == 1 + usize::from(*mask) + usize::from(*group) && (!number || !numbers.is_empty())
        }
    }
}
