//! With which weight the chosen are held.

use super::report;
use super::sizing::{changes, volatility};
use crate::expr::code::Code;
use crate::expr::syntax::{Expr, Literal, Node, Span};
use crate::expr::{Problem, literal, print};
use crate::plan::compile::{is_call, parsed};
use crate::plan::node::{NodeId, Weight};
use crate::plan::roots::{Roots, at_key};

/// `is_selected`: the selection is sound, so that a missing score is the fault of the weight.
pub(super) fn weight(
    text: &str,
    path: &[&str],
    is_selected: bool,
    score: Option<NodeId>,
    roots: &mut Roots<'_>,
) -> Option<Weight> {
    match text.trim() {
        "equal" => return Some(Weight::Equal),
        "score" => {
            if score.is_none() && is_selected {
                let problem = at_key(Code::MissingSetting, text, "`score` needs a value that members are ordered by")
                    .expected("`select: top N by VALUE`, or an expression as the weight");
                report(problem, path, roots.builder);
            }
            return score.map(Weight::Score);
        }
        _ => {}
    }
    let (expr, _) = crate::expr::parse(text);
    for (name, measured) in [("inverse_volatility", inverse as Measured), ("risk_parity", parity)] {
        if text.trim() == name {
            return measured(None, path, roots);
        }
        if is_call(&expr, name) {
            return measured(Some(&bars(name, text, path, roots)?), path, roots);
        }
    }
    if let Some((span, meant)) = named_elsewhere(&expr) {
        let problem = Problem::new(Code::UnknownFunction, span, "unknown function of a weight")
            .expected("equal, score, inverse_volatility, risk_parity or an expression")
            .suggest(meant);
        report(problem, path, roots.builder);
        return None;
    }
    let node = roots.ratio(text, path)?;
    let Some(constant) = roots.builder.graph.constant_of(node).filter(|weight| *weight > 1.0) else {
        return Some(Weight::Expression(node));
    };
    let is_bare = matches!(literal::of(&expr), Some(Literal::Number(_)));
    let meant = Some(literal::percent_meant(constant)).filter(|meant| is_bare && *meant <= 1.0);
    let problem = at_key(Code::OutOfRange, text, "`weight` is above 100% of equity")
        .found(format!("`{}`, which is {}", text.trim(), print::percent(constant)))
        .expected("the weight of one member, at most 100%")
        .suggest_if(meant.map(print::percent));
    report(problem, path, roots.builder);
    None
}

/// A method that looks back over a number of bars.
type Measured = fn(Option<&str>, &[&str], &mut Roots<'_>) -> Option<Weight>;

fn inverse(lookback: Option<&str>, path: &[&str], roots: &mut Roots<'_>) -> Option<Weight> {
    volatility(lookback, path, roots).map(|(_, id)| Weight::InverseVolatility(id))
}

fn parity(lookback: Option<&str>, path: &[&str], roots: &mut Roots<'_>) -> Option<Weight> {
    changes(lookback, path, roots).map(|(lookback, changes)| Weight::RiskParity { lookback, changes })
}

/// The text of the number in `inverse_volatility(60)`.
fn bars(name: &str, text: &str, path: &[&str], roots: &mut Roots<'_>) -> Option<String> {
    let expr = parsed(text, path, roots.builder);
    let argument = match &expr.node {
        Node::Call(call) if call.arguments.len() == 1 => call.arguments.first().map(|a| a.value.to_string()),
        _ => None,
    };
    if argument.is_none() {
        let problem = at_key(Code::MissingArgument, text, format!("`{name}` takes the number of bars"))
            .expected(format!("{name}(60)"));
        report(problem, path, roots.builder);
    }
    roots.keep(path, text, vec![expr], None);
    argument
}

/// The name in `inverse_vol(40)` or `erc(60)`, which is not ours, and ours.
fn named_elsewhere(expr: &Expr) -> Option<(Span, &'static str)> {
    let (name, span) = match &expr.node {
        Node::Name(name) => (name, expr.span),
        Node::Call(call) => (&call.name, call.name_span),
        _ => return None,
    };
    let meant = match name.as_str() {
        "inverse_vol" | "inv_vol" | "invvol" | "inverse_volatilities" | "inv_volatility" => "inverse_volatility",
        "erc" | "equal_risk" | "equal_risk_contribution" | "riskparity" | "risk_budgeting" => "risk_parity",
        _ => return None,
    };
    Some((span, meant))
}
