//! From spec to plan, in this order: params and definitions are read and ordered, each definition becomes a node,
//! then each root; settings are read; lint looks at the result; what no root needs is dropped; the rest is hashed.
//!
//! Every step reports all it finds and the next one goes on with what is sound.

use super::build::definitions::{Definition, Definitions, names};
use super::build::graph::Graph;
use super::build::{Builder, Parameter, Place, Value, span_of};
use super::names::is_reserved;
use super::node::{Execution, Hold, NodeId, Op, Plan, Portfolio, Rules, Sizing};
use super::roots::{Root, Roots};
use super::spec::Spec;
use super::{finish, lint, settings};
use crate::expr::code::Code;
use crate::expr::syntax::{Expr, Node, Span};
use crate::expr::{self, Diagnostic, Problem, Severity, literal};
use crate::units::Unit;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The plan of a strategy, with warnings; or everything that is wrong with it, warnings included.
pub fn compile(spec: &Spec) -> Result<(Plan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut builder = begin(spec);
    define_all(&mut builder);
    let mut roots = Roots::new(&mut builder);
    let (decisions, max_hold, min_hold_days) = decide(spec, &mut roots);
    settings::coherence(spec, roots.builder);
    let found = roots.found;
    lint::run(spec, &mut builder, &found, max_hold, min_hold_days);
    full_or_deep(&mut builder);
    let mut diagnostics = dedupe(std::mem::take(&mut builder.diagnostics));
    let Some(decisions) = decisions.filter(|_| !diagnostics.iter().any(|d| d.severity == Severity::Error)) else {
        return Err(diagnostics);
    };
    let plan = plan_of(spec, decisions, &mut builder);
    match finish::finish(plan, builder) {
        Ok(plan) => Ok((plan, diagnostics)),
        Err(problem) => {
            diagnostics.push(problem.at(&["name"]));
            Err(diagnostics)
        }
    }
}

/// Everything that decides: nodes of the graph under construction, and settings.
#[derive(Debug, Clone)]
pub(super) struct Decisions {
    pub member: Option<NodeId>,
    rules: Option<Rules>,
    portfolio: Option<Portfolio>,
    sizing: Sizing,
    execution: Execution,
    min_hold_days: u32,
    close_on_leave: bool,
}

impl Decisions {
    /// Visits every node that decides.
    pub(super) fn each_root(mut self, visit: &mut dyn FnMut(NodeId)) {
        let Self { member, rules, portfolio, sizing, .. } = &mut self;
        finish::each_root((member, rules, portfolio, sizing), &mut |id| visit(*id));
    }

    /// Puts them in the place of those that a plan has.
    pub(super) fn apply(self, plan: &mut Plan) {
        plan.member = self.member;
        plan.rules = self.rules;
        plan.portfolio = self.portfolio;
        plan.sizing = self.sizing;
        plan.execution = self.execution;
        plan.min_hold_days = self.min_hold_days;
        plan.close_on_leave = self.close_on_leave;
    }
}

/// Reads every root and setting; `None` where one is wrong and reported. The longest and the shortest hold also come
/// apart from the rest, for lint, which looks at broken strategies too.
pub(super) fn decide(spec: &Spec, roots: &mut Roots<'_>) -> (Option<Decisions>, Option<Hold>, Option<u32>) {
    let member = spec.member.as_deref().and_then(|text| roots.condition(text, &["where"], false));
    let rules = rules(spec, roots);
    let portfolio = spec.portfolio.as_ref().and_then(|p| settings::portfolio(p, &sorted_symbols(spec), roots));
    let max_hold =
        spec.exit.as_ref().and_then(|e| e.max_hold.as_deref()).and_then(|t| settings::hold(t, roots.builder));
    let scale_in = settings::scale_in(spec.entry.as_ref(), roots);
    let partials = settings::partials(spec.exit.as_ref().map_or(&[], |exit| &exit.partial), roots);
    let cooldown = settings::cooldown(spec.entry.as_ref(), roots);
    let sizing = settings::sizing(spec, roots);
    let execution = settings::execution(spec, roots.builder);
    let min_hold_days = settings::min_hold_days(spec, roots.builder);
    let close_on_leave = settings::close_on_leave(spec, roots.builder);
    let (scale_in, partials, cooldown) = (scale_in.flatten(), partials.unwrap_or_default(), cooldown.flatten());
    let rules = rules.map(|rules| Rules { max_hold, scale_in, partials, cooldown, ..rules });
    let decisions = || {
        Some(Decisions {
            member,
            rules,
            portfolio,
            sizing: sizing?,
            execution: execution?,
            min_hold_days: min_hold_days?,
            close_on_leave: close_on_leave?,
        })
    };
    (decisions(), max_hold, min_hold_days)
}

