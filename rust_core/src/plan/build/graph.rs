//! The graph under construction: equal nodes merge, constants fold, warm-up adds up along the inputs.

use crate::logic::{self, Elementwise};
use crate::plan::hash::{self, Digest};
use crate::plan::node::{Context, Node, NodeId, Op, Scope, Timeframe};
use crate::signature::Settle;
use crate::units::Unit;
use rustc_hash::FxHashMap;

/// Nodes in one plan.
pub const NODES_MAX: usize = 20_000;
/// Nodes on one path from a root to a bar.
pub const DEPTH_MAX: u32 = 1_000;

/// Nodes in topological order, and what is known of each beside the node itself.
pub struct Graph {
    pub nodes: Vec<Node>,
    pub digests: Vec<Digest>,
    pub settles: Vec<Settle>,
    depths: Vec<u32>,
    pub contexts: Vec<Context>,
    /// By digest, truths apart: the constant of `1 < 2` is no number.
    index: FxHashMap<(Digest, bool), NodeId>,
    bars_per_session: usize,
    nodes_max: usize,
    /// The node limit was reached; the graph is no longer complete.
    pub is_full: bool,
    pub is_too_deep: bool,
}

impl Graph {
    pub fn new(bars_per_session: usize) -> Self {
        Self {
            nodes: Vec::new(),
            digests: Vec::new(),
            settles: Vec::new(),
            depths: Vec::new(),
            contexts: vec![Context { symbol: None, timeframe: None }],
            index: FxHashMap::default(),
            bars_per_session,
            nodes_max: NODES_MAX,
            is_full: false,
            is_too_deep: false,
        }
    }

    /// Bars of the base timeframe in one session.
    pub fn bars_per_session(&self) -> usize {
        self.bars_per_session
    }

    /// Makes room for one more plan in the same graph.
    pub fn expect_more(&mut self) {
        self.nodes_max = self.nodes.len() + NODES_MAX;
    }

    /// The index of a context, made when new.
    pub fn context(&mut self, context: Context) -> usize {
        if let Some(found) = self.contexts.iter().position(|c| *c == context) {
            return found;
        }
        self.contexts.push(context);
        self.contexts.len() - 1
    }

    /// Bars of the base timeframe in one bar of the context.
    pub fn bars_per_bar(&self, context: usize) -> usize {
        let sessions = match self.contexts.get(context).and_then(|c| c.timeframe) {
            None => return 1,
            Some(Timeframe::Day) => 1,
            Some(Timeframe::Week) => 5,
            Some(Timeframe::Month) => 23,
            Some(Timeframe::Quarter) => 66,
        };
        sessions * self.bars_per_session
    }

    /// The value of a node that is known at compile time.
    pub fn constant_of(&self, id: NodeId) -> Option<f64> {
        match self.nodes.get(id)?.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub fn scope_of(&self, id: NodeId) -> Scope {
        self.nodes.get(id).map_or(Scope::Market, |node| node.scope)
    }

    pub fn constant(&mut self, value: f64, unit: Unit, context: usize) -> NodeId {
        let text = crate::expr::print::number(value);
        self.push(Op::Constant(value), Vec::new(), context, Scope::Market, unit, text)
    }

    /// The axis of a value computed from these: per position, per symbol, else the market's.
    pub fn widest(&self, inputs: &[NodeId]) -> Scope {
        let scopes = || inputs.iter().map(|&id| self.scope_of(id));
        if scopes().any(|s| s == Scope::Position) {
            Scope::Position
        } else if scopes().any(|s| s == Scope::Symbol) {
            Scope::Symbol
        } else {
            Scope::Market
        }
    }

    /// An operation on one bar's values; a constant when all inputs are.
    pub fn pointwise(&mut self, op: Op, inputs: Vec<NodeId>, context: usize, unit: Unit, text: String) -> NodeId {
        let constants: Option<Vec<f64>> = inputs.iter().map(|&id| self.constant_of(id)).collect();
        if let Some(value) = constants.and_then(|values| fold(&op, &values)) {
            return self.constant(value, unit, context);
        }
        let scope = self.widest(&inputs);
        self.push(op, inputs, context, scope, unit, text)
    }

    /// Adds a node, or finds the one that computes the same.
    pub fn push(
        &mut self,
        op: Op,
        mut inputs: Vec<NodeId>,
        context: usize,
        scope: Scope,
        unit: Unit,
        text: String,
    ) -> NodeId {
        let digest_of = |id: NodeId| self.digests.get(id).copied().unwrap_or_default();
        if hash::is_commutative(&op) {
            inputs.sort_by_key(|&id| digest_of(id));
        }
        let input_digests: Vec<Digest> = inputs.iter().map(|&id| digest_of(id)).collect();
        let digest = hash::node(&op, &input_digests, self.contexts.get(context));
        let key = (digest, unit == Unit::Boolean);
        if let Some(&found) = self.index.get(&key) {
            return found;
        }
        if self.nodes.len() >= self.nodes_max {
            self.is_full = true;
            return 0;
        }
        let depth = inputs.iter().filter_map(|&id| self.depths.get(id)).max().map_or(0, |d| d + 1);
        self.is_too_deep |= depth > DEPTH_MAX;
        let (warm_up, settle) = self.history(&op, &inputs, context);
        self.nodes.push(Node { op, inputs, context, scope, unit, warm_up, text });
        self.digests.push(digest);
        self.settles.push(settle);
        self.depths.push(depth);
        self.index.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Warm-up and settle in bars of context 0: the inputs' longest, plus the function's own times the bar's length.
    fn history(&self, op: &Op, inputs: &[NodeId], context: usize) -> (usize, Settle) {
        let warm_up = inputs.iter().filter_map(|&id| self.nodes.get(id)).map(|n| n.warm_up).max().unwrap_or(0);
        let settle = inputs.iter().filter_map(|&id| self.settles.get(id)).fold(Settle::Bars(0), |a, b| later(a, *b));
        let length = self.bars_per_bar(context);
        match op {
            Op::Indicator { function, numbers, .. } => {
                let own = match (function.settle)(numbers) {
                    Settle::Bars(bars) => Settle::Bars(bars.saturating_mul(length)),
                    Settle::Never => Settle::Never,
                };
                let settle = match (settle, own) {
                    (Settle::Bars(a), Settle::Bars(b)) => Settle::Bars(a.saturating_add(b)),
                    _ => Settle::Never,
                };
                (warm_up.saturating_add((function.warm_up)(numbers).saturating_mul(length)), settle)
            }
            // A higher timeframe's bar is seen when it is complete.
            Op::Bar(_) => (length - 1, Settle::Bars(length - 1)),
            // What a regime was before the history began is never known.
            Op::Regime => (warm_up, Settle::Never),
            _ => (warm_up, settle),
        }
    }
}

/// The longer of two.
pub fn later(a: Settle, b: Settle) -> Settle {
    match (a, b) {
        (Settle::Bars(a), Settle::Bars(b)) => Settle::Bars(a.max(b)),
        _ => Settle::Never,
    }
}

fn fold(op: &Op, values: &[f64]) -> Option<f64> {
    match (op, values) {
        (Op::Arithmetic(operation), &[a, b]) => Some(logic::arithmetic(*operation, a, b)),
        (Op::Compare(comparison), &[a, b]) => Some(logic::compare(a, b, *comparison)),
        (Op::Elementwise(Elementwise::IsMissing), _) => None,
        (Op::Elementwise(function), _) => Some(logic::elementwise(*function, values)),
        _ => None,
    }
}
