//! Groups of a target portfolio: parts with a share, members, a selection and weights of their own, nested.

use super::portfolio::corridor;
use super::selection::select;
use super::weight::weight;
use super::{bad_choice, conflict, report};
use crate::expr::code::Code;
use crate::expr::syntax::{Literal, Span};
use crate::expr::{Problem, literal, print};
use crate::plan::build::{Builder, Value};
use crate::plan::interval::ranges;
use crate::plan::node::{Group, NodeId, Op, Scope, Weight};
use crate::plan::roots::{Roots, at_key};
use crate::plan::spec::{CorridorSpec, GroupSpec};
use crate::units::Unit;
use std::collections::BTreeMap;

/// Groups inside of each other. Deeper than four levels nobody reads.
pub const GROUPS_DEPTH_MAX: usize = 8;

/// What stands around some groups.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// Keys of the section that has the groups.
    pub path: &'a [&'a str],
    /// Symbols that may be members.
    pub members: &'a [String],
    /// The condition of being one of them; `None` for the whole universe.
    pub among: Option<Value>,
    pub depth: usize,
}

/// The groups of a section: who is chosen by any of them, and all of them as weights.
pub(super) fn groups(
    specs: &BTreeMap<String, GroupSpec>,
    around: Around<'_>,
    roots: &mut Roots<'_>,
) -> Option<(NodeId, Weight)> {
    if around.depth > GROUPS_DEPTH_MAX {
        let problem = Problem::new(Code::TooDeep, Span::default(), "the groups are nested too deeply")
            .found(format!("more than {GROUPS_DEPTH_MAX} levels"))
            .expected(format!("at most {GROUPS_DEPTH_MAX} levels"));
        report(problem, &[around.path, &["groups"]].concat(), roots.builder);
        return None;
    }
    // Each is looked at, so that all problems are found.
    let found: Vec<Option<Group>> = specs.iter().map(|(name, spec)| group(name, spec, around, roots)).collect();
    let groups: Vec<Group> = found.into_iter().collect::<Option<_>>()?;
    check_sum(&groups, around.path, roots.builder)?;
    let select = groups.iter().fold(None, |any, group| roots.either(any, Some(group.select)))?;
    Some((select, Weight::Groups(groups)))
}

fn group(name: &str, spec: &GroupSpec, around: Around<'_>, roots: &mut Roots<'_>) -> Option<Group> {
    let at = [around.path, &["groups", name]].concat();
    let key = |key| [at.as_slice(), &[key]].concat();
    let share = share(&spec.share, &key("share"), roots);
    let own = corridor(spec.corridor.as_ref(), &at, roots.builder);
    let members = match &spec.members {
        None => Some((around.members.to_vec(), around.among)),
        Some(members) => among(members, around.members, &key("members"), roots.builder),
    };
    let (members, among) = members?;
    let (select, weight) = if spec.groups.is_empty() {
        let selected = select(spec.select.as_deref().unwrap_or("all"), &key("select"), among, roots);
        let score = selected.and_then(|(_, by)| by);
        let text = spec.weight.as_deref().unwrap_or("equal");
        let weight = weight(text, &key("weight"), selected.is_some(), score, roots);
        (selected?.0, weight?)
    } else {
        exclude(spec.select.as_deref(), spec.weight.as_deref(), &at, roots.builder);
        let around = Around { path: &at, members: &members, among, depth: around.depth + 1 };
        groups(&spec.groups, around, roots)?
    };
    Some(Group { name: name.to_string(), share: share?, select, weight, corridor: own? })
}

/// Reports what has no effect beside `groups`.
pub(super) fn exclude(select: Option<&str>, weight: Option<&str>, at: &[&str], builder: &mut Builder) {
    for (key, text) in [("select", select), ("weight", weight)] {
        if text.is_some() {
            let message = format!("`{key}` has no effect beside `groups`");
            conflict(&message, &format!("`{key}` inside of each group"), &[at, &[key]].concat(), builder);
        }
    }
}

