//! One strategy under many bindings of its params: parsed once, and each part worked out once per distinct value.
//!
//! A [`Family`] is the strategy with its params open. [`Family::shared`] begins one graph, and [`Shared::bind`] adds a
//! binding to it: equal nodes of all bindings are one node. What a definition or a root becomes is kept by the values of
//! the params that it mentions, so that a binding costs what it does not have in common with those before it. No lint
//! and no explanations: a strategy is compiled alone before it is bound many times, and a property test holds the two
//! to the same plan.

mod spelling;

use super::build::definitions::Definition;
use super::build::{Builder, Parameter};
use super::compile::{Decisions, begin, decide, full_or_deep, parameter_of, plan_of};
use super::hash::{self, Digest};
use super::node::{Node, NodeId, Op, Plan};
use super::roots::Roots;
use super::spec::Spec;
use crate::error::{EngineError, Result};
use crate::expr::syntax::Expr;
use crate::expr::{Diagnostic, Severity};
use crate::units::Unit;
use rustc_hash::FxHashMap;
use spelling::{Slot, words};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Params that one sweep can vary.
pub const PARAMS_MAX: usize = 64;

/// Which of a param's values a binding takes, by param.
pub type Codes = [u32];

/// A set of params, one bit each.
pub(super) type Mask = u64;

/// A param and its values so far.
#[derive(Debug, Clone)]
pub struct Open {
    pub name: String,
    pub values: Vec<Value>,
}

/// One value: as it is written, and as it is read.
#[derive(Debug, Clone)]
pub struct Value {
    pub text: String,
    parameter: Parameter,
}

/// A strategy with open params.
#[derive(Debug, Clone)]
pub struct Family {
    document: serde_json::Value,
    /// Settings that name a param where a literal belongs.
    slots: Vec<Slot>,
    params: Vec<Open>,
}

impl Family {
    /// `spec_json` is the spec at the defaults; `slots` are places in it (JSON pointers) that hold the value of a param.
    ///
    /// # Errors
    /// `Config` for text that is no spec, a place that is not there, or more than 64 params.
    pub fn new(spec_json: &str, params: Vec<String>, slots: &[(String, String)]) -> Result<Self> {
        let document: serde_json::Value = serde_json::from_str(spec_json).map_err(not_a_spec)?;
        if params.len() > PARAMS_MAX {
            return Err(EngineError::Config(format!("{} params; at most {PARAMS_MAX} can vary", params.len())));
        }
        let known = |name: &String| document.pointer(&format!("/params/{name}")).is_some();
        if let Some(name) = params.iter().find(|name| !known(name)) {
            return Err(EngineError::Config(format!("the strategy has no param {name}")));
        }
        let place = |name: &String| params.iter().position(|param| param == name);
        let slots: Vec<Slot> = slots
            .iter()
            .filter_map(|(pointer, name)| Some(Slot { pointer: pointer.clone(), param: place(name)? }))
            .collect();
        if let Some(slot) = slots.iter().find(|slot| document.pointer(&slot.pointer).is_none()) {
            return Err(EngineError::Config(format!("the spec has no {}", slot.pointer)));
        }
        let params = params.into_iter().map(|name| Open { name, values: Vec::new() }).collect();
        Ok(Self { document, slots, params })
    }

    /// The universe, in name order.
    pub fn symbols(&self) -> Vec<String> {
        let symbols = self.document.get("symbols").and_then(serde_json::Value::as_array);
        let mut symbols: Vec<String> =
            symbols.into_iter().flatten().filter_map(|symbol| symbol.as_str().map(Into::into)).collect();
        symbols.sort();
        symbols
    }

    pub fn params(&self) -> &[Open] {
        &self.params
    }

