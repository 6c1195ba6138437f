//! Whether conditions can hold together, and which follow from others.
//!
//! Reasoning is one-sided: an answer "impossible" is proven, "possible" only means that nothing was found.

use super::interval::{Range, ranges};
use super::node::{Comparison, Elementwise, Node, NodeId, Op};
use std::collections::{BTreeMap, BTreeSet};

/// Orders of two values that are still possible: less, equal, greater.
const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;

const fn orders(comparison: Comparison) -> u8 {
    match comparison {
        Comparison::Less => LESS,
        Comparison::LessEqual => LESS | EQUAL,
        Comparison::Greater => GREATER,
        Comparison::GreaterEqual => GREATER | EQUAL,
        Comparison::Equal => EQUAL,
        Comparison::NotEqual => LESS | GREATER,
    }
}

const fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
    }
}

const fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        other => other,
    }
}

/// One condition that is not made of others.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Atom {
    /// A node lies in a range.
    Within(NodeId, Range),
    /// Two nodes, the smaller id first, stand in one of these orders.
    Ordered(NodeId, NodeId, u8),
    /// A condition is true or false.
    Is(NodeId, bool),
    /// A constant.
    Always(bool),
}

/// Steps of reasoning; what needs more is called possible.
const STEPS_MAX: usize = 5_000;

/// What is known when some conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    within: BTreeMap<NodeId, Range>,
    ordered: BTreeMap<(NodeId, NodeId), u8>,
    is: BTreeMap<NodeId, bool>,
}

/// Reasons about conditions over a plan's nodes.
pub struct Logic<'n> {
    nodes: &'n [Node],
    ranges: Vec<Range>,
    steps: usize,
}

impl<'n> Logic<'n> {
    pub fn new(nodes: &'n [Node]) -> Self {
        Self { nodes, ranges: ranges(nodes), steps: 0 }
    }

    /// What holds when a condition holds; an error names the part that cannot.
    pub fn assume(&mut self, root: NodeId) -> Result<Facts, NodeId> {
        self.steps = 0;
        self.extend(Facts::default(), root, true)
    }

    fn extend(&mut self, mut facts: Facts, root: NodeId, truth: bool) -> Result<Facts, NodeId> {
        let (mut open, mut choices) = (vec![(root, truth)], Vec::new());
        let mut seen = BTreeSet::new();
        while let Some((id, truth)) = open.pop() {
            self.steps += 1;
            if self.steps > STEPS_MAX || !seen.insert((id, truth)) {
                continue;
            }
            let Some(node) = self.nodes.get(id) else { continue };
            match (&node.op, truth) {
                (Op::Elementwise(Elementwise::And), true) | (Op::Elementwise(Elementwise::Or), false) => {
                    open.extend(node.inputs.iter().map(|&input| (input, truth)));
                }
                (Op::Elementwise(Elementwise::Not), _) => open.extend(node.inputs.iter().map(|&input| (input, !truth))),
                (Op::Elementwise(Elementwise::And | Elementwise::Or), _) => choices.push((id, truth)),
                _ => {
                    let atom = self.atom(id, truth);
                    if !self.add(&mut facts, atom) {
                        return Err(id);
                    }
                }
            }
        }
        // Of each choice at least one side must be possible beside everything else.
        for (id, truth) in choices {
            let sides = self.nodes.get(id).map_or(Vec::new(), |n| n.inputs.clone());
            let is_possible =
                self.steps > STEPS_MAX || sides.into_iter().any(|side| self.extend(facts.clone(), side, truth).is_ok());
            if !is_possible {
                return Err(id);
            }
        }
        Ok(facts)
    }

    fn atom(&self, id: NodeId, truth: bool) -> Atom {
        let Some(node) = self.nodes.get(id) else { return Atom::Is(id, truth) };
        let constant = |id: NodeId| match self.nodes.get(id).map(|n| &n.op) {
            Some(Op::Constant(value)) => Some(*value),
            _ => None,
        };
        match (&node.op, node.inputs.as_slice()) {
            (Op::Constant(value), _) => Atom::Always((*value == 1.0) == truth),
            (Op::Compare(comparison), &[a, b]) => {
                let comparison = if truth { *comparison } else { opposite(*comparison) };
                let within = match (constant(a), constant(b)) {
                    (None, Some(bound)) => Range::of(comparison, bound).map(|range| (a, range)),
                    (Some(bound), None) => Range::of(mirrored(comparison), bound).map(|range| (b, range)),
                    _ => None,
                };
                match within {
                    Some((id, range)) => Atom::Within(id, range),
                    None if a <= b => Atom::Ordered(a, b, orders(comparison)),
                    None => Atom::Ordered(b, a, orders(mirrored(comparison))),
                }
            }
            _ => Atom::Is(id, truth),
        }
    }

    /// Adds what an atom says; false when it contradicts what is known.
    fn add(&self, facts: &mut Facts, atom: Atom) -> bool {
        match atom {
            Atom::Always(truth) => truth,
            Atom::Is(id, truth) => *facts.is.entry(id).or_insert(truth) == truth,
            Atom::Ordered(a, b, allowed) => {
                let known = facts.ordered.entry((a, b)).or_insert(LESS | EQUAL | GREATER);
                *known &= allowed;
                // A value compared with itself is equal.
                *known != 0 && (a != b || *known & EQUAL != 0)
            }
            Atom::Within(id, range) => {
                let whole = self.ranges.get(id).copied().unwrap_or(Range::ANY);
                let known = facts.within.entry(id).or_insert(whole);
                *known = known.and(range);
                !known.is_empty()
            }
        }
    }

    /// Whether a condition holds wherever the facts do.
    pub fn follows(&mut self, facts: &Facts, root: NodeId) -> bool {
        self.steps = 0;
        self.implied(facts, root, true)
    }

    fn implied(&mut self, facts: &Facts, id: NodeId, truth: bool) -> bool {
        self.steps += 1;
        let Some(node) = self.nodes.get(id) else { return false };
        if self.steps > STEPS_MAX {
            return false;
        }
        let inputs = node.inputs.clone();
        match (&node.op, truth) {
            (Op::Elementwise(Elementwise::And), true) | (Op::Elementwise(Elementwise::Or), false) => {
                inputs.into_iter().all(|input| self.implied(facts, input, truth))
            }
            (Op::Elementwise(Elementwise::And | Elementwise::Or), _) => {
                inputs.into_iter().any(|input| self.implied(facts, input, truth))
            }
            (Op::Elementwise(Elementwise::Not), _) => {
                inputs.into_iter().all(|input| self.implied(facts, input, !truth))
            }
            _ => match self.atom(id, truth) {
                Atom::Always(truth) => truth,
                Atom::Is(id, truth) => facts.is.get(&id) == Some(&truth),
                Atom::Ordered(a, b, allowed) => facts.ordered.get(&(a, b)).is_some_and(|known| known & !allowed == 0),
                Atom::Within(id, range) => facts.within.get(&id).is_some_and(|known| known.is_within(range)),
            },
        }
    }
}