/// A plan that still lacks its nodes; it takes the contexts of the graph.
pub(super) fn plan_of(spec: &Spec, decisions: Decisions, builder: &mut Builder) -> Plan {
    let symbols = sorted_symbols(spec);
    let sectors =
        symbols.iter().map(|s| spec.sectors.get(s).and_then(|l| builder.groups.binary_search(l).ok())).collect();
    Plan {
        name: spec.name.clone(),
        symbols,
        timeframe: spec.timeframe.clone(),
        contexts: std::mem::take(&mut builder.graph.contexts),
        nodes: Vec::new(),
        groups: builder.groups.clone(),
        sectors,
        member: decisions.member,
        rules: decisions.rules,
        portfolio: decisions.portfolio,
        close_on_leave: decisions.close_on_leave,
        min_hold_days: decisions.min_hold_days,
        sizing: decisions.sizing,
        execution: decisions.execution,
        features: Vec::new(),
        warm_up: 0,
        settle: crate::signature::Settle::Bars(0),
        hash: String::new(),
    }
}

/// Params, features and regimes, read and ordered; names that cannot be given.
pub(super) fn begin(spec: &Spec) -> Builder {
    let bars_per_session = settings::bars_per_session(&spec.timeframe);
    let mut groups: Vec<String> = spec.sectors.values().cloned().collect();
    groups.sort();
    groups.dedup();
    let mut builder = Builder {
        graph: Graph::new(bars_per_session.unwrap_or(1)),
        diagnostics: Vec::new(),
        params: BTreeMap::new(),
        definitions: Rc::new(Definitions::default()),
        lowered: FxHashMap::default(),
        groups,
        is_daily: spec.timeframe == "1Day",
        memo: None,
    };
    if bars_per_session.is_none() {
        settings::bad_choice("timeframe", &spec.timeframe, &["timeframe"], &settings::TIMEFRAMES, &mut builder);
    }
    for (name, text) in &spec.params {
        let parameter = parameter(name, text, &mut builder);
        builder.params.insert(name.clone(), parameter);
    }
    let mut all = BTreeMap::new();
    for (name, text) in &spec.features {
        let expr = parsed(text, &["features", name], &mut builder);
        all.insert(name.clone(), Definition::Feature(expr));
    }
    for (name, regime) in &spec.regimes {
        let enter = parsed(&regime.enter, &["regimes", name, "enter"], &mut builder);
        let exit = parsed(&regime.exit, &["regimes", name, "exit"], &mut builder);
        if spec.features.contains_key(name) {
            reserved(name, "regimes", "a feature has this name already", &mut builder);
        }
        all.entry(name.clone()).or_insert(Definition::Regime { enter, exit });
    }
    for (section, names) in [
        ("params", spec.params.keys().collect::<Vec<_>>()),
        ("features", spec.features.keys().collect()),
        ("regimes", spec.regimes.keys().collect()),
    ] {
        for name in names {
            check_name(name, section, spec, &mut builder);
        }
    }
    let (definitions, cycles) = Definitions::new(all);
    builder.diagnostics.extend(cycles);
    builder.definitions = Rc::new(definitions);
    builder
}

fn check_name(name: &str, section: &str, spec: &Spec, builder: &mut Builder) {
    let mut characters = name.chars();
    let is_word = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word {
        reserved(name, section, "a name is made of letters, digits and `_` and does not begin with a digit", builder);
    } else if is_reserved(name) {
        reserved(name, section, "the name is a bar field or a word of the language", builder);
    } else if section != "params" && spec.params.contains_key(name) {
        reserved(name, section, "a param has this name already", builder);
    }
}

fn reserved(name: &str, section: &str, why: &str, builder: &mut Builder) {
    let problem = Problem::new(Code::ReservedName, Span::default(), format!("`{name}` cannot be a name here: {why}"))
        .found(format!("`{name}`"))
        .expected("another name")
        .suggest(format!("my_{}", name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()));
    builder.diagnostics.push(problem.at(&[section, name]));
}

/// A param's value from its text; `None` for what is no literal.
pub(super) fn parameter_of(text: &str) -> Option<Parameter> {
    let (expr, problems) = expr::parse(text);
    let (value, unit) = literal::value(literal::of(&expr).filter(|_| problems.is_empty())?);
    Some(Parameter { value, unit })
}

fn parameter(name: &str, text: &str, builder: &mut Builder) -> Option<Parameter> {
    if let Some(parameter) = parameter_of(text) {
        return Some(parameter);
    }
    let problem = Problem::new(Code::BadLiteral, span_of(text), format!("the param `{name}` is not a literal"))
        .found(format!("`{text}`"))
        .expected("a number, a percentage or a duration such as 20, 5% or 90d");
    builder.diagnostics.push(problem.at(&["params", name]));
    None
}

/// The tree of a text; its problems are reported at the key.
pub(super) fn parsed(text: &str, path: &[&str], builder: &mut Builder) -> Expr {
    let (expr, problems) = expr::parse(text);
    builder.diagnostics.extend(problems.into_iter().map(|p| p.at(path)));
    expr
}

