//! A plan as a person reads it: text, JSON, and a Mermaid graph.

use super::node::{
    Context, Execution, Group, Hold, Node, NodeId, Op, PartialExit, Plan, Portfolio, ScaleIn, Scope, Sizing, Timeframe,
    Weight,
};
use crate::expr::dimension::short;
use crate::expr::print;
use crate::signature::Settle;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A node in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeView {
    pub id: NodeId,
    pub op: String,
    pub inputs: Vec<NodeId>,
    pub unit: String,
    pub scope: &'static str,
    pub context: String,
    pub warm_up: usize,
    pub text: String,
    /// What decides on it, such as `entry.long`.
    pub roots: Vec<String>,
}

/// A plan in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanView {
    pub name: String,
    pub plan_hash: String,
    pub timeframe: String,
    pub symbols: Vec<String>,
    pub warm_up: usize,
    /// Bars until the start has faded; null when it never does.
    pub settle: Option<usize>,
    pub min_hold_days: u32,
    pub max_hold: Option<Hold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_in: Option<ScaleIn>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partial_exits: Vec<PartialExit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<Hold>,
    pub close_on_leave: bool,
    pub sizing: Sizing,
    pub execution: Execution,
    pub portfolio: Option<Portfolio>,
    /// The node of each feature.
    pub features: BTreeMap<String, NodeId>,
    pub nodes: Vec<NodeView>,
}

/// The plan in words.
pub fn view(plan: &Plan) -> PlanView {
    let named = named_roots(plan);
    PlanView {
        name: plan.name.clone(),
        plan_hash: plan.hash.clone(),
        timeframe: plan.timeframe.clone(),
        symbols: plan.symbols.clone(),
        warm_up: plan.warm_up,
        settle: match plan.settle {
            Settle::Bars(bars) => Some(bars),
            Settle::Never => None,
        },
        min_hold_days: plan.min_hold_days,
        max_hold: plan.rules.as_ref().and_then(|rules| rules.max_hold),
        scale_in: plan.rules.as_ref().and_then(|rules| rules.scale_in),
        partial_exits: plan.rules.as_ref().map_or(Vec::new(), |rules| rules.partials.clone()),
        cooldown: plan.rules.as_ref().and_then(|rules| rules.cooldown),
        close_on_leave: plan.close_on_leave,
        sizing: plan.sizing.clone(),
        execution: plan.execution.clone(),
        portfolio: plan.portfolio.clone(),
        features: plan.features.iter().cloned().collect(),
        nodes: plan.nodes.iter().enumerate().map(|(id, node)| node_view(plan, id, node, &named)).collect(),
    }
}

fn node_view(plan: &Plan, id: NodeId, node: &Node, named: &[(String, NodeId)]) -> NodeView {
    NodeView {
        id,
        op: op(plan, &node.op),
        inputs: node.inputs.clone(),
        unit: short(node.unit),
        scope: match node.scope {
            Scope::Symbol => "symbol",
            Scope::Market => "market",
            Scope::Position => "position",
        },
        context: plan.contexts.get(node.context).map_or(String::new(), context),
        warm_up: node.warm_up,
        text: node.text.clone(),
        roots: named.iter().filter(|(_, root)| *root == id).map(|(name, _)| name.clone()).collect(),
    }
}

