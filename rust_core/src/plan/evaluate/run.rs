//! Walks one lane through a program, block by block.

use super::columns::Stored;
use super::elementwise::{self, Input};
use super::judge::{Before, judge};
use super::lanes::Lane;
use super::program::{Action, Instruction, Operand, Program, Target};
use super::truths::Truths;
use crate::indicators::Indicator;
use std::ops::Range;

/// What a program leaves behind for one lane, in the order of `Program::columns` and `Program::truths`.
pub(super) struct LaneColumns {
    pub values: Vec<Vec<f64>>,
    pub truths: Vec<Truths>,
}

struct Lanework<'a> {
    lane: &'a Lane<'a>,
    index: usize,
    stored: &'a [Stored],
    sets: &'a [Vec<String>],
    slots: Vec<Vec<f64>>,
    columns: Vec<Vec<f64>>,
    truths: Vec<Truths>,
    machines: Vec<Box<dyn Indicator>>,
    latches: Vec<bool>,
    judges: Vec<Before>,
}

/// Runs the program over all bars of a lane.
pub(super) fn run(program: &Program, lane: &Lane, index: usize, stored: &[Stored], block_bars: usize) -> LaneColumns {
    let block_bars = block_bars.clamp(1, lane.bars.max(1));
    let mut work = Lanework {
        lane,
        index,
        stored,
        sets: &program.sets,
        slots: vec![vec![f64::NAN; block_bars]; program.slots],
        columns: program.columns.iter().map(|_| vec![0.0; lane.bars]).collect(),
        truths: program.truths.iter().map(|_| Truths::with_capacity(lane.bars)).collect(),
        machines: program.machines.iter().map(|(entry, numbers)| (entry.build)(numbers)).collect(),
        latches: vec![false; program.latches],
        judges: (0..program.judges).map(|_| Before::default()).collect(),
    };
    for start in (0..lane.bars).step_by(block_bars) {
        let block = start..lane.bars.min(start + block_bars);
        program.instructions.iter().for_each(|instruction| work.execute(instruction, &block));
    }
    LaneColumns { values: work.columns, truths: work.truths }
}

impl Lanework<'_> {
    fn execute(&mut self, instruction: &Instruction, block: &Range<usize>) {
        if let Action::Machine(machine) = instruction.action {
            return self.run_machine(machine, instruction, block);
        }
        if let (Action::Pack(column), Some(Operand::Slot(slot))) = (&instruction.action, instruction.inputs.first()) {
            return self.truths[*column].extend(&self.slots[*slot][..block.len()]);
        }
        if let (Action::Judge(state, asked), &[a, b]) = (&instruction.action, instruction.inputs.as_slice()) {
            let (mut before, mut truths) = (std::mem::take(&mut self.judges[*state]), std::mem::take(&mut self.truths));
            judge(&mut before, (self.input(a, block), self.input(b, block)), block.len(), asked, &mut truths);
            (self.judges[*state], self.truths) = (before, truths);
            return;
        }
        let Some(&target) = instruction.outputs.first() else { return };
        // The buffer steps aside while the others are read; no instruction reads what it writes.
        let mut buffer = self.take(target);
        let out = match target {
            Target::Slot(_) => &mut buffer[..block.len()],
            Target::Column(_) => &mut buffer[block.clone()],
        };
        let input = |index: usize| self.input(instruction.inputs[index], block);
        match instruction.action {
            Action::Arithmetic(operation) => elementwise::arithmetic(operation, input(0), input(1), out),
            Action::Compare(comparison) => elementwise::compare(comparison, input(0), input(1), out),
            Action::Elementwise(function) => {
                let inputs: Vec<Input> = (0..instruction.inputs.len()).map(input).collect();
                elementwise::elementwise(function, &inputs, out);
            }
            Action::AsOfDay { price, volume } => {
                let factors = self.lane.factors.map(|(p, v)| (&p[block.clone()], &v[block.clone()]));
                elementwise::as_of_day(price, volume, input(0), factors, out);
            }
            Action::Regime(latch) => {
                let state = elementwise::regime(self.latches[latch], input(0), input(1), out);
                self.latches[latch] = state;
            }
            Action::Gather(node) => {
                if let Stored::Market(column) = self.stored[node].own() {
                    for (slot, bar) in out.iter_mut().zip(block.clone()) {
                        *slot = column[self.lane.steps.at(bar)];
                    }
                }
            }
            Action::Unpack(node) => {
                if let Stored::Truths(lanes) = self.stored[node].own() {
                    let values = lanes[self.index].values(block.clone());
                    out.iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
                }
            }
            Action::Copy => input(0).copy_to(out),
            Action::Machine(_) | Action::Pack(_) | Action::Judge(..) => {}
        }
        self.put(target, buffer);
    }

    fn run_machine(&mut self, machine: usize, instruction: &Instruction, block: &Range<usize>) {
        let mut buffers: Vec<Vec<f64>> = instruction.outputs.iter().map(|&target| self.take(target)).collect();
        let mut state = std::mem::take(&mut self.machines);
        {
            let mut outputs: Vec<&mut [f64]> = buffers
                .iter_mut()
                .zip(&instruction.outputs)
                .map(|(buffer, target)| match target {
                    Target::Slot(_) => &mut buffer[..block.len()],
                    Target::Column(_) => &mut buffer[block.clone()],
                })
                .collect();
            let inputs: Vec<&[f64]> = instruction
                .inputs
                .iter()
                .map(|&operand| match self.input(operand, block) {
                    Input::Series(values) => values,
                    Input::Constant(_) => &[],
                })
                .collect();
            state[machine].block(&inputs, &mut outputs);
        }
        self.machines = state;
        for (&target, buffer) in instruction.outputs.iter().zip(buffers) {
            self.put(target, buffer);
        }
    }

    fn take(&mut self, target: Target) -> Vec<f64> {
        std::mem::take(match target {
            Target::Slot(slot) => &mut self.slots[slot],
            Target::Column(column) => &mut self.columns[column],
        })
    }

    fn put(&mut self, target: Target, buffer: Vec<f64>) {
        match target {
            Target::Slot(slot) => self.slots[slot] = buffer,
            Target::Column(column) => self.columns[column] = buffer,
        }
    }

    fn input(&self, operand: Operand, block: &Range<usize>) -> Input<'_> {
        match operand {
            Operand::Constant(value) => Input::Constant(value),
            Operand::Sector => Input::Constant(self.lane.sector),
            Operand::Among(set) => Input::Constant(self.lane.is_among(&self.sets[set])),
            Operand::Field(field) => Input::Series(&self.lane.fields[field][block.clone()]),
            Operand::Slot(slot) => Input::Series(&self.slots[slot][..block.len()]),
            Operand::Written(column) => Input::Series(&self.columns[column][block.clone()]),
            Operand::Earlier(node) => match self.stored[node].own() {
                Stored::PerLane(lanes) => Input::Series(&lanes[self.index][block.clone()]),
                Stored::Market(column) => Input::Series(&column[block.clone()]),
                Stored::Truths(_) | Stored::Absent | Stored::Given(_) => Input::Constant(f64::NAN),
            },
        }
    }
}