    /// The code of a value, new or not.
    ///
    /// # Errors
    /// `Config` for a text that is no value of a param.
    pub fn code(&mut self, param: usize, text: &str) -> Result<u32> {
        let Some(open) = self.params.get_mut(param) else {
            return Err(EngineError::Config(format!("there is no param {param}")));
        };
        if let Some(found) = open.values.iter().position(|value| value.text == text) {
            return Ok(found as u32);
        }
        let parameter = parameter_of(text)
            .ok_or_else(|| EngineError::Config(format!("`{text}` is no value of the param {}", open.name)))?;
        open.values.push(Value { text: text.into(), parameter });
        Ok(open.values.len() as u32 - 1)
    }

    /// The binding as people write it: `fast=10, slow=50`.
    pub fn write(&self, codes: &Codes) -> String {
        let value = |(open, &code): (&Open, &u32)| {
            format!("{}={}", open.name, open.values.get(code as usize).map_or("?", |value| value.text.as_str()))
        };
        self.params.iter().zip(codes).map(value).collect::<Vec<_>>().join(", ")
    }

    /// Begins a graph for some bindings.
    ///
    /// # Errors
    /// `Config` for a document that is no spec.
    pub fn shared(&self) -> Result<Shared<'_>> {
        let spec: Spec = serde_json::from_value(self.document.clone()).map_err(not_a_spec)?;
        let mut builder = begin(&spec);
        builder.diagnostics.clear();
        let definitions = Rc::clone(&builder.definitions);
        let mask_of = |names: &[&str]| self.mask(names, &definitions.closure(names.iter().copied()), &definitions.all);
        let masks = definitions.order.iter().map(|name| (name.clone(), mask_of(&[name.as_str()])));
        let masks: Vec<(String, Mask)> = masks.collect();
        let direct: BTreeMap<String, Mask> = (self.params.iter().enumerate())
            .map(|(place, open)| (open.name.clone(), 1 << place))
            .chain(masks.iter().cloned())
            .collect();
        builder.memo = Some(Memo {
            masks: direct,
            codes: Vec::new(),
            roots: FxHashMap::default(),
            trees: FxHashMap::default(),
            place: String::new(),
            key: Vec::new(),
        });
        Ok(Shared {
            family: self,
            specs: FxHashMap::default(),
            spec: Rc::new(spec),
            defined: masks.iter().map(|_| FxHashMap::default()).collect(),
            masks,
            builder,
            slot_mask: self.slots.iter().fold(0, |mask, slot| mask | 1 << slot.param),
            codes: Vec::new(),
        })
    }

    /// The params that these names, and the definitions that they lead to, mention.
    fn mask(&self, names: &[&str], reached: &BTreeSet<&str>, all: &BTreeMap<String, Definition>) -> Mask {
        let mut used: Vec<&str> = names.to_vec();
        for (name, definition) in reached.iter().filter_map(|name| all.get_key_value(*name)) {
            for (_, expr) in definition.expressions(name) {
                used.extend(super::build::definitions::names(expr).into_iter().map(|(name, _)| name));
            }
        }
        self.params
            .iter()
            .enumerate()
            .filter(|(_, open)| used.contains(&open.name.as_str()))
            .fold(0, |mask, (place, _)| mask | 1 << place)
    }
}

fn not_a_spec(problem: serde_json::Error) -> EngineError {
    EngineError::Config(format!("the spec: {problem}"))
}

/// What roots have become so far, by the values that they depend on.
pub struct Memo {
    /// Params behind each param and definition.
    masks: BTreeMap<String, Mask>,
    codes: Vec<u32>,
    /// By the root's place in the spec and its text.
    roots: FxHashMap<String, (Mask, FxHashMap<Vec<u32>, NodeId>)>,
    /// Texts that have been read.
    trees: FxHashMap<String, Rc<Expr>>,
    /// Room for a place and for a key.
    place: String,
    key: Vec<u32>,
}

impl Memo {
    /// What a root's text has become under the values in force.
    pub(super) fn find(&mut self, path: &[&str], text: &str) -> Option<NodeId> {
        write_place(&mut self.place, path, text);
        let (mask, known) = self.roots.get(&self.place)?;
        select(*mask, &self.codes, &mut self.key);
        known.get(self.key.as_slice()).copied()
    }