fn context(context: &Context) -> String {
    let timeframe = context.timeframe.map(|t| match t {
        Timeframe::Day => "1Day",
        Timeframe::Week => "1Week",
        Timeframe::Month => "1Month",
        Timeframe::Quarter => "1Quarter",
    });
    [context.symbol.as_deref(), timeframe].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn op(plan: &Plan, op: &Op) -> String {
    let numbers = |numbers: &[f64]| match numbers {
        [] => String::new(),
        numbers => format!("({})", numbers.iter().map(|n| print::number(*n)).collect::<Vec<_>>().join(", ")),
    };
    let word = |value: &dyn std::fmt::Debug| snake(&format!("{value:?}"));
    match op {
        Op::Constant(value) => print::number(*value),
        Op::Bar(field) => word(field),
        Op::Sector => format!("sector of {}", plan.groups.len()),
        Op::Among(symbols) => format!("among {}", symbols.join(" ")),
        Op::Indicator { function, numbers: given, output } => {
            let member = function.outputs.get(*output).map_or("", |o| o.name);
            let dot = if member.is_empty() { "" } else { "." };
            format!("{}{}{dot}{member}", function.name, numbers(given))
        }
        Op::Arithmetic(operation) => print::arithmetic(*operation).to_string(),
        Op::Compare(comparison) => print::comparison(*comparison).to_string(),
        Op::Elementwise(function) => word(function),
        Op::AsOfDay { .. } => "as_of_day".into(),
        Op::CrossSection { function, numbers: given, mask, group } => {
            let parts = [*mask, *group];
            let extra: Vec<&str> = parts.iter().zip(["mask", "by"]).filter(|(on, _)| **on).map(|(_, n)| n).collect();
            format!("{}{}{}", word(function), numbers(given), extra.iter().map(|e| format!(" {e}")).collect::<String>())
        }
        Op::Reduction(function) => word(function),
        Op::Calendar(function) => word(function),
        Op::Regime => "regime".into(),
        Op::Bridge => "bridge".into(),
        Op::Position(field) => format!("position.{}", word(field)),
    }
}

/// `EntryPrice` as `entry_price`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && index > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Roots by the key they stand under.
fn named_roots(plan: &Plan) -> Vec<(String, NodeId)> {
    let mut named = Vec::new();
    let mut name = |key: &str, id: Option<NodeId>| named.extend(id.map(|id| (key.to_string(), id)));
    name("where", plan.member);
    if let Some(rules) = &plan.rules {
        name("entry.long", rules.long);
        name("entry.short", rules.short);
        name("entry.priority", rules.priority);
        name("exit.long", rules.exit_long);
        name("exit.short", rules.exit_short);
        name("exit.stop_loss", rules.stop_loss);
        name("exit.trailing_stop", rules.trailing_stop);
        name("exit.take_profit", rules.take_profit);
        name("exit.stop_price", rules.stop_price);
        name("exit.target_price", rules.target_price);
        name("entry.scale_in.when", rules.scale_in.map(|scale_in| scale_in.when));
        for (index, partial) in rules.partials.iter().enumerate() {
            name(&format!("exit.partial.{index}.when"), Some(partial.when));
        }
    }
    if let Some(portfolio) = &plan.portfolio {
        name("portfolio.select", Some(portfolio.select));
        for (path, group) in portfolio.groups() {
            name(&format!("portfolio.groups.{path}.share"), Some(group.share));
            name(&format!("portfolio.groups.{path}.select"), Some(group.select));
        }
    }
    for (feature, id) in &plan.features {
        named.push((feature.clone(), *id));
    }
    named
}

/// One line per node: id, operation and inputs, unit, scope, context, warm-up, names.
pub fn text(plan: &Plan) -> String {
    let view = view(plan);
    let settle = view.settle.map_or("never settles".to_string(), |bars| format!("settled after {bars}"));
    let mut out = format!(
        "{}  plan {}\n{} of {} symbols; warm-up {} bars, {settle}; min hold {} sessions\n",
        view.name,
        view.plan_hash.get(..12).unwrap_or(&view.plan_hash),
        view.timeframe,
        view.symbols.len(),
        view.warm_up,
        view.min_hold_days
    );
    out.push_str(&format!("sizing: {}\nexecution: {}\n", settings(&view.sizing), settings(&view.execution)));
    if let Some(portfolio) = &view.portfolio {
        out.push_str(&format!("portfolio: {}\n", settings(portfolio)));
        for (path, group) in portfolio.groups() {
            out.push_str(&format!("group {path}: {}\n", group_line(plan, group)));
        }
    }
    for (name, line) in rule_lines(&view) {
        out.push_str(&format!("{name}: {line}\n"));
    }
    let row = |id: &str, call: &str, unit: &str, scope: &str, warm_up: &str, rest: &str| {
        format!("{id:<4} {call:<34} {unit:<14} {scope:<8} {warm_up:>7}{rest}").trim_end().to_owned() + "\n"
    };
    out.push('\n');
    out.push_str(&row("node", "operation and inputs", "unit", "scope", "warm-up", "  <- decides"));
    for node in &view.nodes {
        let inputs = node.inputs.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(" ");
        let context = if node.context.is_empty() { String::new() } else { format!(" [{}]", node.context) };
        let names = if node.roots.is_empty() { String::new() } else { format!("  <- {}", node.roots.join(", ")) };
        let (id, call) = (format!("#{}", node.id), format!("{} {inputs}", node.op));
        out.push_str(&row(&id, &call, &node.unit, node.scope, &node.warm_up.to_string(), &(context + &names)));
    }
    out
}

/// A group's share, selection, weight and corridor.
fn group_line(plan: &Plan, group: &Group) -> String {
    let text = |id: NodeId| plan.nodes.get(id).map_or("", |node| node.text.as_str());
    let mut line = format!("share #{} {}, select #{}", group.share, text(group.share), group.select);
    if !matches!(group.weight, Weight::Groups(_)) {
        line.push_str(&format!(", weight {}", word(&serde_json::to_value(&group.weight).unwrap_or_default())));
    }
    if let Some(corridor) = &group.corridor {
        line.push_str(&format!(", corridor {}", word(&serde_json::to_value(corridor).unwrap_or_default())));
    }
    line
}

/// What rules do beyond opening and closing a position once.
fn rule_lines(view: &PlanView) -> Vec<(&'static str, String)> {
    let scale_in = view.scale_in.iter().map(|scale_in| ("scale in", settings(scale_in)));
    let partials = view.partial_exits.iter().map(|partial| ("partial exit", settings(partial)));
    let cooldown = view.cooldown.iter().map(|hold| ("cooldown", settings(hold)));
    scale_in.chain(partials).chain(cooldown).collect()
}

/// Settings on one line: what they are called in JSON, without those that are not set.
fn settings(value: &impl Serialize) -> String {
    let Ok(Value::Object(fields)) = serde_json::to_value(value) else { return String::new() };
    let mut set: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
    // Stable: the method, then the rest by name.
    set.sort_by_key(|(name, _)| name.as_str() != "method");
    set.into_iter().map(|(name, value)| format!("{name} {}", word(value))).collect::<Vec<_>>().join(", ")
}

/// `monthly (offset 2)`, `inverse_volatility (node 7)`, `(absolute_frac 0.05) (relative_frac 0.25)`.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(inner) => {
            let named = inner.values().filter_map(Value::as_str).map(str::to_string);
            let numbers = inner.iter().filter(|(_, v)| v.is_number()).map(|(name, v)| format!("({name} {v})"));
            let nested = inner.values().filter(|v| v.is_object()).map(word);
            named.chain(numbers).chain(nested).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// The plan in words as JSON.
pub fn json(plan: &Plan) -> serde_json::Value {
    serde_json::to_value(view(plan)).unwrap_or_default()
}

/// The graph in Mermaid's language, inputs above their readers.
pub fn mermaid(plan: &Plan) -> String {
    let mut out = String::from("graph TD\n");
    for node in view(plan).nodes {
        let names =
            if node.roots.is_empty() { String::new() } else { format!("<br/><b>{}</b>", node.roots.join(", ")) };
        let label = format!("{}{names}<br/>{}, warm-up {}", escape(&node.op), node.unit, node.warm_up);
        out.push_str(&format!("  n{}[\"{label}\"]\n", node.id));
        for input in node.inputs {
            out.push_str(&format!("  n{input} --> n{}\n", node.id));
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
