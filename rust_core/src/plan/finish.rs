//! The last step: keep what roots and features need, renumber, add up warm-up, check invariants, hash.

use super::build::Builder;
use super::build::graph::later;
use super::node::{Node, NodeId, Plan, Portfolio, Rules, Scope, Sizing, SizingMethod, Weight};
use super::{hash, invariants};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::syntax::Span;
use crate::signature::Settle;
use crate::units::Unit;

/// The finished plan; a broken invariant is a fault of ours, and stops the strategy all the same.
pub(super) fn finish(mut plan: Plan, mut builder: Builder) -> Result<Plan, Box<Problem>> {
    let features = features(&mut builder);
    let roots = roots(&plan);
    let graph = builder.graph;
    let mut needed = vec![false; graph.nodes.len()];
    for &id in roots.iter().chain(features.iter().map(|(_, id)| id)) {
        if let Some(flag) = needed.get_mut(id) {
            *flag = true;
        }
    }
    // Inputs stand before their readers, so one pass from the end marks everything.
    for (id, node) in graph.nodes.iter().enumerate().rev() {
        if needed.get(id) == Some(&true) {
            for &input in &node.inputs {
                if let Some(flag) = needed.get_mut(input) {
                    *flag = true;
                }
            }
        }
    }
    let mut place: Vec<NodeId> = vec![0; graph.nodes.len()];
    let (mut nodes, mut digests) = (Vec::new(), Vec::new());
    plan.settle = Settle::Bars(0);
    for &root in &roots {
        plan.warm_up = plan.warm_up.max(graph.nodes.get(root).map_or(0, |n| n.warm_up));
        plan.settle = later(plan.settle, graph.settles.get(root).copied().unwrap_or(Settle::Bars(0)));
    }
    // A covariance needs as many changes as it looks back.
    for (lookback, changes) in windows(&plan) {
        let first = graph.nodes.get(changes).map_or(0, |n| n.warm_up);
        plan.warm_up = plan.warm_up.max(first + lookback as usize - 1);
        plan.settle = later(plan.settle, Settle::Bars(first + lookback as usize - 1));
    }
    for (id, node) in graph.nodes.into_iter().enumerate() {
        if needed.get(id) != Some(&true) {
            continue;
        }
        if let Some(slot) = place.get_mut(id) {
            *slot = nodes.len();
        }
        let inputs = node.inputs.iter().map(|&input| place.get(input).copied().unwrap_or(0)).collect();
        digests.extend(graph.digests.get(id));
        // A percentage has found its neighbour or is a fraction: from here on it is a ratio.
        let unit = if node.unit == Unit::Percent { Unit::Ratio } else { node.unit };
        nodes.push(Node { inputs, unit, ..node });
    }
    let moved = |id: NodeId| place.get(id).copied().unwrap_or(0);
    move_roots(&mut plan, &moved);
    plan.features = features.into_iter().map(|(name, id)| (name, moved(id))).collect();
    plan.nodes = nodes;
    plan.hash = hash::plan(&plan, &digests);
    match invariants::check(&plan) {
        Ok(()) => Ok(plan),
        Err(broken) => Err(Box::new(
            Problem::new(Code::TooLarge, Span::default(), format!("the plan is not sound: {broken}"))
                .note("This is a fault of the engine, not of the strategy; please report it with the file."),
        )),
    }
}

/// Market-stage features on the basis of their day, by name.
fn features(builder: &mut Builder) -> Vec<(String, NodeId)> {
    let names: Vec<String> = builder.definitions.all.keys().cloned().collect();
    let mut features = Vec::new();
    for name in names {
        let Some(Some(value)) = builder.lowered_in(&name, 0) else { continue };
        if builder.scope(value) != Scope::Position {
            let value = builder.as_of_day(value, 0);
            features.push((name, value.node));
        }
    }
    features
}

/// The windows over which covariances are measured: bars, and the node of one bar's change.
fn windows(plan: &Plan) -> Vec<(u32, NodeId)> {
    let of_weight = |weight: &Weight| match *weight {
        Weight::RiskParity { lookback, changes } => Some((lookback, changes)),
        _ => None,
    };
    let portfolio = plan.portfolio.as_ref();
    let groups = portfolio.into_iter().flat_map(Portfolio::groups).filter_map(|(_, group)| of_weight(&group.weight));
    let sizing = match plan.sizing.method {
        SizingMethod::RiskParity { lookback, changes } => Some((lookback, changes)),
        _ => None,
    };
    portfolio.and_then(|p| of_weight(&p.weight)).into_iter().chain(groups).chain(sizing).collect()
}

/// Every node that decides.
pub fn roots(plan: &Plan) -> Vec<NodeId> {
    let (mut member, mut rules) = (plan.member, plan.rules.clone());
    let (mut portfolio, mut sizing) = (plan.portfolio.clone(), plan.sizing.clone());
    let mut roots = Vec::new();
    each_root((&mut member, &mut rules, &mut portfolio, &mut sizing), &mut |id| roots.push(*id));
    roots
}

fn move_roots(plan: &mut Plan, moved: &impl Fn(NodeId) -> NodeId) {
    let Plan { member, rules, portfolio, sizing, .. } = plan;
    each_root((member, rules, portfolio, sizing), &mut |id| *id = moved(*id));
}

/// What holds the nodes that decide.
type Deciding<'a> = (&'a mut Option<NodeId>, &'a mut Option<Rules>, &'a mut Option<Portfolio>, &'a mut Sizing);

pub(super) fn each_root((member, rules, portfolio, sizing): Deciding<'_>, visit: &mut dyn FnMut(&mut NodeId)) {
    member.iter_mut().for_each(&mut *visit);
    if let Some(rules) = rules {
        let all = [
            &mut rules.long,
            &mut rules.short,
            &mut rules.priority,
            &mut rules.exit_long,
            &mut rules.exit_short,
            &mut rules.stop_loss,
            &mut rules.trailing_stop,
            &mut rules.take_profit,
            &mut rules.stop_price,
            &mut rules.target_price,
        ];
        all.into_iter().flatten().for_each(&mut *visit);
        rules.scale_in.iter_mut().for_each(|scale_in| visit(&mut scale_in.when));
        rules.partials.iter_mut().for_each(|partial| visit(&mut partial.when));
    }
    if let Some(portfolio) = portfolio {
        visit(&mut portfolio.select);
        each_weight(&mut portfolio.weight, visit);
    }
    match &mut sizing.method {
        SizingMethod::VolatilityTarget { volatility, .. } | SizingMethod::InverseVolatility { volatility, .. } => {
            visit(volatility);
        }
        SizingMethod::RiskParity { changes, .. } => visit(changes),
        _ => {}
    }
}

fn each_weight(weight: &mut Weight, visit: &mut dyn FnMut(&mut NodeId)) {
    match weight {
        Weight::Equal => {}
        Weight::InverseVolatility(id) | Weight::Score(id) | Weight::Expression(id) => visit(id),
        Weight::RiskParity { changes, .. } => visit(changes),
        Weight::Groups(groups) => {
            for group in groups {
                visit(&mut group.share);
                visit(&mut group.select);
                each_weight(&mut group.weight, visit);
            }
        }
    }
}
