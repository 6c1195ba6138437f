//! What values a node can take, whatever the prices are. A range may be too wide, never too narrow.

#[cfg(test)]
mod tests;

use super::node::{
    Arithmetic, CalendarFunction, Comparison, CrossSection, Elementwise, Node, Op, PositionField, Reduction,
};

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
    pub fn of(comparison: Comparison, bound: f64) -> Option<Self> {
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
            PositionField::EntryPrice
            | PositionField::BarsHeld
            | PositionField::DaysHeld
            | PositionField::Partials
            | PositionField::LastEntryPrice
            | PositionField::BarsSinceEntry => Range::POSITIVE,
            PositionField::Entries => Range::closed(1.0, f64::INFINITY),
            PositionField::FromBest => Range::closed(f64::NEG_INFINITY, 0.0),
            _ => Range::ANY,
        },
        Op::Sector | Op::Among(_) | Op::Compare(_) | Op::Regime => Range::ANY,
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
