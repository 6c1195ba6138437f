//! Hand-built plans on hand-built bars; laws for any bars, cuts, blocks and threads stand in `laws`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod adjusted;
mod contexts;
mod laws;
mod members;
mod operators;

use super::*;
use crate::bars::{DatedAction, LongColumns};
use crate::calendar::{DAY_NS, days_from_civil, next_session};
use crate::indicators;
use crate::logic::Comparison;
use crate::plan::{Context, CrossSection, EntryOrder, Execution, Node, Rules, Sizing, SizingMethod, Timeframe};
use crate::signature::{Field, Settle};
use crate::units::Unit;

const NAN: f64 = f64::NAN;

/// Rows of several symbols, one below the other.
#[derive(Debug, Clone, Default)]
struct Table {
    names: Vec<String>,
    code: Vec<u32>,
    ts_ns: Vec<i64>,
    columns: [Vec<f64>; 5],
    actions: Vec<DatedAction>,
}

impl Table {
    /// Adds bars with open, high and low equal to the close and a volume of 100.
    fn add(&mut self, name: &str, bars: &[(i64, f64)]) -> &mut Self {
        let bars: Vec<(i64, [f64; 5])> =
            bars.iter().map(|&(ts, close)| (ts, [close, close, close, close, 100.0])).collect();
        self.add_bars(name, &bars)
    }

    fn add_bars(&mut self, name: &str, bars: &[(i64, [f64; 5])]) -> &mut Self {
        let code = self.names.len() as u32;
        self.names.push(name.into());
        for (ts, bar) in bars {
            self.code.push(code);
            self.ts_ns.push(*ts);
            self.columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(*value));
        }
        self
    }

    fn action(&mut self, name: &str, ts_ns: i64, split: f64, dividend: f64) {
        let symbol = self.names.iter().position(|other| other == name).unwrap() as u32;
        self.actions.push(DatedAction { symbol, ts_ns, split, dividend });
    }

    fn long(&self) -> LongColumns<'_> {
        let [open, high, low, close, volume] = &self.columns;
        LongColumns {
            names: &self.names,
            code: &self.code,
            ts_ns: &self.ts_ns,
            open,
            high,
            low,
            close,
            volume,
            adjusted_only: &[],
        }
    }

    fn panel(&self, daily: bool) -> Panel<'_> {
        Panel::from_long(&self.long(), &self.actions, daily).unwrap()
    }

    /// The rows stamped before an instant.
    fn before(&self, end_ns: i64) -> Self {
        let mut cut = Self { names: self.names.clone(), actions: self.actions.clone(), ..Self::default() };
        for row in (0..self.code.len()).filter(|&row| self.ts_ns[row] < end_ns) {
            cut.code.push(self.code[row]);
            cut.ts_ns.push(self.ts_ns[row]);
            cut.columns.iter_mut().zip(&self.columns).for_each(|(column, from)| column.push(from[row]));
        }
        cut
    }
}

/// Midnight stamps of the first real sessions from a date on.
fn sessions(year: i32, month: u32, day: u32, count: usize) -> Vec<i64> {
    let mut date = days_from_civil(year, month, day) - 1;
    let next = |_| {
        date = next_session(date);
        i64::from(date) * DAY_NS
    };
    (0..count).map(next).collect()
}

/// Daily bars from closes; NaN leaves a session out.
fn daily(stamps: &[i64], closes: &[f64]) -> Vec<(i64, f64)> {
    stamps.iter().copied().zip(closes.iter().copied()).filter(|(_, close)| !close.is_nan()).collect()
}

/// A plan under construction.
struct Draft(Plan);

impl Draft {
    fn new(symbols: &[&str]) -> Self {
        Self(Plan {
            name: "draft".into(),
            symbols: symbols.iter().map(|symbol| symbol.to_string()).collect(),
            timeframe: "1Day".into(),
            contexts: vec![Context { symbol: None, timeframe: None }],
            nodes: Vec::new(),
            groups: Vec::new(),
            sectors: vec![None; symbols.len()],
            member: None,
            rules: Some(Rules::default()),
            portfolio: None,
            close_on_leave: true,
            min_hold_days: 0,
            sizing: Sizing {
                method: SizingMethod::EqualWeight,
                max_position_frac: None,
                max_positions: None,
                fractional: false,
                round_lot: 1,
            },
            execution: Execution {
                entry: EntryOrder::Market,
                exit: EntryOrder::Market,
                limit_offset_frac: 0.0,
                stop_offset_frac: 0.0,
                time_in_force_sessions: 1,
            },
            features: Vec::new(),
            warm_up: 0,
            settle: Settle::Never,
            hash: String::new(),
        })
    }

    fn context(&mut self, symbol: Option<&str>, timeframe: Option<Timeframe>) -> usize {
        self.0.contexts.push(Context { symbol: symbol.map(str::to_string), timeframe });
        self.0.contexts.len() - 1
    }

    fn node(&mut self, op: Op, inputs: &[NodeId], context: usize, scope: Scope) -> NodeId {
        let boolean = matches!(
            op,
            Op::Compare(_)
                | Op::Regime
                | Op::CrossSection { function: CrossSection::Top | CrossSection::Bottom, .. }
                | Op::Elementwise(crate::logic::Elementwise::And | crate::logic::Elementwise::Not)
        );
        let unit = if boolean { Unit::Boolean } else { Unit::Ratio };
        let text = format!("node {}", self.0.nodes.len());
        self.0.nodes.push(Node { op, inputs: inputs.to_vec(), context, scope, unit, warm_up: 0, text });
        self.0.nodes.len() - 1
    }

    /// A node on the members' own bars.
    fn own(&mut self, op: Op, inputs: &[NodeId]) -> NodeId {
        self.node(op, inputs, 0, Scope::Symbol)
    }

    fn market(&mut self, op: Op, inputs: &[NodeId]) -> NodeId {
        self.node(op, inputs, 0, Scope::Market)
    }

    fn constant(&mut self, value: f64) -> NodeId {
        self.market(Op::Constant(value), &[])
    }

    fn bar(&mut self, field: Field) -> NodeId {
        self.own(Op::Bar(field), &[])
    }

    fn indicator(&mut self, name: &str, numbers: &[f64], output: usize, inputs: &[NodeId]) -> NodeId {
        self.own(indicator(name, numbers, output), inputs)
    }

    fn compare(&mut self, comparison: Comparison, a: NodeId, b: NodeId) -> NodeId {
        self.own(Op::Compare(comparison), &[a, b])
    }

    fn across(
        &mut self,
        function: CrossSection,
        numbers: &[f64],
        inputs: &[NodeId],
        mask: bool,
        group: bool,
    ) -> NodeId {
        self.own(Op::CrossSection { function, numbers: numbers.to_vec(), mask, group }, inputs)
    }
}

fn indicator(name: &str, numbers: &[f64], output: usize) -> Op {
    Op::Indicator { function: &indicators::find(name).unwrap().signature, numbers: numbers.to_vec(), output }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[track_caller]
fn assert_same(found: &[f64], expected: &[f64]) {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(same), "{found:?} is not {expected:?}");
}