    /// The tree of a text that was planted.
    pub(super) fn tree(&self, text: &str) -> Option<Rc<Expr>> {
        self.trees.get(text).cloned()
    }

    pub(super) fn plant(&mut self, text: &str, tree: &Rc<Expr>) {
        self.trees.insert(text.into(), Rc::clone(tree));
    }

    /// Keeps it.
    pub(super) fn keep(&mut self, path: &[&str], text: &str, node: NodeId) {
        write_place(&mut self.place, path, text);
        if !self.roots.contains_key(&self.place) {
            let known = (mask_of(text, &self.masks), FxHashMap::default());
            self.roots.insert(self.place.clone(), known);
        }
        if let Some((mask, known)) = self.roots.get_mut(&self.place) {
            select(*mask, &self.codes, &mut self.key);
            known.insert(self.key.clone(), node);
        }
    }
}

fn write_place(place: &mut String, path: &[&str], text: &str) {
    place.clear();
    for part in path.iter().chain(&[text]) {
        place.push_str(part);
        // No key and no text has it.
        place.push('\0');
    }
}

/// The params behind the words of a text.
fn mask_of(text: &str, masks: &BTreeMap<String, Mask>) -> Mask {
    words(text).filter_map(|word| masks.get(word)).fold(0, |all, mask| all | mask)
}

/// The codes of the params in a set.
fn select(mask: Mask, codes: &Codes, into: &mut Vec<u32>) {
    into.clear();
    into.extend(codes.iter().enumerate().filter(|(place, _)| mask >> place & 1 == 1).map(|(_, code)| *code));
}

/// A graph that bindings share.
pub struct Shared<'f> {
    family: &'f Family,
    builder: Builder,
    spec: Rc<Spec>,
    /// Specs by the values of the params that stand in settings.
    specs: FxHashMap<Vec<u32>, Rc<Spec>>,
    slot_mask: Mask,
    /// Definitions in order, each with the params behind it, and what it is by their values.
    masks: Vec<(String, Mask)>,
    defined: Vec<FxHashMap<Vec<u32>, Option<super::build::Value>>>,
    codes: Vec<u32>,
}

