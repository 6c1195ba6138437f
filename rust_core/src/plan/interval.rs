//! What values a node can take, whatever the prices are; and whether conditions on them can hold together.
//!
//! Reasoning is one-sided: an answer "impossible" is proven, "possible" only means that nothing was found.

use super::node::{
    Arithmetic, CalendarFunction, Comparison, CrossSection, Elementwise, Node, NodeId, Op, PositionField, Reduction,
};
use std::collections::{BTreeMap, BTreeSet};

/// Ends of an interval; an open end does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
    pub is_low_open: bool,
    pub is_high_open: bool,
}

impl Range {
    pub const ANY: Self = Self::closed(f64::NEG_INFINITY, f64::INFINITY);
    const POSITIVE: Self = Self::closed(0.0, f64::INFINITY);

    pub const fn closed(low: f64, high: f64) -> Self {
        Self { low, high, is_low_open: false, is_high_open: false }
    }

    pub fn is_empty(self) -> bool {
        self.low > self.high || (self.low == self.high && (self.is_low_open || self.is_high_open))
    }

    pub fn and(self, other: Self) -> Self {
        let (low, is_low_open) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Less => (other.low, other.is_low_open),
            std::cmp::Ordering::Greater => (self.low, self.is_low_open),
            std::cmp::Ordering::Equal => (self.low, self.is_low_open || other.is_low_open),
        };
        let (high, is_high_open) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Less => (self.high, self.is_high_open),
            std::cmp::Ordering::Greater => (other.high, other.is_high_open),
            std::cmp::Ordering::Equal => (self.high, self.is_high_open || other.is_high_open),
        };
        Self { low, high, is_low_open, is_high_open }
    }

    /// Whether every value of this range is one of the other's.
    pub fn is_within(self, other: Self) -> bool {
        self.and(other) == self
    }

    fn hull(self, other: Self) -> Self {
        Self::closed(self.low.min(other.low), self.high.max(other.high))
    }

    /// The values for which `x comparison bound` holds; `None` where that is no interval.
    fn of(comparison: Comparison, bound: f64) -> Option<Self> {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        Some(match comparison {
            Comparison::Less => Self { is_high_open: true, ..Self::closed(low, bound) },
            Comparison::LessEqual => Self::closed(low, bound),
            Comparison::Greater => Self { is_low_open: true, ..Self::closed(bound, high) },
            Comparison::GreaterEqual => Self::closed(bound, high),
            Comparison::Equal => Self::closed(bound, bound),
            Comparison::NotEqual => return None,
        })
    }
}

/// The range of every node, in order.
pub fn ranges(nodes: &[Node]) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let input = |index: usize| node.inputs.get(index).and_then(|&id| ranges.get(id)).copied().unwrap_or(Range::ANY);
        let range = range(&node.op, input);
        // Ends that cancelled out say nothing.
        let is_known = !range.low.is_nan() && !range.high.is_nan();
        ranges.push(if is_known { range } else { Range::ANY });
    }
    ranges
}

fn range(op: &Op, input: impl Fn(usize) -> Range) -> Range {
    match op {
        Op::Constant(value) => Range::closed(*value, *value),
        Op::Bar(_) => Range::POSITIVE,
        Op::AsOfDay { .. } => {
            // A positive factor keeps the sign.
            let inner = input(0);
            let end = |x: f64| if x == 0.0 { 0.0 } else { x.signum() * f64::INFINITY };
            Range::closed(
                if inner.low >= 0.0 { 0.0 } else { end(inner.low) },
                if inner.high <= 0.0 { 0.0 } else { end(inner.high) },
            )
        }
        Op::Bridge => input(0),
        Op::Indicator { function, output, .. } => {
            let first = input(function.reads.len());
            indicator(function.name, function.outputs.get(*output).map_or("", |o| o.name), first)
        }
        Op::Arithmetic(operation) => arithmetic(*operation, input(0), input(1)),
        Op::Elementwise(function) => elementwise(*function, input),
        Op::CrossSection { function, numbers, .. } => match function {
            CrossSection::Rank => Range::closed(1.0, f64::INFINITY),
            CrossSection::Percentile => Range::closed(0.0, 1.0),
            CrossSection::Bucket => Range::closed(1.0, numbers.first().copied().unwrap_or(f64::INFINITY)),
            CrossSection::Winsorize | CrossSection::Quantile => input(0),
            _ => Range::ANY,
        },
        Op::Reduction(function) => match function {
            Reduction::Breadth => Range::closed(0.0, 1.0),
            Reduction::CountTrue => Range::POSITIVE,
            Reduction::Mean | Reduction::Median => input(0),
            Reduction::Sum => Range::ANY,
        },
        Op::Calendar(function) => match function {
            CalendarFunction::DayOfWeek => Range::closed(1.0, 5.0),
            CalendarFunction::Month => Range::closed(1.0, 12.0),
            CalendarFunction::IsMonthEnd => Range::ANY,
            CalendarFunction::SessionsToMonthEnd => Range::closed(0.0, 23.0),
        },
        Op::Position(field) => match field {
            PositionField::EntryPrice | PositionField::BarsHeld | PositionField::DaysHeld => Range::POSITIVE,
            PositionField::FromBest => Range::closed(f64::NEG_INFINITY, 0.0),
            _ => Range::ANY,
        },
        Op::Sector | Op::Compare(_) | Op::Regime => Range::ANY,
    }
}

