//! Whether a strategy could have decided anything on some bars, and what it decides on the last one for a flat book.
//!
//! A test that expects nothing proves nothing on bars that could not have traded: here is the evidence.

use crate::bars::Panel;
use crate::error::Result;
use crate::logic::holds;
use crate::plan::{Columns, Elementwise, NodeId, Op, Plan, Scope, Weight, evaluate};
use crate::simulate::output::Direction;
use serde::Serialize;

/// What one member could have decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub symbol: String,
    pub bars: usize,
    /// Bars on which the membership condition held.
    pub member: usize,
    /// Bars on which every entry condition was known.
    pub known: usize,
    /// Bars on which both were so: the strategy could have entered, and decided not to or did.
    pub decidable: usize,
    /// The parts of the entry conditions that `and` joins.
    pub conditions: Vec<ConditionCount>,
}

/// How often a part of an entry condition was true, false and missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionCount {
    pub text: String,
    pub r#true: usize,
    pub r#false: usize,
    pub missing: usize,
}

/// The signal of one member on the last step.
#[derive(Debug, Clone, PartialEq)]
pub struct LastSignal {
    pub symbol: String,
    pub direction: Direction,
    pub strength: f64,
}

/// Counts, for each member with bars, on how many of them the plan could have entered.
///
/// # Errors
/// As `plan::evaluate`.
pub fn coverage(plan: &Plan, panel: &Panel<'_>) -> Result<Vec<Coverage>> {
    let roots = entry_roots(plan);
    let parts: Vec<NodeId> = roots.iter().flat_map(|&root| conjuncts(plan, root)).collect();
    let wanted: Vec<NodeId> = roots.iter().chain(&parts).chain(&plan.member).copied().collect();
    let columns = evaluate(plan, panel, &wanted)?;
    let members = columns.members().iter();
    Ok(members.map(|&symbol| of_symbol(plan, panel, &columns, symbol, &roots, &parts)).collect())
}

fn of_symbol(
    plan: &Plan,
    panel: &Panel<'_>,
    columns: &Columns<'_>,
    symbol: usize,
    roots: &[NodeId],
    parts: &[NodeId],
) -> Coverage {
    let bars = panel.symbols[symbol].len();
    let value = |node: NodeId, bar: usize| columns.symbol(node, symbol).get(bar).copied().unwrap_or(f64::NAN);
    let is_member = |bar: usize| plan.member.is_none_or(|node| holds(value(node, bar)));
    let is_known = |bar: usize| roots.iter().all(|&root| !value(root, bar).is_nan());
    let count = |test: &dyn Fn(usize) -> bool| (0..bars).filter(|&bar| test(bar)).count();
    let conditions = parts.iter().map(|&node| ConditionCount {
        text: plan.nodes[node].text.clone(),
        r#true: count(&|bar| holds(value(node, bar))),
        r#false: count(&|bar| value(node, bar) == 0.0),
        missing: count(&|bar| value(node, bar).is_nan()),
    });
    Coverage {
        symbol: panel.symbols[symbol].symbol.clone(),
        bars,
        member: count(&is_member),
        known: count(&is_known),
        decidable: count(&|bar| is_member(bar) && is_known(bar)),
        conditions: conditions.collect(),
    }
}

/// The conditions that open positions.
fn entry_roots(plan: &Plan) -> Vec<NodeId> {
    let rules = plan.rules.as_ref().map(|rules| [rules.long, rules.short]);
    let select = plan.portfolio.as_ref().map(|portfolio| portfolio.select);
    let all = rules.into_iter().flatten().flatten().chain(select);
    all.filter(|&node| plan.nodes[node].scope != Scope::Position).collect()
}

/// The parts that `and` joins in a condition, from left to right; the condition itself where there are none.
fn conjuncts(plan: &Plan, node: NodeId) -> Vec<NodeId> {
    match plan.nodes[node].op {
        Op::Elementwise(Elementwise::And) => {
            plan.nodes[node].inputs.iter().flat_map(|&input| conjuncts(plan, input)).collect()
        }
        _ => vec![node],
    }
}

/// The signals of the last step for a flat book: long or short where a member may enter, flat elsewhere. Members
/// without a bar in that step are left out. The strength is the priority, or the target weight; 0 where neither is
/// known.
///
/// # Errors
/// As `plan::evaluate`.
pub fn last_signals(plan: &Plan, panel: &Panel<'_>) -> Result<Vec<LastSignal>> {
    let columns = evaluate(plan, panel, &[])?;
    let Some(last) = panel.timeline.len().checked_sub(1) else { return Ok(Vec::new()) };
    let present = columns.members().iter().filter(|&&symbol| panel.symbols[symbol].bar_at(last).is_some());
    Ok(present
        .map(|&symbol| {
            let value = |node: Option<NodeId>| node.map_or(f64::NAN, |node| columns.value(node, symbol, last));
            let is_member = plan.member.is_none_or(|node| holds(value(Some(node))));
            let is_true = |node: Option<NodeId>| holds(value(node));
            // A portfolio may have rules as well, for its exits. Rules enter as the simulation does: on one side, and
            // not where they would leave at once.
            let (direction, strength) = match (&plan.portfolio, &plan.rules) {
                (Some(portfolio), _) if is_member && is_true(Some(portfolio.select)) => {
                    let weight = match portfolio.weight {
                        Weight::Score(node) | Weight::Expression(node) => value(Some(node)),
                        _ => f64::NAN,
                    };
                    (if weight < 0.0 { Direction::Short } else { Direction::Long }, weight)
                }
                (None, Some(rules)) if is_member => match (is_true(rules.long), is_true(rules.short)) {
                    (true, false) if !is_true(rules.exit_long) => (Direction::Long, value(rules.priority)),
                    (false, true) if !is_true(rules.exit_short) => (Direction::Short, value(rules.priority)),
                    _ => (Direction::Flat, f64::NAN),
                },
                _ => (Direction::Flat, f64::NAN),
            };
            let strength = if strength.is_nan() { 0.0 } else { strength };
            LastSignal { symbol: panel.symbols[symbol].symbol.clone(), direction, strength }
        })
        .collect())
}
