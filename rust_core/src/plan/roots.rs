//! The expressions that decide: each becomes one node of the right unit, on the basis of its day.

use super::build::{Builder, Place, Value, span_of};
use super::compile::parsed;
use super::node::{NodeId, Op};
use crate::expr::code::Code;
use crate::expr::dimension::{describe, is_numeric};
use crate::expr::literal::percent_meant;
use crate::expr::syntax::Expr;
use crate::expr::{Problem, print};
use crate::logic::Elementwise;
use crate::units::{PriceKind, Unit};
use std::rc::Rc;

/// A root as it was written, for lint.
pub(super) struct Root {
    pub path: Vec<String>,
    pub expressions: Vec<Expr>,
    pub node: Option<NodeId>,
    pub length: usize,
}

/// Builds roots and keeps what was found.
pub(super) struct Roots<'b> {
    pub builder: &'b mut Builder,
    pub found: Vec<Root>,
}

impl<'b> Roots<'b> {
    pub fn new(builder: &'b mut Builder) -> Self {
        Self { builder, found: Vec::new() }
    }

    pub fn keep(&mut self, path: &[&str], text: &str, expressions: Vec<Expr>, node: Option<NodeId>) {
        let path = path.iter().map(ToString::to_string).collect();
        self.found.push(Root { path, expressions, node, length: text.chars().count() });
    }

    fn lower(
        &mut self,
        text: &str,
        path: &[&str],
        allows_position: bool,
        check: impl FnOnce(&mut Builder, &Expr, Value, Place<'_>) -> bool,
    ) -> Option<NodeId> {
        if let Some(node) = self.builder.memo.as_mut().and_then(|memo| memo.find(path, text)) {
            return Some(node);
        }
        let expr = self.tree(text, path);
        let place = Place { path, context: 0, allows_position };
        let value = self.builder.lower(&expr, place).filter(|value| check(self.builder, &expr, *value, place));
        let node = value.map(|value| self.builder.as_of_day(value, 0).node);
        match &mut self.builder.memo {
            // What is bound many times was linted before.
            Some(memo) => node.into_iter().for_each(|node| memo.keep(path, text, node)),
            None => self.keep(path, text, vec![Rc::unwrap_or_clone(expr)], node),
        }
        node
    }

    /// The tree of a text, read once where it is bound many times.
    fn tree(&mut self, text: &str, path: &[&str]) -> Rc<Expr> {
        if let Some(tree) = self.builder.memo.as_ref().and_then(|memo| memo.tree(text)) {
            return tree;
        }
        let problems = self.builder.diagnostics.len();
        let tree = Rc::new(parsed(text, path, self.builder));
        let is_sound = self.builder.diagnostics.len() == problems;
        if let Some(memo) = self.builder.memo.as_mut().filter(|_| is_sound) {
            memo.plant(text, &tree);
        }
        tree
    }

    /// A condition; missing will count as false.
    pub fn condition(&mut self, text: &str, path: &[&str], allows_position: bool) -> Option<NodeId> {
        self.lower(text, path, allows_position, |builder, expr, value, place| {
            if value.unit == Unit::Boolean {
                return true;
            }
            let problem = Problem::new(Code::WrongType, expr.span, format!("`{expr}` is not a condition"))
                .found(describe(value.unit))
                .expected("a condition, such as a comparison");
            builder.report(problem, place);
            false
        })
    }

    /// Any number.
    pub fn number(&mut self, text: &str, path: &[&str]) -> Option<NodeId> {
        self.lower(text, path, false, |builder, expr, value, place| {
            if is_numeric(value.unit) {
                return true;
            }
            let problem = Problem::new(Code::WrongType, expr.span, format!("`{expr}` is not a number"))
                .found(describe(value.unit))
                .expected("a number");
            builder.report(problem, place);
            false
        })
    }

    /// A ratio, such as a weight.
    pub fn ratio(&mut self, text: &str, path: &[&str]) -> Option<NodeId> {
        self.lower(text, path, false, |builder, expr, value, place| {
            if matches!(value.unit, Unit::Ratio | Unit::Percent | Unit::Number) {
                return true;
            }
            let problem = Problem::new(Code::UnitMismatch, expr.span, format!("`{expr}` is not a ratio"))
                .found(describe(value.unit))
                .expected("a ratio, such as 5% or rank(momentum) / 10");
            builder.report(problem, place);
            false
        })
    }

    /// A ratio of the price or a price difference, above 0 and, where known, below `most`.
    pub fn distance(&mut self, text: &str, key: &str, most: Option<f64>) -> Option<NodeId> {
        let path = ["exit", key];
        if is_dollars(text) {
            let problem = at_key(Code::UnitMismatch, text, format!("`{key}` is a ratio or a price difference"))
                .expected("a ratio such as 8%, or a distance such as 2 * atr(14)")
                .note("A distance in dollars is not offered: it would mean another risk after each split.");
            self.builder.diagnostics.push(problem.at(&path));
            return None;
        }
        self.lower(text, &path, false, |builder, expr, value, place| match value.unit {
            Unit::Ratio | Unit::Percent => in_bounds(builder, expr, value, key, most, place),
            Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Distance | PriceKind::Either } => true,
            _ => {
                not_a_distance(builder, expr, value, (key, most), place);
                false
            }
        })
    }

