//! Position-stage conditions: evaluated per open position at a close, with the same logic as columns.
//!
//! A program is a list of steps over slots, made once per root; running it allocates nothing. Market-stage inputs are
//! read from columns; only nodes that depend on the position are computed.

use super::node::{NodeId, Op, Plan, PositionField, Scope};
use crate::logic;

/// What is known of one open position at the close; see [`PositionField`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PositionValues {
    pub entry_price: f64,
    pub bars_held: f64,
    pub days_held: f64,
    pub profit: f64,
    pub best_profit: f64,
    pub from_best: f64,
    pub quantity: f64,
    pub weight: f64,
    pub is_long: bool,
    pub entries: f64,
    pub partials: f64,
    pub last_entry_price: f64,
    pub bars_since_entry: f64,
}

impl PositionValues {
    /// The value of one field; conditions are 1 or 0.
    pub fn get(&self, field: PositionField) -> f64 {
        match field {
            PositionField::EntryPrice => self.entry_price,
            PositionField::BarsHeld => self.bars_held,
            PositionField::DaysHeld => self.days_held,
            PositionField::Profit => self.profit,
            PositionField::BestProfit => self.best_profit,
            PositionField::FromBest => self.from_best,
            PositionField::Quantity => self.quantity,
            PositionField::Weight => self.weight,
            PositionField::IsLong => logic::truth(self.is_long),
            PositionField::IsShort => logic::truth(!self.is_long),
            PositionField::Entries => self.entries,
            PositionField::Partials => self.partials,
            PositionField::LastEntryPrice => self.last_entry_price,
            PositionField::BarsSinceEntry => self.bars_since_entry,
        }
    }
}

/// One step: the operation of a node on earlier steps, columns and constants.
#[derive(Debug, Clone)]
struct Step {
    op: Op,
    inputs: [Source; 3],
    /// How many of them count.
    count: usize,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Slot(usize),
    /// By place in `Program::columns`.
    Column(usize),
    Constant(f64),
}

/// A root as steps, each after its inputs.
#[derive(Debug, Clone)]
pub struct Program {
    steps: Vec<Step>,
    columns: Vec<NodeId>,
}

impl Program {
    /// The steps of a position-stage root.
    pub fn new(plan: &Plan, root: NodeId) -> Self {
        let is_position = |id: NodeId| plan.nodes.get(id).is_some_and(|n| n.scope == Scope::Position);
        let mut needed = vec![false; plan.nodes.len().min(root.saturating_add(1))];
        if let Some(flag) = needed.get_mut(root) {
            *flag = is_position(root);
        }
        for id in (0..needed.len()).rev().filter(|&id| is_position(id)) {
            if needed[id] {
                plan.nodes[id]
                    .inputs
                    .iter()
                    .filter(|&&input| is_position(input))
                    .for_each(|&input| needed[input] = true);
            }
        }
        let slot_of = |id: NodeId| needed.iter().take(id).filter(|n| **n).count();
        let mut columns = Vec::new();
        let mut source = |id: NodeId| match plan.nodes[id].op {
            _ if is_position(id) => Source::Slot(slot_of(id)),
            Op::Constant(value) => Source::Constant(value),
            _ => {
                let place = columns.iter().position(|&column| column == id).unwrap_or(columns.len());
                if place == columns.len() {
                    columns.push(id);
                }
                Source::Column(place)
            }
        };
        let step = |id: NodeId| {
            let node = &plan.nodes[id];
            let mut inputs = [Source::Constant(f64::NAN); 3];
            inputs.iter_mut().zip(&node.inputs).for_each(|(input, &id)| *input = source(id));
            Step { op: node.op.clone(), inputs, count: node.inputs.len().min(3) }
        };
        let steps = (0..needed.len()).filter(|&id| needed[id]).map(step).collect();
        Self { steps, columns }
    }

    /// Market-stage nodes that the program reads.
    pub fn columns(&self) -> &[NodeId] {
        &self.columns
    }

    /// The root's value. `column` gives this bar's value of a node by its place in `columns`; `slots` is scratch space
    /// that grows once and is then reused.
    pub fn run(&self, slots: &mut Vec<f64>, column: &impl Fn(usize) -> f64, position: &PositionValues) -> f64 {
        slots.clear();
        for Step { op, inputs, count } in &self.steps {
            let values = inputs.map(|source| match source {
                Source::Slot(slot) => slots[slot],
                Source::Column(place) => column(place),
                Source::Constant(value) => value,
            });
            slots.push(apply(op, &values[..*count], position));
        }
        slots.last().copied().unwrap_or(f64::NAN)
    }
}

/// The value of a root for one position; `columns` gives market-stage values of this bar. Prefer a [`Program`] where
/// a root is asked for more than once.
pub fn eval(plan: &Plan, node: NodeId, columns: &impl Fn(NodeId) -> f64, position: &PositionValues) -> f64 {
    let Some(found) = plan.nodes.get(node) else { return f64::NAN };
    if found.scope != Scope::Position {
        return columns(node);
    }
    // Depth is bounded when the plan is compiled.
    let mut values = [f64::NAN; 3];
    for (value, &input) in values.iter_mut().zip(&found.inputs) {
        *value = eval(plan, input, columns, position);
    }
    apply(&found.op, values.get(..found.inputs.len().min(3)).unwrap_or(&values), position)
}

fn apply(op: &Op, values: &[f64], position: &PositionValues) -> f64 {
    match (op, values) {
        (Op::Position(field), _) => position.get(*field),
        (Op::Arithmetic(operation), &[a, b]) => logic::arithmetic(*operation, a, b),
        (Op::Compare(comparison), &[a, b]) => logic::compare(a, b, *comparison),
        (Op::Elementwise(function), values) => logic::elementwise(*function, values),
        // The invariants let nothing else depend on a position.
        _ => f64::NAN,
    }
}