impl Shared<'_> {
    /// Nodes so far.
    pub fn len(&self) -> usize {
        self.builder.graph.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds one binding.
    ///
    /// # Errors
    /// Everything that is wrong with the strategy under these values.
    pub fn bind(&mut self, codes: &Codes) -> std::result::Result<Bound, Vec<Diagnostic>> {
        let is_first = self.codes.is_empty();
        let changed = |place: usize| is_first || self.codes.get(place) != codes.get(place);
        let changed: Mask = (0..self.family.params.len()).filter(|&p| changed(p)).fold(0, |mask, p| mask | 1 << p);
        self.take(codes, changed);
        if changed & self.slot_mask != 0 {
            self.respell(codes);
        }
        self.builder.graph.expect_more();
        self.define(changed, is_first);
        let (decisions, ..) = decide(&self.spec, &mut Roots::new(&mut self.builder));
        full_or_deep(&mut self.builder);
        let diagnostics = std::mem::take(&mut self.builder.diagnostics);
        match decisions.filter(|_| !diagnostics.iter().any(|d| d.severity == Severity::Error)) {
            Some(decisions) => Ok(Bound { decisions }),
            None => {
                // What is broken is not known by its values.
                self.codes.clear();
                Err(diagnostics)
            }
        }
    }

    /// Binds the params.
    fn take(&mut self, codes: &Codes, changed: Mask) {
        for (place, (open, &code)) in self.family.params.iter().zip(codes).enumerate() {
            let value = open.values.get(code as usize).map(|value| value.parameter);
            if changed >> place & 1 == 1
                && let Some(bound) = self.builder.params.get_mut(&open.name)
            {
                *bound = value;
            }
        }
        self.codes.clear();
        self.codes.extend_from_slice(codes);
        if let Some(memo) = &mut self.builder.memo {
            memo.codes.clone_from(&self.codes);
        }
    }

    /// Puts the values of params into the settings that name them.
    fn respell(&mut self, codes: &Codes) {
        let mut key = Vec::new();
        select(self.slot_mask, codes, &mut key);
        if let Some(spec) = self.specs.get(&key) {
            self.spec = Rc::clone(spec);
            return;
        }
        let mut document = self.family.document.clone();
        for slot in &self.family.slots {
            let value = self.family.params.get(slot.param).zip(codes.get(slot.param));
            if let Some(value) = value.and_then(|(open, &code)| open.values.get(code as usize)) {
                slot.fill(&mut document, &value.text);
            }
        }
        // A text in place of a text leaves a spec a spec.
        if let Ok(spec) = serde_json::from_value::<Spec>(document) {
            self.spec = Rc::new(spec);
            self.specs.insert(key, Rc::clone(&self.spec));
        }
    }

    /// Computes the definitions that depend on what changed.
    fn define(&mut self, changed: Mask, is_first: bool) {
        let mut key = Vec::new();
        for ((name, mask), known) in self.masks.iter().zip(&mut self.defined) {
            if !is_first && mask & changed == 0 {
                continue;
            }
            if !is_first {
                // In another context it is computed where it is asked for.
                self.builder.lowered.remove(name);
            }
            select(*mask, &self.codes, &mut key);
            if let Some(value) = known.get(&key) {
                self.builder.lowered.entry(name.clone()).or_default().insert(0, *value);
                continue;
            }
            self.builder.define(name, 0);
            let value = self.builder.lowered_in(name, 0).flatten();
            if value.is_some() {
                known.insert(key.clone(), value);
            }
        }
    }

    /// Whether some node compares members: its value then depends on who is one.
    pub fn compares_members(&self) -> bool {
        let across = |node: &Node| matches!(node.op, Op::CrossSection { .. } | Op::Reduction(_));
        self.builder.graph.nodes.iter().any(across)
    }

    /// Nodes that decide in some of the bindings, ascending.
    pub fn roots<'b>(&mut self, bound: impl Iterator<Item = &'b Bound>) -> Vec<NodeId> {
        let mut roots = Vec::new();
        for bound in bound {
            bound.decisions.clone().each_root(&mut |id| roots.push(id));
        }
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// The plan of all bindings: their nodes, and the decisions of `first`. Digests are by node.
    pub fn into_plan(mut self, first: &Bound) -> (Plan, Vec<Digest>) {
        let mut plan = plan_of(&self.spec, first.decisions.clone(), &mut self.builder);
        plan.nodes = self.builder.graph.nodes;
        for node in plan.nodes.iter_mut().filter(|node| node.unit == Unit::Percent) {
            node.unit = Unit::Ratio;
        }
        (plan, self.builder.graph.digests)
    }
}

/// What one binding decides by, as nodes of the shared graph.
#[derive(Debug, Clone)]
pub struct Bound {
    decisions: Decisions,
}

impl Bound {
    /// The condition that makes members.
    pub const fn member(&self) -> Option<NodeId> {
        self.decisions.member
    }

    /// Makes the shared plan that of this binding; its hash is left as it is.
    pub fn decide(&self, plan: &mut Plan) {
        self.decisions.clone().apply(plan);
    }
}

/// Hashes a plan under one binding after another: what they have in common is read once.
#[derive(Clone)]
pub struct Hasher(hash::Begun);

impl Hasher {
    /// Of plans that differ from this one in their decisions alone.
    pub fn new(plan: &Plan) -> Self {
        Self(hash::begin(plan))
    }

    /// The hash of the plan, whose nodes have these digests: that of the binding compiled alone.
    pub fn hash(&self, plan: &Plan, digests: &[Digest]) -> String {
        hash::finish(self.0.clone(), plan, digests)
    }
}