pub(super) fn define_all(builder: &mut Builder) {
    let definitions = Rc::clone(&builder.definitions);
    for name in &definitions.order {
        builder.define(name, 0);
    }
}

impl Builder {
    /// Computes a feature or regime in a context, once.
    pub(super) fn define(&mut self, name: &str, context: usize) {
        if self.lowered_in(name, context).is_some() {
            return;
        }
        let definitions = Rc::clone(&self.definitions);
        let mut values = Vec::new();
        let Some(definition) = definitions.all.get(name) else { return };
        for (path, expr) in definition.expressions(name) {
            let is_feature = matches!(definition, Definition::Feature(_));
            let place = Place { path: &path, context, allows_position: is_feature && context == 0 };
            values.push(if is_feature { self.lower(expr, place) } else { self.condition(expr, place) });
        }
        let value = match (definition, values.as_slice()) {
            (Definition::Feature(_), [value]) => *value,
            (Definition::Regime { .. }, [Some(enter), Some(exit)]) => {
                let inputs = vec![enter.node, exit.node];
                let scope = self.graph.widest(&inputs);
                let node = self.graph.push(Op::Regime, inputs, context, scope, Unit::Boolean, name.to_string());
                let is_as_of_day = enter.is_as_of_day || exit.is_as_of_day;
                Some(Value { node, unit: Unit::Boolean, is_as_of_day })
            }
            _ => None,
        };
        self.lowered.entry(name.to_string()).or_default().insert(context, value);
    }
}

fn rules(spec: &Spec, roots: &mut Roots<'_>) -> Option<Rules> {
    let mut rules = Rules::default();
    if let Some(entry) = &spec.entry {
        rules.long = entry.long.as_deref().and_then(|t| roots.condition(t, &["entry", "long"], false));
        rules.short = entry.short.as_deref().and_then(|t| roots.condition(t, &["entry", "short"], false));
        rules.priority = entry.priority.as_deref().and_then(|t| roots.number(t, &["entry", "priority"]));
    }
    if let Some(exit) = &spec.exit {
        let when = exit.when.as_deref().and_then(|t| roots.condition(t, &["exit", "when"], true));
        let long = exit.long.as_deref().and_then(|t| roots.condition(t, &["exit", "long"], true));
        let short = exit.short.as_deref().and_then(|t| roots.condition(t, &["exit", "short"], true));
        rules.exit_long = roots.either(when, long);
        rules.exit_short = roots.either(when, short);
        rules.stop_loss = exit.stop_loss.as_deref().and_then(|t| roots.distance(t, "stop_loss", Some(1.0)));
        rules.trailing_stop = exit.trailing_stop.as_deref().and_then(|t| roots.distance(t, "trailing_stop", Some(1.0)));
        rules.take_profit = exit.take_profit.as_deref().and_then(|t| roots.distance(t, "take_profit", None));
        rules.stop_price = exit.stop_price.as_deref().and_then(|t| roots.level(t, "stop_price"));
        rules.target_price = exit.target_price.as_deref().and_then(|t| roots.level(t, "target_price"));
    }
    (spec.entry.is_some() || spec.exit.is_some()).then_some(rules)
}

fn sorted_symbols(spec: &Spec) -> Vec<String> {
    let mut symbols = spec.symbols.clone();
    symbols.sort();
    symbols.dedup();
    symbols
}

pub(super) fn full_or_deep(builder: &mut Builder) {
    let path = ["features"];
    if builder.graph.is_full {
        let most = super::build::graph::NODES_MAX;
        let problem = Problem::new(Code::TooLarge, Span::default(), "the strategy is too large")
            .found(format!("more than {most} nodes"))
            .expected(format!("at most {most} nodes"));
        builder.diagnostics.push(problem.at(&path));
    }
    if builder.graph.is_too_deep {
        let most = super::build::graph::DEPTH_MAX;
        let problem = Problem::new(Code::TooDeep, Span::default(), "the features stand on each other too deeply")
            .found(format!("more than {most} steps"))
            .expected(format!("at most {most} steps"));
        builder.diagnostics.push(problem.at(&path));
    }
}

/// A definition that is used in several contexts reports the same problem in each.
fn dedupe(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        let is_known = kept.iter().any(|d| {
            (d.code, d.start, d.end, &d.path) == (diagnostic.code, diagnostic.start, diagnostic.end, &diagnostic.path)
        });
        if !is_known {
            kept.push(diagnostic);
        }
    }
    kept
}

/// Names that a root's expression mentions.
pub(super) fn mentions(root: &Root) -> Vec<&str> {
    root.expressions.iter().flat_map(names).map(|(name, _)| name).collect()
}

/// Whether a tree is a call of this name.
pub(super) fn is_call(expr: &Expr, name: &str) -> bool {
    matches!(&expr.node, Node::Call(call) if call.name == name)
}
