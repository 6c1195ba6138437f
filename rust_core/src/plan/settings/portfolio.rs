//! A target portfolio: who is chosen, with which weight, and when it is brought back to target.

use super::sizing::volatility;
use super::{Wanted, bad_choice, conflict, duration, number, report};
use crate::expr::code::Code;
use crate::expr::dimension::describe;
use crate::expr::select::{self, End, Selection};
use crate::expr::syntax::{Expr, Literal, Node, Span};
use crate::expr::{Problem, literal, print};
use crate::plan::build::function::Across;
use crate::plan::build::{Builder, Place, Value};
use crate::plan::compile::{is_call, parsed};
use crate::plan::node::{CrossSection, Hold, NodeId, Portfolio, Rebalance, Weight};
use crate::plan::roots::{Roots, at_key};
use crate::plan::spec::PortfolioSpec;
use crate::units::Unit;

const SELECT: [&str; 2] = ["portfolio", "select"];

/// The target portfolio of a strategy.
pub(in crate::plan) fn portfolio(spec: &PortfolioSpec, roots: &mut Roots<'_>) -> Option<Portfolio> {
    let selected = select(&spec.select, roots);
    let score = selected.and_then(|(_, by)| by);
    let weight = weight(spec.weight.as_deref().unwrap_or("equal"), selected.is_some(), score, roots);
    let rebalance = rebalance(spec, roots.builder);
    let fraction = |text: Option<&str>, default: f64, wanted: Wanted, key: &str, builder: &mut Builder| match text {
        None => Some(default),
        Some(text) => number(text, wanted, &["portfolio", key], builder),
    };
    let corridor = fraction(spec.corridor.as_deref(), 0.0, Wanted::Fraction(0.0, 1.0), "corridor", roots.builder);
    let gross = fraction(spec.gross.as_deref(), 1.0, Wanted::Fraction(0.01, 1.0), "gross", roots.builder);
    let (select, _) = selected?;
    Some(Portfolio { select, weight: weight?, rebalance: rebalance?, corridor_frac: corridor?, gross_frac: gross? })
}

/// The chosen members, and the value they are ordered by.
fn select(text: &str, roots: &mut Roots<'_>) -> Option<(NodeId, Option<NodeId>)> {
    let (selection, problems) = select::parse(text);
    let path: Vec<String> = SELECT.iter().map(ToString::to_string).collect();
    roots.builder.diagnostics.extend(problems.into_iter().map(|p| p.at(&path)));
    let place = Place { path: &path, context: 0, allows_position: false };
    let (chosen, expressions) = match selection {
        Selection::Condition(expr) => {
            let chosen = roots.builder.condition(&expr, place).map(|v| (v, None));
            (chosen, vec![expr])
        }
        Selection::All { condition } => {
            let chosen = match &condition {
                Some(expr) => roots.builder.condition(expr, place),
                None => Some(roots.builder.number(1.0, Unit::Boolean, 0)),
            };
            (chosen.map(|v| (v, None)), condition.into_iter().collect())
        }
        Selection::Ordered { end, count, by, condition } => {
            let chosen = ordered(end, &count, &by, condition.as_ref(), text, roots.builder, place);
            (chosen, [Some(count), Some(by), condition].into_iter().flatten().collect())
        }
    };
    roots.keep(&SELECT, text, expressions, chosen.map(|(v, _)| v.node));
    chosen.map(|(value, by)| (value.node, by))
}

