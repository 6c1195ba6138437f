//! One stage's nodes for one kind of lane, as instructions over block buffers and columns.
//!
//! A buffer is given back after its last reader. Nodes that differ only in which output of an indicator they pick share
//! one machine.

use super::columns::Stored;
use super::judge::Judgement;
use super::lanes::field_index;
use super::stages::{Kind, Stages, is_barrier, is_free, kind_of};
use crate::error::{EngineError, Result};
use crate::indicators::{self, Entry};
use crate::logic::{Arithmetic, Comparison, Elementwise};
use crate::plan::{Node, NodeId, Op, Plan};
use crate::units::Unit;
use rustc_hash::FxHashMap;

/// Where an instruction reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operand {
    Constant(f64),
    /// The lane's sector label.
    Sector,
    /// Whether the lane's symbol is in one of the program's sets.
    Among(usize),
    /// A column of the lane's bars.
    Field(usize),
    /// A block buffer.
    Slot(usize),
    /// A column that this program writes.
    Written(usize),
    /// A column of an earlier stage, of the same lane.
    Earlier(NodeId),
}

/// Where an instruction writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Slot(usize),
    Column(usize),
}

pub(super) enum Action {
    /// A state machine; the number counts machines.
    Machine(usize),
    Arithmetic(Arithmetic),
    Compare(Comparison),
    Elementwise(Elementwise),
    AsOfDay {
        price: i8,
        volume: i8,
    },
    /// A latch; the number counts latches.
    Regime(usize),
    /// The market's values at the steps of the lane's bars.
    Gather(NodeId),
    /// Truths of an earlier stage, written out.
    Unpack(NodeId),
    /// Asks of the two inputs what goes to columns of truths; the number counts those that ask. Has no other output.
    Judge(usize, Vec<(Judgement, usize)>),
    /// Appends a block of truths to a column that the program leaves behind; has no other output.
    Pack(usize),
    Copy,
}

pub(super) struct Instruction {
    pub action: Action,
    pub inputs: Vec<Operand>,
    pub outputs: Vec<Target>,
}

pub(super) struct Program {
    pub instructions: Vec<Instruction>,
    pub slots: usize,
    /// Nodes whose columns the program leaves behind, and those of which it leaves truths.
    pub columns: Vec<NodeId>,
    pub truths: Vec<NodeId>,
    /// How to start each machine.
    pub machines: Vec<(&'static Entry, Vec<f64>)>,
    pub latches: usize,
    pub judges: usize,
    /// Sets of symbols, each in name order.
    pub sets: Vec<Vec<String>>,
}

struct Builder<'a> {
    plan: &'a Plan,
    stages: &'a Stages,
    stored: &'a [Stored],
    kind: Kind,
    program: Program,
    /// By node: where it is read.
    place: Vec<Option<Operand>>,
    /// By node: the position in the program's order after which nobody reads it.
    last_use: Vec<Option<usize>>,
    free: Vec<usize>,
    /// Buffers needed for the current node only.
    temporary: Vec<usize>,
    /// Buffers of truths to keep, and which column they belong to.
    unpacked: Vec<(usize, usize)>,
    /// Instructions that judge, by the nodes that they compare.
    judges: FxHashMap<[NodeId; 2], usize>,
}

impl Program {
    pub(super) fn new(plan: &Plan, stages: &Stages, stored: &[Stored], stage: usize, kind: Kind) -> Result<Self> {
        let in_program = |id: NodeId| {
            let node = &plan.nodes[id];
            let own = stages.stage[id] == Some(stage) && kind_of(node) == kind && !is_barrier(&node.op);
            own && (!is_free(&node.op) || stages.stored[id])
        };
        let order: Vec<NodeId> = (0..plan.nodes.len()).filter(|&id| in_program(id)).collect();
        let mut last_use = vec![None; plan.nodes.len()];
        for (position, &id) in order.iter().enumerate() {
            last_use[id].get_or_insert(position);
            plan.nodes[id].inputs.iter().for_each(|&input| last_use[input] = Some(position));
        }
        let program = Self {
            instructions: Vec::new(),
            slots: 0,
            columns: Vec::new(),
            truths: Vec::new(),
            machines: Vec::new(),
            latches: 0,
            judges: 0,
            sets: Vec::new(),
        };
        let mut builder = Builder {
            plan,
            stages,
            stored,
            kind,
            program,
            place: vec![None; plan.nodes.len()],
            last_use,
            free: Vec::new(),
            temporary: Vec::new(),
            unpacked: Vec::new(),
            judges: FxHashMap::default(),
        };
        for (position, &id) in order.iter().enumerate() {
            let is_read = builder.last_use[id].is_some_and(|last| last > position);
            if is_read || !builder.judge(id) {
                builder.add(id, &order[position..])?;
            }
            builder.give_back(id, position);
        }
        Ok(builder.program)
    }
}

