//! What holds for every finished plan. Checked once after each build; a breach is a fault of the compiler.

use super::finish::roots;
use super::node::{Op, Plan, Portfolio, Scope};
use crate::units::Unit;

/// All invariants, or the first that does not hold, in words.
pub fn check(plan: &Plan) -> Result<(), String> {
    topological_order(plan)?;
    arity(plan)?;
    contexts(plan)?;
    scopes(plan)?;
    units(plan)
}

/// Inputs stand before their readers.
fn topological_order(plan: &Plan) -> Result<(), String> {
    for (id, node) in plan.nodes.iter().enumerate() {
        if node.inputs.iter().any(|&input| input >= id) {
            return Err(format!("node {id} reads a node that stands after it"));
        }
    }
    match roots(plan).into_iter().chain(plan.features.iter().map(|(_, id)| *id)).find(|&id| id >= plan.nodes.len()) {
        Some(id) => Err(format!("a root names node {id}, which does not exist")),
        None => Ok(()),
    }
}

/// Operations have the inputs they need.
fn arity(plan: &Plan) -> Result<(), String> {
    for (id, node) in plan.nodes.iter().enumerate() {
        let inputs = node.inputs.len();
        let is_sound = match &node.op {
            Op::Constant(_) | Op::Bar(_) | Op::Sector | Op::Among(_) | Op::Calendar(_) | Op::Position(_) => inputs == 0,
            Op::Arithmetic(_) | Op::Compare(_) | Op::Regime => inputs == 2,
            Op::AsOfDay { .. } | Op::Bridge | Op::Reduction(_) => inputs == 1,
            Op::Elementwise(_) => (1..=3).contains(&inputs),
            Op::CrossSection { mask, group, .. } => inputs == 1 + usize::from(*mask) + usize::from(*group),
            Op::Indicator { function, numbers, output } => {
                let series = function.series().count();
                numbers.len() == function.constants().count()
                    && *output < function.outputs.len()
                    && (function.reads.len()..=function.reads.len() + series).contains(&inputs)
            }
        };
        if !is_sound {
            return Err(format!("node {id} has {inputs} inputs"));
        }
    }
    Ok(())
}

/// Only a bridge reads another context.
fn contexts(plan: &Plan) -> Result<(), String> {
    for (id, node) in plan.nodes.iter().enumerate() {
        let mut inputs = node.inputs.iter().filter_map(|&input| plan.nodes.get(input));
        let is_sound = match node.op {
            Op::Bridge => inputs.all(|input| input.context != node.context),
            _ => inputs.all(|input| input.context == node.context),
        };
        if !is_sound || node.context >= plan.contexts.len() {
            return Err(format!("node {id} mixes contexts"));
        }
    }
    Ok(())
}

/// Position-stage values stay out of history, cross-sections and every root but the exits and additions.
fn scopes(plan: &Plan) -> Result<(), String> {
    for (id, node) in plan.nodes.iter().enumerate() {
        let reads_position =
            node.inputs.iter().filter_map(|&input| plan.nodes.get(input)).any(|n| n.scope == Scope::Position);
        let is_pointwise = matches!(node.op, Op::Arithmetic(_) | Op::Compare(_) | Op::Elementwise(_));
        if reads_position && !(is_pointwise && node.scope == Scope::Position) {
            return Err(format!("node {id} looks back or across at an open position"));
        }
    }
    let staged = plan.rules.as_ref().map_or(Vec::new(), |rules| {
        let partials = rules.partials.iter().map(|partial| Some(partial.when));
        [rules.exit_long, rules.exit_short, rules.scale_in.map(|s| s.when)].into_iter().chain(partials).collect()
    });
    for id in roots(plan) {
        let is_position = plan.nodes.get(id).is_some_and(|n| n.scope == Scope::Position);
        if is_position && !staged.contains(&Some(id)) {
            return Err(format!("root {id} depends on an open position"));
        }
    }
    Ok(())
}

/// Conditions are conditions, and values that split with the price reach a root on the basis of their day.
fn units(plan: &Plan) -> Result<(), String> {
    let rules = plan.rules.clone().unwrap_or_default();
    let conditions = [plan.member, rules.long, rules.short, rules.exit_long, rules.exit_short];
    let selected =
        plan.portfolio.iter().flat_map(|p| p.groups().into_iter().map(|(_, group)| group.select).chain([p.select]));
    let partials = rules.partials.iter().map(|partial| partial.when);
    let staged = rules.scale_in.map(|scale_in| scale_in.when).into_iter().chain(partials);
    for id in conditions.into_iter().flatten().chain(selected).chain(staged) {
        if plan.nodes.get(id).map(|n| n.unit) != Some(Unit::Boolean) {
            return Err(format!("root {id} is not a condition"));
        }
    }
    for (path, group) in plan.portfolio.iter().flat_map(Portfolio::groups) {
        if plan.nodes.get(group.share).map(|n| n.scope) != Some(Scope::Market) {
            return Err(format!("the share of group {path} is not market-wide"));
        }
    }
    for id in roots(plan) {
        if let Some(node) = plan.nodes.get(id)
            && node.unit.degrees() != (0, 0)
            && matches!(node.op, Op::Bar(_) | Op::Indicator { .. })
        {
            return Err(format!("root {id} is not on the basis of its day"));
        }
    }
    Ok(())
}