fn indicator(name: &str, output: &str, first: Range) -> Range {
    match (name, output) {
        ("rsi" | "mfi" | "ultosc" | "adx" | "plus_di" | "minus_di" | "percent_rank" | "stochrsi", _) => {
            Range::closed(0.0, 100.0)
        }
        ("stoch", _) | ("aroon", "up" | "down") => Range::closed(0.0, 100.0),
        ("willr", _) => Range::closed(-100.0, 0.0),
        ("cmo" | "tsi", _) | ("aroon", "oscillator") => Range::closed(-100.0, 100.0),
        ("correl" | "cmf", _) => Range::closed(-1.0, 1.0),
        ("linreg_r2", _) => Range::closed(0.0, 1.0),
        ("atr" | "natr" | "true_range" | "stddev" | "variance" | "mad" | "bars_since" | "count", _) => Range::POSITIVE,
        ("change_ratio", _) if first.low >= 0.0 => Range::closed(-1.0, f64::INFINITY),
        // Averages and picks stay among the values they are made of.
        (
            "sma" | "ema" | "wma" | "rma" | "trima" | "vwma" | "kama" | "median" | "quantile" | "highest" | "lowest"
            | "lag",
            "",
        ) => first,
        _ => Range::ANY,
    }
}

fn arithmetic(operation: Arithmetic, a: Range, b: Range) -> Range {
    match operation {
        Arithmetic::Add => Range::closed(a.low + b.low, a.high + b.high),
        Arithmetic::Subtract => Range::closed(a.low - b.high, a.high - b.low),
        Arithmetic::Multiply if b.low == b.high => scaled(a, b.low),
        Arithmetic::Multiply if a.low == a.high => scaled(b, a.low),
        Arithmetic::Multiply if a.low >= 0.0 && b.low >= 0.0 => Range::POSITIVE,
        Arithmetic::Divide if b.low == b.high && b.low != 0.0 => scaled(a, 1.0 / b.low),
        Arithmetic::Divide if a.low >= 0.0 && b.low >= 0.0 => Range::POSITIVE,
        _ => Range::ANY,
    }
}

fn scaled(range: Range, by: f64) -> Range {
    let (low, high) = (range.low * by, range.high * by);
    if by < 0.0 { Range::closed(high, low) } else { Range::closed(low, high) }
}

fn elementwise(function: Elementwise, input: impl Fn(usize) -> Range) -> Range {
    let first = input(0);
    match function {
        Elementwise::Negate => Range::closed(-first.high, -first.low),
        Elementwise::Abs if first.low >= 0.0 => first,
        Elementwise::Abs | Elementwise::Sqrt | Elementwise::Exp => Range::POSITIVE,
        Elementwise::Sign => Range::closed(-1.0, 1.0),
        Elementwise::Min => Range::closed(first.low.min(input(1).low), first.high.min(input(1).high)),
        Elementwise::Max => Range::closed(first.low.max(input(1).low), first.high.max(input(1).high)),
        Elementwise::Clip => Range::closed(input(1).low, input(2).high),
        Elementwise::Coalesce => first.hull(input(1)),
        Elementwise::If => input(1).hull(input(2)),
        _ => Range::ANY,
    }
}

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::indicators::CATALOG;
    use crate::signature::{Accepts, Field};

    /// Bars that trend, reverse, stand still and gap, as open, high, low, close, volume.
    fn bars() -> Vec<[f64; 5]> {
        let mut state = 7_u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut close = 50.0;
        let mut bars = Vec::new();
        for bar in 0..3_000 {
            let open = close;
            close *= match bar / 100 % 4 {
                0 => 1.0 + 0.02 * random(),
                1 => 1.0 - 0.019 * random(),
                2 => 1.0,
                _ => 0.9 + 0.2 * random(),
            };
            let (high, low) = (open.max(close) * (1.0 + 0.02 * random()), open.min(close) * (1.0 - 0.02 * random()));
            bars.push([open, high, low, close, (1e6 * random()).floor()]);
        }
        bars
    }

    #[test]
    fn functions_stay_within_the_range_that_lint_assumes() {
        let bars = bars();
        for entry in CATALOG {
            let function = &entry.signature;
            let number = |accepts: Accepts, default: Option<f64>| match accepts {
                Accepts::Length { min, max } => default.unwrap_or(5.0).clamp(f64::from(min), f64::from(max)),
                _ => default.unwrap(),
            };
            let numbers: Vec<f64> = function.constants().map(|p| number(p.accepts, p.default)).collect();
            let ranges: Vec<Range> = (0..function.outputs.len())
                .map(|output| range(&Op::Indicator { function, numbers: numbers.clone(), output }, |_| Range::POSITIVE))
                .collect();
            let mut machine = (entry.build)(&numbers);
            let mut outputs = vec![f64::NAN; ranges.len()];
            for row in &bars {
                let field = |field: &Field| row[*field as usize];
                let mut inputs: Vec<f64> = function.reads.iter().map(field).collect();
                for (index, param) in function.series().enumerate() {
                    let is_condition = param.accepts == Accepts::BooleanSeries;
                    inputs.push(if is_condition { f64::from(u8::from(row[3] > row[0])) } else { row[3 - index % 2] });
                }
                machine.step(&inputs, &mut outputs);
                for (value, range) in outputs.iter().zip(&ranges) {
                    let slack = 1e-9 * value.abs().max(1.0);
                    let is_inside = value.is_nan() || (range.low - slack <= *value && *value <= range.high + slack);
                    assert!(is_inside, "{} gave {value}, outside of {range:?}", function.name);
                }
            }
        }
    }

    #[test]
    fn ranges_meet_with_open_and_closed_ends() {
        let below = Range::of(Comparison::Less, 5.0).unwrap();
        let from = Range::of(Comparison::GreaterEqual, 5.0).unwrap();
        assert!(below.and(from).is_empty());
        assert!(!Range::of(Comparison::LessEqual, 5.0).unwrap().and(from).is_empty());
        assert!(below.is_within(Range::ANY) && !Range::ANY.is_within(below));
    }
}
