//! Warnings about strategies that compile and still cannot be meant: `W5xx`.

use super::build::Builder;
use super::build::definitions::Definition;
use super::compile::mentions;
use super::node::{Hold, NodeId, Op, Plan};
use super::reason::Logic;
use super::roots::Root;
use super::spec::{CorridorSpec, GroupSpec, Spec};
use crate::expr::code::Code;
use crate::expr::print::{number, percent};
use crate::expr::syntax::Span;
use crate::expr::{Diagnostic, Problem};
use crate::logic::Arithmetic;
use crate::signature::Settle;
use crate::units::Unit;
use std::collections::BTreeSet;

/// Everything that can be seen without data and limits.
pub(super) fn run(
    spec: &Spec,
    builder: &mut Builder,
    roots: &[Root],
    max_hold: Option<Hold>,
    min_hold_days: Option<u32>,
) {
    let mut found = Vec::new();
    conditions(spec, builder, roots, &mut found);
    unused(spec, builder, roots, &mut found);
    far_stops(builder, roots, &mut found);
    let longest = match max_hold {
        Some(Hold::CalendarDays(days)) => Some((days, format!("{days}d"))),
        Some(Hold::Sessions(sessions)) => Some((sessions, format!("{sessions}s"))),
        None => None,
    };
    if let (Some((longest, text)), Some(shortest)) = (longest, min_hold_days)
        && longest < shortest
    {
        let span = Span::new(0, text.chars().count());
        let problem = Problem::new(Code::HoldContradiction, span, "`max_hold` ends before `min_hold_days` allows it")
            .found(format!("max_hold {text}, min_hold_days {shortest}"))
            .expected(format!("at least {shortest} sessions"));
        found.push(problem.at(&["exit", "max_hold"]));
    }
    builder.diagnostics.extend(found);
}

fn is_condition(root: &Root) -> bool {
    matches!(
        root.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["where"]
            | ["entry", "long" | "short"]
            | ["entry", "scale_in", "when"]
            | ["exit", "when" | "long" | "short"]
            | ["exit", "partial", _, "when"]
            | ["portfolio", .., "select"]
    )
}

/// Conditions that cannot hold, and entries that are exits.
fn conditions(spec: &Spec, builder: &Builder, roots: &[Root], found: &mut Vec<Diagnostic>) {
    let nodes = &builder.graph.nodes;
    let mut logic = Logic::new(nodes);
    let text = |id: usize| nodes.get(id).map_or(String::new(), |n| n.text.clone());
    let never_true = |length: usize, part: NodeId, node: NodeId| {
        Problem::new(Code::NeverTrue, Span::new(0, length), "the condition can never be true")
            .found(format!("`{}` cannot hold{}", text(part), if part == node { "" } else { " beside the rest" }))
            .expected("a condition that some prices fulfil")
    };
    // What is reported where it is defined is not reported again where it is used.
    let mut reported = BTreeSet::new();
    for name in &builder.definitions.order {
        let Some(Some(value)) = builder.lowered_in(name, 0) else { continue };
        let Some(written) = spec.features.get(name) else { continue };
        // A constant is a switch that a param turns off.
        if value.unit != Unit::Boolean || builder.constant(value).is_some() {
            continue;
        }
        if let Err(part) = logic.assume(value.node)
            && reported.insert(part)
        {
            reported.insert(value.node);
            found.push(never_true(written.chars().count(), part, value.node).at(&["features", name]));
        }
    }
    for root in roots.iter().filter(|root| is_condition(root)) {
        let Some(node) = root.node else { continue };
        if let Err(part) = logic.assume(node)
            && !reported.contains(&part)
        {
            found.push(never_true(root.length, part, node).at(&root.path));
        }
    }
    let node_at =
        |section: &str, key: &str| roots.iter().find(|r| r.path == [section, key]).and_then(|r| Some((r, r.node?)));
    for side in ["long", "short"] {
        let Some((_, entry)) = node_at("entry", side) else { continue };
        let Ok(facts) = logic.assume(entry) else { continue };
        for key in ["when", side] {
            let Some((exit, node)) = node_at("exit", key) else { continue };
            if logic.assume(node).is_ok() && logic.follows(&facts, node) {
                let message = format!("whenever `entry.{side}` holds, this exit holds on the same bar");
                let problem = Problem::new(Code::EntryIsExit, Span::new(0, exit.length), message)
                    .found(format!("`{}`", text(node)))
                    .expected("an exit that the entry does not fulfil already");
                found.push(problem.at(&exit.path));
            }
        }
    }
}