/// The condition of being one of the members, and the members in name order.
fn among(
    members: &[String],
    allowed: &[String],
    path: &[&str],
    builder: &mut Builder,
) -> Option<(Vec<String>, Option<Value>)> {
    let mut is_sound = true;
    for (index, symbol) in members.iter().enumerate() {
        let (index_text, known) = (index.to_string(), allowed.contains(symbol));
        let at = [path, &[index_text.as_str()]].concat();
        if !known {
            let choices: Vec<&str> = allowed.iter().map(String::as_str).collect();
            bad_choice("symbol of the universe, or of the group around", symbol, &at, &choices, builder);
        } else if members.iter().take(index).any(|s| s == symbol) {
            conflict(&format!("the member `{symbol}` stands twice"), "each member once", &at, builder);
        }
        is_sound &= known;
    }
    if members.is_empty() {
        let problem = Problem::new(Code::OutOfRange, Span::default(), "the group has no members")
            .found("an empty list")
            .expected("at least one symbol, or the line left out");
        report(problem, path, builder);
        return None;
    }
    let mut sorted = members.to_vec();
    sorted.sort();
    sorted.dedup();
    let text = format!("among({})", sorted.join(", "));
    let node = builder.graph.push(Op::Among(sorted.clone()), vec![], 0, Scope::Symbol, Unit::Boolean, text);
    is_sound.then_some((sorted, Some(Value { node, unit: Unit::Boolean, is_as_of_day: false })))
}

/// The share of a group: one ratio for the market, 0% to 100% where that is known.
fn share(text: &str, path: &[&str], roots: &mut Roots<'_>) -> Option<NodeId> {
    let node = roots.ratio(text, path)?;
    let (expr, _) = crate::expr::parse(text);
    let expected = "0% to 100%, or an expression with one value for the market";
    if roots.builder.graph.scope_of(node) != Scope::Market {
        let problem = at_key(Code::PerMember, text, "the share of a group is one number for all of its members")
            .expected(expected)
            .note("A value per member belongs under `weight`.");
        report(problem, path, roots.builder);
        return None;
    }
    let constant = roots.builder.graph.constant_of(node);
    let problem = match (constant, literal::of(&expr)) {
        (Some(share), Some(Literal::Number(_))) if share != 0.0 => {
            let meant = Some(literal::percent_meant(share)).filter(|meant| (0.0..=1.0).contains(meant));
            at_key(Code::UnitMissing, text, "a percentage is needed").suggest_if(meant.map(print::percent))
        }
        (Some(share), _) if !(0.0..=1.0).contains(&share) => {
            at_key(Code::OutOfRange, text, format!("`{}` is out of range", text.trim()))
        }
        _ => return Some(node),
    };
    report(problem.expected(expected), path, roots.builder);
    None
}

/// Refuses shares that together always exceed the whole. What they come to on a day is known on that day only.
fn check_sum(groups: &[Group], path: &[&str], builder: &mut Builder) -> Option<()> {
    let ranges = ranges(&builder.graph.nodes);
    let least = |group: &Group| ranges.get(group.share).map_or(0.0, |range| range.low.max(0.0));
    let mut sum = 0.0;
    for group in groups {
        sum += least(group);
        if sum > 1.0 + 1e-9 {
            let shares: Vec<String> =
                groups.iter().map(|g| format!("{} {}", g.name, print::percent(rounded(least(g))))).collect();
            let problem = Problem::new(Code::OutOfRange, Span::default(), "the shares add up to more than 100%")
                .found(format!("at least {}", shares.join(", ")))
                .expected("shares of one level that add up to 100% at most");
            report(problem, &[path, &["groups", group.name.as_str(), "share"]].concat(), builder);
            return None;
        }
    }
    Some(())
}

fn rounded(fraction: f64) -> f64 {
    (fraction * 1e6).round() / 1e6
}

/// Whether each holding has a corridor, its own or one from around.
pub(super) fn have_corridors(around: Option<&CorridorSpec>, groups: &BTreeMap<String, GroupSpec>) -> bool {
    around.is_some()
        || (!groups.is_empty() && groups.values().all(|group| have_corridors(group.corridor.as_ref(), &group.groups)))
}

pub(super) fn any_corridor(groups: &BTreeMap<String, GroupSpec>) -> bool {
    groups.values().any(|group| group.corridor.is_some() || any_corridor(&group.groups))
}
