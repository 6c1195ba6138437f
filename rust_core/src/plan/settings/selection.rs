//! Who is chosen: `top 5 by momentum where trend`, `all where trend`, or a condition; of everybody or of a group.

use crate::expr::code::Code;
use crate::expr::dimension::describe;
use crate::expr::select::{self, End, Selection};
use crate::expr::syntax::Expr;
use crate::expr::{Problem, print};
use crate::logic::Elementwise;
use crate::plan::build::function::Across;
use crate::plan::build::{Builder, Place, Value};
use crate::plan::node::{CrossSection, NodeId, Op};
use crate::plan::roots::Roots;
use crate::units::Unit;

/// The chosen members, and the value they are ordered by.
///
/// `among` is the condition of belonging to the group, where it does not take the whole universe.
pub(super) fn select(
    text: &str,
    at: &[&str],
    among: Option<Value>,
    roots: &mut Roots<'_>,
) -> Option<(NodeId, Option<NodeId>)> {
    let (selection, problems) = select::parse(text);
    roots.builder.diagnostics.extend(problems.into_iter().map(|p| p.at(at)));
    let place = Place { path: at, context: 0, allows_position: false };
    let (chosen, expressions) = match selection {
        Selection::Condition(expr) => {
            let chosen = roots.builder.condition(&expr, place).map(|v| (both(Some(v), among, roots.builder), None));
            (chosen, vec![expr])
        }
        Selection::All { condition } => {
            let chosen = match &condition {
                Some(expr) => roots.builder.condition(expr, place).map(Some),
                None => Some(None),
            };
            let chosen = chosen.map(|v| (both(v, among, roots.builder), None));
            (chosen, condition.into_iter().collect())
        }
        Selection::Ordered { end, count, by, condition } => {
            let chosen = ordered(end, &count, &by, (condition.as_ref(), among), text, roots.builder, place);
            (chosen, [Some(count), Some(by), condition].into_iter().flatten().collect())
        }
    };
    roots.keep(at, text, expressions, chosen.map(|(v, _)| v.node));
    chosen.map(|(value, by)| (value.node, by))
}

fn ordered(
    end: End,
    count: &Expr,
    by: &Expr,
    (condition, among): (Option<&Expr>, Option<Value>),
    text: &str,
    builder: &mut Builder,
    place: Place<'_>,
) -> Option<(Value, Option<NodeId>)> {
    let (name, function) = match end {
        End::Top => ("top", CrossSection::Top),
        End::Bottom => ("bottom", CrossSection::Bottom),
    };
    let count = members(count, name, builder, place);
    let value = builder.numeric(by, place);
    let mask = condition.map(|expr| builder.condition(expr, place));
    let value = value?;
    builder.per_member(by, value, name, place)?;
    let mask = match mask {
        Some(mask) => Some(mask?),
        None => None,
    };
    let mask = if mask.is_some() || among.is_some() { Some(both(mask, among, builder)) } else { None };
    let inputs: Vec<Value> = [Some(value), mask].into_iter().flatten().collect();
    let across = Across { function, numbers: vec![count?], mask: mask.is_some(), group: false };
    let value = builder.as_of_day(value, 0);
    let chosen = builder.across(across, &inputs, text.to_string(), place);
    Some((chosen, Some(value.node)))
}

/// Both of two conditions; true where there is neither.
fn both(a: Option<Value>, b: Option<Value>, builder: &mut Builder) -> Value {
    match (a, b) {
        (Some(a), Some(b)) => {
            let text = |id: NodeId| builder.graph.nodes.get(id).map_or(String::new(), |n| n.text.clone());
            let text = format!("({}) and ({})", text(a.node), text(b.node));
            let op = Op::Elementwise(Elementwise::And);
            let node = builder.graph.pointwise(op, vec![a.node, b.node], 0, Unit::Boolean, text);
            Value { node, unit: Unit::Boolean, is_as_of_day: a.is_as_of_day || b.is_as_of_day }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => builder.number(1.0, Unit::Boolean, 0),
    }
}

/// How many members to choose: a whole number known at compile time.
fn members(count: &Expr, name: &str, builder: &mut Builder, place: Place<'_>) -> Option<f64> {
    let value = builder.lower(count, place)?;
    let problem = match builder.constant(value) {
        None => Problem::new(
            Code::NotConstant,
            count.span,
            format!("the number after `{name}` must be known at compile time"),
        )
        .found(format!("`{count}`"))
        .expected("a number or a param"),
        Some(_) if value.unit != Unit::Number => {
            Problem::new(Code::UnitMismatch, count.span, format!("the number after `{name}` counts members"))
                .found(format!("`{count}`, {}", describe(value.unit)))
                .expected("a whole number")
        }
        Some(n) if n.fract() != 0.0 => {
            Problem::new(Code::NotWhole, count.span, format!("the number after `{name}` counts members"))
                .found(format!("`{}`", print::number(n)))
                .expected("a whole number")
        }
        Some(n) if !(1.0..=5_000.0).contains(&n) => {
            Problem::new(Code::OutOfRange, count.span, format!("the number after `{name}` is out of range"))
                .found(format!("`{}`", print::number(n)))
                .expected("1 to 5000")
        }
        Some(n) => return Some(n),
    };
    builder.report(problem, place);
    None
}