impl Builder<'_> {
    /// Adds a condition that is kept and not read in this program; answers whether it is one.
    fn judge(&mut self, id: NodeId) -> bool {
        let node = &self.plan.nodes[id];
        let judgement = match &node.op {
            Op::Compare(comparison) => Some(Judgement::Compare(*comparison)),
            Op::Indicator { function, .. } => Judgement::crossing(function.name),
            _ => None,
        };
        let (Some(judgement), &[a, b]) = (judgement, node.inputs.as_slice()) else { return false };
        if !self.stages.stored[id] || self.kind == Kind::Market {
            return false;
        }
        let column = self.program.truths.len();
        self.program.truths.push(id);
        if let Some(&place) = self.judges.get(&[a, b])
            && let Action::Judge(_, asked) = &mut self.program.instructions[place].action
        {
            asked.push((judgement, column));
            return true;
        }
        let inputs = vec![self.operand(a), self.operand(b)];
        let action = Action::Judge(self.program.judges, vec![(judgement, column)]);
        self.program.judges += 1;
        self.push(action, inputs, Vec::new());
        self.judges.insert([a, b], self.program.instructions.len() - 1);
        true
    }

    fn add(&mut self, id: NodeId, rest: &[NodeId]) -> Result<()> {
        if self.place[id].is_some() {
            return Ok(());
        }
        let plan = self.plan;
        let node = &plan.nodes[id];
        if let Op::Indicator { .. } = node.op {
            return self.add_machine(id, rest);
        }
        let action = match node.op {
            Op::Arithmetic(operation) => Action::Arithmetic(operation),
            Op::Compare(comparison) => Action::Compare(comparison),
            Op::Elementwise(function) => Action::Elementwise(function),
            Op::AsOfDay { price, volume } => Action::AsOfDay { price, volume },
            Op::Regime => {
                self.program.latches += 1;
                Action::Regime(self.program.latches - 1)
            }
            _ => Action::Copy,
        };
        let inputs = if is_free(&node.op) {
            vec![self.value_of(id)]
        } else {
            node.inputs.iter().map(|&input| self.operand(input)).collect()
        };
        let target = self.target(id);
        self.push(action, inputs, vec![target]);
        Ok(())
    }

    /// Adds one machine for all nodes of the program that read an output of it.
    fn add_machine(&mut self, id: NodeId, rest: &[NodeId]) -> Result<()> {
        let plan = self.plan;
        let node = &plan.nodes[id];
        let Op::Indicator { function, numbers, .. } = &node.op else { return Ok(()) };
        let entry = indicators::find(function.name).ok_or_else(|| EngineError::Shape {
            what: format!("node `{}`", node.text),
            problem: format!("{} is not a function of time", function.name),
        })?;
        let inputs: Vec<Operand> = node.inputs.iter().map(|&input| self.series(input)).collect();
        let mut outputs: Vec<Option<Target>> = vec![None; function.outputs.len()];
        let mut copies = Vec::new();
        for &other in rest {
            match picked_output(node, &plan.nodes[other]) {
                Some(output) if outputs[output].is_none() => outputs[output] = Some(self.target(other)),
                Some(output) => copies.push((other, output)),
                None => {}
            }
        }
        let outputs: Vec<Target> = outputs
            .into_iter()
            .map(|target| {
                target.unwrap_or_else(|| {
                    let slot = self.slot();
                    self.temporary.push(slot);
                    Target::Slot(slot)
                })
            })
            .collect();
        self.program.machines.push((entry, numbers.clone()));
        self.push(Action::Machine(self.program.machines.len() - 1), inputs, outputs.clone());
        for (other, output) in copies {
            let from = match outputs[output] {
                Target::Slot(slot) => Operand::Slot(slot),
                Target::Column(column) => Operand::Written(column),
            };
            let target = self.target(other);
            self.push(Action::Copy, vec![from], vec![target]);
        }
        Ok(())
    }

    fn push(&mut self, action: Action, inputs: Vec<Operand>, outputs: Vec<Target>) {
        self.program.instructions.push(Instruction { action, inputs, outputs });
        for (slot, column) in std::mem::take(&mut self.unpacked) {
            self.push(Action::Pack(column), vec![Operand::Slot(slot)], Vec::new());
        }
    }

    fn slot(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.program.slots += 1;
            self.program.slots - 1
        })
    }

    /// Where a node of this program is written.
    fn target(&mut self, id: NodeId) -> Target {
        let truths = self.plan.nodes[id].unit == Unit::Boolean && self.kind != Kind::Market;
        if self.stages.stored[id] && !truths {
            let column = self.program.columns.len();
            self.program.columns.push(id);
            self.place[id] = Some(Operand::Written(column));
            return Target::Column(column);
        }
        let slot = self.slot();
        self.place[id] = Some(Operand::Slot(slot));
        if self.stages.stored[id] {
            self.unpacked.push((slot, self.program.truths.len()));
            self.program.truths.push(id);
        }
        Target::Slot(slot)
    }

    /// A free node's value.
    fn value_of(&mut self, id: NodeId) -> Operand {
        match &self.plan.nodes[id].op {
            Op::Constant(value) => Operand::Constant(*value),
            Op::Bar(field) => Operand::Field(field_index(*field)),
            Op::Among(symbols) => {
                self.program.sets.push(symbols.clone());
                Operand::Among(self.program.sets.len() - 1)
            }
            _ => Operand::Sector,
        }
    }

    /// Where a node's value is read.
    fn operand(&mut self, id: NodeId) -> Operand {
        if is_free(&self.plan.nodes[id].op) {
            return self.value_of(id);
        }
        if let Some(place) = self.place[id] {
            return place;
        }
        let action = match self.stored[id].own() {
            Stored::Market(_) if self.kind != Kind::Market => Action::Gather(id),
            Stored::Truths(_) => Action::Unpack(id),
            _ => return Operand::Earlier(id),
        };
        let slot = self.slot();
        self.push(action, Vec::new(), vec![Target::Slot(slot)]);
        self.place[id] = Some(Operand::Slot(slot));
        Operand::Slot(slot)
    }

    /// Like `operand`, always a run of values.
    fn series(&mut self, id: NodeId) -> Operand {
        let operand = self.operand(id);
        if !matches!(operand, Operand::Constant(_) | Operand::Sector | Operand::Among(_)) {
            return operand;
        }
        let slot = self.slot();
        self.temporary.push(slot);
        self.push(Action::Copy, vec![operand], vec![Target::Slot(slot)]);
        Operand::Slot(slot)
    }

    /// Frees the buffers that nobody reads after a node, which stands at this position: its own and those of its inputs.
    fn give_back(&mut self, id: NodeId, position: usize) {
        self.free.append(&mut self.temporary);
        for &read in self.plan.nodes[id].inputs.iter().chain(&[id]) {
            let is_last = self.last_use[read].is_none_or(|last| last <= position);
            if let (true, Some(Operand::Slot(slot))) = (is_last, self.place[read]) {
                self.place[read] = None;
                self.free.push(slot);
            }
        }
    }
}

/// The output that `other` picks if it can share the machine of `node`.
fn picked_output(node: &Node, other: &Node) -> Option<usize> {
    let (Op::Indicator { function, numbers, .. }, Op::Indicator { function: f, numbers: n, output }) =
        (&node.op, &other.op)
    else {
        return None;
    };
    let same_numbers = numbers.len() == n.len() && numbers.iter().zip(n).all(|(a, b)| a.to_bits() == b.to_bits());
    (function.name == f.name && same_numbers && node.inputs == other.inputs).then_some(*output)
}