/// Distances of half of the price or more: probably the level at which the stop should lie.
fn far_stops(builder: &Builder, roots: &[Root], found: &mut Vec<Diagnostic>) {
    let rounded = |fraction: f64| percent((fraction * 1e6).round() / 1e6);
    for root in roots {
        let [section, key] = root.path.as_slice() else { continue };
        if section != "exit" || !matches!(key.as_str(), "stop_loss" | "trailing_stop") {
            continue;
        }
        let (Some(share), Some(expr)) =
            (root.node.and_then(|id| share_of_price(builder, id)), root.expressions.first())
        else {
            continue;
        };
        if share < 0.5 {
            continue;
        }
        let left = rounded((1.0 - share).max(0.0));
        let is_ratio = root.node.is_some_and(|id| builder.graph.constant_of(id).is_some());
        let message = format!("`{key}` is a distance, and this one is {} of the price", rounded(share));
        let mut problem = Problem::new(Code::FarStop, Span::new(0, root.length), message)
            .found(format!("`{expr}`: the stop lies at about {left} of the price"))
            .expected("a distance such as 5% or 2 * atr(14)");
        if is_ratio {
            problem = problem.suggest(left);
        } else if key == "stop_loss" {
            problem = problem.note(format!("A stop at a level is written `stop_price: {expr}`."));
        }
        found.push(problem.at(&root.path));
    }
}

/// How much of the price a distance is, where that is known without data: every level counts as the price.
fn share_of_price(builder: &Builder, id: NodeId) -> Option<f64> {
    let graph = &builder.graph;
    if let Some(constant) = graph.constant_of(id) {
        return Some(constant);
    }
    let node = graph.nodes.get(id)?;
    if node.unit == Unit::LEVEL {
        return Some(1.0);
    }
    let is_price = |id: NodeId| graph.nodes.get(id).is_some_and(|n| n.unit.degrees() == (1, 0));
    match (&node.op, node.inputs.as_slice()) {
        (Op::AsOfDay { .. }, [inner]) => share_of_price(builder, *inner),
        (Op::Arithmetic(Arithmetic::Multiply), [a, b]) if is_price(*a) || is_price(*b) => {
            Some(share_of_price(builder, *a)? * share_of_price(builder, *b)?)
        }
        (Op::Arithmetic(Arithmetic::Divide), [a, b]) if is_price(*a) => {
            Some(share_of_price(builder, *a)? / graph.constant_of(*b)?)
        }
        (Op::Arithmetic(Arithmetic::Add), [a, b]) if is_price(*a) && is_price(*b) => {
            Some(share_of_price(builder, *a)? + share_of_price(builder, *b)?)
        }
        (Op::Arithmetic(Arithmetic::Subtract), [a, b]) if is_price(*a) && is_price(*b) => {
            Some(share_of_price(builder, *a)? - share_of_price(builder, *b)?)
        }
        _ => None,
    }
}

/// Features, params and regimes that no rule depends on.
fn unused(spec: &Spec, builder: &Builder, roots: &[Root], found: &mut Vec<Diagnostic>) {
    let definitions = &builder.definitions;
    let direct: Vec<&str> = roots.iter().flat_map(mentions).collect();
    let reached = definitions.closure(direct.iter().copied());
    let mut report = |section: &str, name: &str, what: &str| {
        let problem = Problem::new(Code::Unused, Span::default(), format!("the {what} `{name}` is never used"))
            .found(format!("`{name}`"))
            .expected("a rule that depends on it");
        found.push(problem.at(&[section, name]));
    };
    for (name, definition) in &definitions.all {
        if !reached.contains(name.as_str()) {
            let (section, what) = match definition {
                Definition::Feature(_) => ("features", "feature"),
                Definition::Regime { .. } => ("regimes", "regime"),
            };
            report(section, name, what);
        }
    }
    // A param that an unused feature needs is used: one warning is enough.
    let mut used: BTreeSet<&str> = direct.into_iter().collect();
    for (name, definition) in &definitions.all {
        for (_, expr) in definition.expressions(name) {
            used.extend(super::build::definitions::names(expr).into_iter().map(|(name, _)| name));
        }
    }
    let settings = setting_texts(spec);
    for name in builder.params.keys() {
        if !used.contains(name.as_str()) && !settings.contains(&name.as_str()) {
            report("params", name, "param");
        }
    }
}