fn ordered(
    end: End,
    count: &Expr,
    by: &Expr,
    condition: Option<&Expr>,
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
    let mut inputs = vec![value];
    let has_mask = mask.is_some();
    if let Some(mask) = mask {
        inputs.push(mask?);
    }
    let across = Across { function, numbers: vec![count?], mask: has_mask, group: false };
    let value = builder.as_of_day(value, 0);
    let chosen = builder.across(across, &inputs, text.to_string(), place);
    Some((chosen, Some(value.node)))
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

fn weight(text: &str, is_selected: bool, score: Option<NodeId>, roots: &mut Roots<'_>) -> Option<Weight> {
    let path = ["portfolio", "weight"];
    match text.trim() {
        "equal" => return Some(Weight::Equal),
        "score" => {
            if score.is_none() && is_selected {
                let problem = at_key(Code::MissingSetting, text, "`score` needs a value that members are ordered by")
                    .expected("`select: top N by VALUE`, or an expression as the weight");
                report(problem, &path, roots.builder);
            }
            return score.map(Weight::Score);
        }
        "inverse_volatility" => return volatility(None, &path, roots).map(|(_, id)| Weight::InverseVolatility(id)),
        _ => {}
    }
    let (expr, _) = crate::expr::parse(text);
    if is_call(&expr, "inverse_volatility") {
        let expr = parsed(text, &path, roots.builder);
        let argument = match &expr.node {
            Node::Call(call) if call.arguments.len() == 1 => call.arguments.first().map(|a| a.value.to_string()),
            _ => None,
        };
        let Some(argument) = argument else {
            let problem = at_key(Code::MissingArgument, text, "`inverse_volatility` takes the number of bars")
                .expected("inverse_volatility(60)");
            report(problem, &path, roots.builder);
            return None;
        };
        roots.keep(&path, text, vec![expr], None);
        return volatility(Some(&argument), &path, roots).map(|(_, id)| Weight::InverseVolatility(id));
    }
    if let Some(span) = short_for_volatility(&expr) {
        let problem = Problem::new(Code::UnknownFunction, span, "unknown function of a weight")
            .expected("equal, score, inverse_volatility or an expression")
            .suggest("inverse_volatility");
        report(problem, &path, roots.builder);
        return None;
    }
    let node = roots.ratio(text, &path)?;
    let Some(constant) = roots.builder.graph.constant_of(node).filter(|weight| *weight > 1.0) else {
        return Some(Weight::Expression(node));
    };
    let is_bare = matches!(literal::of(&expr), Some(Literal::Number(_)));
    let meant = Some(literal::percent_meant(constant)).filter(|meant| is_bare && *meant <= 1.0);
    let problem = at_key(Code::OutOfRange, text, "`weight` is above 100% of equity")
        .found(format!("`{}`, which is {}", text.trim(), print::percent(constant)))
        .expected("the weight of one member, at most 100%")
        .suggest_if(meant.map(print::percent));
    report(problem, &path, roots.builder);
    None
}

/// The name in `inverse_vol(40)` and `inv_vol`, which is not ours.
fn short_for_volatility(expr: &Expr) -> Option<Span> {
    let (name, span) = match &expr.node {
        Node::Name(name) => (name, expr.span),
        Node::Call(call) => (&call.name, call.name_span),
        _ => return None,
    };
    let known = ["inverse_vol", "inv_vol", "invvol", "inverse_volatilities", "inv_volatility"];
    known.contains(&name.as_str()).then_some(span)
}

fn rebalance(spec: &PortfolioSpec, builder: &mut Builder) -> Option<Rebalance> {
    let text = spec.rebalance.as_deref().unwrap_or("monthly");
    let offset = offset(spec.offset, builder)?;
    let rebalance = match text {
        "every session" => Rebalance::EverySession,
        "weekly" => Rebalance::Weekly { offset },
        "monthly" => Rebalance::Monthly { offset },
        "quarterly" => Rebalance::Quarterly { offset },
        "on change" => Rebalance::OnChange,
        _ => return every(text, offset, builder),
    };
    if offset > 0 && matches!(rebalance, Rebalance::EverySession | Rebalance::OnChange) {
        conflict(
            "`offset` has no effect on this schedule",
            "weekly, monthly, quarterly or `20s`",
            &["portfolio", "offset"],
            builder,
        );
    }
    Some(rebalance)
}

fn every(text: &str, offset: u32, builder: &mut Builder) -> Option<Rebalance> {
    let path = ["portfolio", "rebalance"];
    let (expr, problems) = crate::expr::parse(text);
    let is_duration = problems.is_empty()
        && matches!(literal::of(&expr), Some(Literal::Sessions(_) | Literal::Days(_) | Literal::Number(_)));
    if !is_duration {
        let choices = ["every session", "weekly", "monthly", "quarterly", "on change", "20s"];
        bad_choice("schedule", text, &path, &choices, builder);
        return None;
    }
    match duration(text, &path, "a number of sessions such as `20s`", builder)? {
        Hold::Sessions(every) => Some(Rebalance::Sessions { every, offset }),
        Hold::CalendarDays(_) => {
            let problem =
                at_key(Code::BadChoice, text, "rebalancing counts sessions").expected("sessions, such as `20s`");
            report(problem, &path, builder);
            None
        }
    }
}

fn offset(offset: Option<i64>, builder: &mut Builder) -> Option<u32> {
    let Some(offset) = offset else { return Some(0) };
    if let Ok(offset) = u32::try_from(offset)
        && offset <= 250
    {
        return Some(offset);
    }
    let problem = Problem::new(Code::OutOfRange, Span::default(), "`offset` is out of range")
        .found(offset.to_string())
        .expected("0 to 250 sessions");
    report(problem, &["portfolio", "offset"], builder);
    None
}