    /// A price level.
    pub fn level(&mut self, text: &str, key: &str) -> Option<NodeId> {
        let path = ["exit", key];
        self.lower(text, &path, false, |builder, expr, value, place| {
            if let Unit::Number | Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Level | PriceKind::Either } =
                value.unit
            {
                return true;
            }
            let problem = Problem::new(Code::UnitMismatch, expr.span, format!("`{key}` is a price level"))
                .found(format!("`{expr}`, {}", describe(value.unit)))
                .expected("a level, such as lowest(low, 20)");
            let problem = match value.unit {
                Unit::Ratio | Unit::Percent => problem.suggest(format!("close * (1 - {expr})")),
                Unit::Scaled { price: 1, volume: 0, .. } => problem.suggest(format!("close - {expr}")),
                _ => problem,
            };
            builder.report(problem, place);
            false
        })
    }

    /// Either of two conditions.
    pub fn either(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => {
                let text = |id: NodeId| self.builder.graph.nodes.get(id).map_or(String::new(), |n| n.text.clone());
                let text = format!("({}) or ({})", text(a), text(b));
                let op = Op::Elementwise(Elementwise::Or);
                Some(self.builder.graph.pointwise(op, vec![a, b], 0, Unit::Boolean, text))
            }
            (a, b) => a.or(b),
        }
    }
}

fn in_bounds(builder: &mut Builder, expr: &Expr, value: Value, key: &str, most: Option<f64>, place: Place<'_>) -> bool {
    let Some(constant) = builder.constant(value) else { return true };
    if constant > 0.0 && most.is_none_or(|most| constant < most) {
        return true;
    }
    let expected =
        most.map_or("above 0%".to_string(), |most| format!("above 0% and below {}%", print::number(most * 100.0)));
    let problem = Problem::new(Code::OutOfRange, expr.span, format!("`{key}` is out of range"))
        .found(format!("`{expr}`"))
        .expected(expected);
    builder.report(problem, place);
    false
}

/// Whether the text is a number of dollars, as other programs write it: `$5`, `5 USD`.
fn is_dollars(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let number = text.strip_prefix('$').or_else(|| {
        ["usd", "dollars", "$"]
            .iter()
            .find_map(|word| lower.ends_with(word).then(|| text.get(..text.len() - word.len()))?)
    });
    number.is_some_and(|number| number.trim().replace('_', "").parse::<f64>().is_ok())
}

fn not_a_distance(
    builder: &mut Builder,
    expr: &Expr,
    value: Value,
    (key, most): (&str, Option<f64>),
    place: Place<'_>,
) {
    let unit = value.unit;
    let constant = builder.constant(value);
    let code = if unit == Unit::Number { Code::UnitMissing } else { Code::UnitMismatch };
    let problem = Problem::new(code, expr.span, format!("`{key}` is a ratio or a price difference"))
        .found(format!("`{expr}`, {}", describe(unit)))
        .expected("a ratio such as 8%, or a distance such as 3 * atr(14)");
    let problem = match unit {
        Unit::Number => problem.suggest_if(constant.and_then(|number| {
            let fraction = percent_meant(number.abs());
            (fraction > 0.0 && most.is_none_or(|most| fraction < most)).then(|| print::percent(fraction))
        })),
        Unit::PercentPoints => problem.suggest(format!("({expr}) / 100")),
        Unit::Scaled { price: 1, volume: 0, .. } => {
            let key = if key == "take_profit" { "target_price" } else { "stop_price" };
            problem.note(format!("A level belongs under `{key}`."))
        }
        _ => problem,
    };
    builder.report(problem, place);
}

/// The text of a setting at its key.
pub(super) fn at_key(code: Code, text: &str, message: impl Into<String>) -> Problem {
    Problem::new(code, span_of(text), message).found(format!("`{text}`"))
}