/// Texts of settings, which may name a param.
fn setting_texts(spec: &Spec) -> Vec<&str> {
    let mut texts: Vec<&Option<String>> = Vec::new();
    if let Some(s) = &spec.sizing {
        texts.extend([
            &s.fraction,
            &s.shares,
            &s.target,
            &s.lookback,
            &s.min_trades,
            &s.floor,
            &s.max_position,
            &s.max_positions,
            &s.round_lot,
        ]);
    }
    if let Some(e) = &spec.execution {
        texts.extend([&e.limit_offset, &e.stop_offset]);
    }
    let mut texts: Vec<&str> = texts.into_iter().flatten().map(String::as_str).collect();
    if let Some(prior) = spec.sizing.as_ref().and_then(|s| s.prior.as_ref()) {
        texts.extend([prior.trades.as_str(), &prior.win_rate, &prior.payoff]);
    }
    if let Some(scale_in) = spec.entry.as_ref().and_then(|e| e.scale_in.as_ref()) {
        texts.extend([&scale_in.times, &scale_in.size].into_iter().flatten().map(String::as_str));
    }
    texts.extend(spec.exit.iter().flat_map(|exit| &exit.partial).map(|partial| partial.close.as_str()));
    if let Some(portfolio) = &spec.portfolio {
        texts.extend(portfolio.gross.as_deref());
        texts.extend(portfolio.corridor.iter().flat_map(bounds));
        texts.extend(portfolio.weight.iter().flat_map(|weight| words(weight)));
        texts.extend(portfolio.groups.values().flat_map(texts_of_group));
    }
    texts.into_iter().map(str::trim).collect()
}

fn texts_of_group(group: &GroupSpec) -> Vec<&str> {
    let own = group.corridor.iter().flat_map(bounds).chain(group.weight.iter().flat_map(|weight| words(weight)));
    own.chain(group.groups.values().flat_map(texts_of_group)).collect()
}

fn bounds(corridor: &CorridorSpec) -> impl Iterator<Item = &str> {
    [&corridor.absolute, &corridor.relative].into_iter().flatten().map(String::as_str)
}

/// The names in a weight: `inverse_volatility(lookback)` has its param inside of the call.
fn words(weight: &str) -> impl Iterator<Item = &str> {
    weight.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|text| !text.is_empty())
}

/// A cap of the strategy that the account's cap makes pointless.
pub fn lint_limits(plan: &Plan, max_position_frac: f64) -> Vec<Diagnostic> {
    let Some(own) = plan.sizing.max_position_frac.filter(|own| *own > max_position_frac) else { return Vec::new() };
    let percent = |x: f64| format!("{}%", number((x * 1e6).round() / 1e4));
    let text = percent(own);
    let span = Span::new(0, text.chars().count());
    let problem = Problem::new(Code::CapNeverBinds, span, "`max_position` can never bind")
        .found(format!("{text} under the account's limit of {}", percent(max_position_frac)))
        .expected(format!("at most {}", percent(max_position_frac)));
    vec![problem.at(&["sizing", "max_position"])]
}

/// Rules that have no value on any of `bars`, or that have not settled by the end.
pub fn lint_history(plan: &Plan, bars: usize) -> Vec<Diagnostic> {
    if plan.warm_up < bars {
        return Vec::new();
    }
    let slowest = super::roots(plan).into_iter().filter_map(|id| plan.nodes.get(id)).max_by_key(|node| node.warm_up);
    let mut problem = Problem::new(Code::WarmUpTooLong, Span::default(), "the warm-up is longer than the data")
        .found(format!("{bars} bars"))
        .expected(format!("more than {} bars", plan.warm_up));
    if let Some(node) = slowest {
        problem = problem.note(format!("`{}` has its first value on bar {}.", node.text, node.warm_up + 1));
    }
    if let Settle::Bars(settle) = plan.settle
        && settle > plan.warm_up
    {
        problem = problem.note(format!("Its start has faded after {settle} bars."));
    }
    vec![problem.at(&["timeframe"])]
}
