//! From checked spec to graph: names resolved, units checked, values brought to the basis of their day.

mod arguments;
pub(super) mod call;
pub(super) mod context;
pub(super) mod definitions;
mod elementwise;
pub(in crate::plan) mod function;
pub(super) mod graph;
pub(super) mod history;
pub(super) mod lower;
pub(super) mod operators;

use super::family::Memo;
use super::node::{NodeId, Op, Scope};
use crate::expr::syntax::Span;
use crate::expr::{Diagnostic, Problem};
use crate::units::Unit;
use definitions::Definitions;
use graph::Graph;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A typed node, and the basis its value is on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    pub node: NodeId,
    pub unit: Unit,
    /// The value has met an absolute price or volume, so it holds on its own day's basis only. Otherwise it is
    /// homogeneous: computed on forward-adjusted bars, it scales with the day's factors by its degrees.
    pub is_as_of_day: bool,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Keys from the top of the spec.
    pub path: &'a [&'a str],
    pub context: usize,
    /// Whether `position.*` is known here.
    pub allows_position: bool,
}

/// A value bound by the strategy's params.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub value: f64,
    pub unit: Unit,
}

/// What is known while expressions become nodes.
pub struct Builder {
    pub graph: Graph,
    pub diagnostics: Vec<Diagnostic>,
    /// `None`: its text was not a literal; reported.
    pub params: BTreeMap<String, Option<Parameter>>,
    pub definitions: Rc<Definitions>,
    /// Definitions, by name and context; `None` where one is broken and reported.
    pub lowered: FxHashMap<String, BTreeMap<usize, Option<Value>>>,
    /// Sector labels, in name order.
    pub groups: Vec<String>,
    /// The base timeframe is one session.
    pub is_daily: bool,
    /// What is known of other bindings of the same strategy.
    pub memo: Option<Memo>,
}

impl Builder {
    pub fn report(&mut self, problem: Problem, place: Place<'_>) {
        self.diagnostics.push(problem.at(place.path));
    }

    /// What a definition became in a context; `None` where it has not been asked for there.
    pub fn lowered_in(&self, name: &str, context: usize) -> Option<Option<Value>> {
        self.lowered.get(name)?.get(&context).copied()
    }

    pub fn scope(&self, value: Value) -> Scope {
        self.graph.scope_of(value.node)
    }

    /// The number behind a value known at compile time.
    pub fn constant(&self, value: Value) -> Option<f64> {
        self.graph.constant_of(value.node)
    }

    /// A constant in a context.
    pub fn number(&mut self, value: f64, unit: Unit, context: usize) -> Value {
        let node = self.graph.constant(value, unit, context);
        Value { node, unit, is_as_of_day: false }
    }

    /// The value on the basis of its own day: what may meet absolute numbers, other symbols and the world outside.
    pub fn as_of_day(&mut self, value: Value, context: usize) -> Value {
        let (price, volume) = value.unit.degrees();
        if value.is_as_of_day || (price, volume) == (0, 0) || self.constant(value).is_some() {
            return value;
        }
        let text = format!("as_of_day({})", self.graph.nodes.get(value.node).map_or("", |n| n.text.as_str()));
        let scope = self.scope(value);
        let node = self.graph.push(Op::AsOfDay { price, volume }, vec![value.node], context, scope, value.unit, text);
        Value { node, unit: value.unit, is_as_of_day: true }
    }
}

/// The whole of a text.
pub fn span_of(text: &str) -> Span {
    Span::new(0, text.chars().count())
}
