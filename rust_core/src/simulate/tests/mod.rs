//! Hand-worked ledgers and properties of whole runs. Every expected number is worked out in the comment beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod additions;
mod carry;
mod conventions;
mod corporate;
mod costs;
mod cues;
mod driven;
mod groups;
mod impact;
mod limits;
mod orders;
mod portfolio;
mod properties;
mod rules;
mod series;
mod skip;
mod whole;

use crate::bars::{Action, NO_BAR, Panel, Placement, Quotes, SymbolBars, Timeline};
use crate::kernel::OrderStatus;
use crate::plan::*;
use crate::signature::{Field, Settle};
use crate::simulate::config::{CommissionConfig, SlippageConfig};
use crate::simulate::{RunOutput, Signals, SimulationConfig, run_on};
use crate::units::Unit;
use std::borrow::Cow;

/// 2024-01-02, a Tuesday: 54 years of 365 days, 13 leap days and one day after 1970-01-01.
pub const FIRST_DATE: i32 = 54 * 365 + 13 + 1;
const DAY_NS: i64 = 86_400_000_000_000;

/// Open, high, low, close.
pub type Bar = [f64; 4];

/// A bar of one price.
pub fn flat(price: f64) -> Bar {
    [price; 4]
}

/// A plan, its bars and its columns, put together by hand.
pub struct Case {
    pub plan: Plan,
    pub config: SimulationConfig,
    bars: Vec<(&'static str, Vec<Option<Bar>>)>,
    pub volume: f64,
    /// By session.
    pub dates: Vec<i32>,
    /// By step; a session of several bars makes all of them minutes.
    pub sessions: Vec<u32>,
    pub actions: Vec<(&'static str, Action)>,
    /// Bid and ask of each bar of a symbol.
    pub quotes: Vec<(&'static str, [Vec<f64>; 2])>,
    /// By node, symbol and step.
    columns: Columns,
}

#[derive(Default)]
pub struct Columns(Vec<Vec<Vec<f64>>>);

impl Signals for Columns {
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        &self.0[node][symbol]
    }

    fn market(&self, node: NodeId) -> &[f64] {
        &self.0[node][0]
    }
}

/// A long-only market-order plan that buys 100 shares, without costs or limits, from $100,000.
pub fn case(bars: &[(&'static str, &[Bar])]) -> Case {
    let bars = bars.iter().map(|(name, bars)| (*name, bars.iter().map(|bar| Some(*bar)).collect())).collect();
    sparse_case(bars)
}

/// The same with missing bars.
pub fn sparse_case(bars: Vec<(&'static str, Vec<Option<Bar>>)>) -> Case {
    let steps = bars[0].1.len() as i32;
    let symbols: Vec<String> = bars.iter().map(|(name, _)| (*name).to_string()).collect();
    Case {
        plan: Plan {
            name: "by hand".into(),
            sectors: vec![None; symbols.len()],
            symbols,
            timeframe: "1Day".into(),
            contexts: vec![Context { symbol: None, timeframe: None }],
            nodes: Vec::new(),
            groups: Vec::new(),
            member: None,
            rules: Some(Rules::default()),
            portfolio: None,
            close_on_leave: true,
            min_hold_days: 0,
            sizing: Sizing {
                method: SizingMethod::FixedShares { shares: 100.0 },
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
            settle: Settle::Bars(0),
            hash: String::new(),
        },
        config: SimulationConfig {
            capital_usd: "100000".into(),
            from_ns: None,
            to_ns: None,
            commission: CommissionConfig::Zero,
            regulatory_fees: false,
            borrow_frac: 0.0,
            interest: None,
            slippage: SlippageConfig::Zero,
            max_participation_frac: None,
            policy: None,
            waive: Vec::new(),
            resume_after_sessions: 20,
            cash_buffer_frac: 0.01,
            conventions: "native".into(),
        },
        bars,
        volume: 1e7,
        dates: (0..steps).map(|day| FIRST_DATE + day).collect(),
        sessions: (0..steps as u32).collect(),
        actions: Vec::new(),
        quotes: Vec::new(),
        columns: Columns::default(),
    }
}

impl Case {
    /// A column per symbol, one value per bar of it.
    pub fn node(&mut self, unit: Unit, columns: Vec<Vec<f64>>) -> NodeId {
        self.plan.nodes.push(Node {
            op: Op::Bar(Field::Close),
            inputs: Vec::new(),
            context: 0,
            scope: Scope::Symbol,
            unit,
            warm_up: 0,
            text: String::new(),
        });
        self.columns.0.push(columns);
        self.plan.nodes.len() - 1
    }

    /// True at the given bars of the only symbol.
    pub fn when(&mut self, bars: &[usize]) -> NodeId {
        self.when_each(&[bars])
    }

    /// True at the given bars of each symbol.
    pub fn when_each(&mut self, bars: &[&[usize]]) -> NodeId {
        let lengths: Vec<usize> = self.bars.iter().map(|(_, bars)| bars.iter().flatten().count()).collect();
        let column =
            |(at, length): (&&[usize], usize)| (0..length).map(|bar| f64::from(u8::from(at.contains(&bar)))).collect();
        let columns = bars.iter().zip(lengths).map(column).collect();
        self.node(Unit::Boolean, columns)
    }

    fn position_node(&mut self, op: Op, inputs: Vec<NodeId>) -> NodeId {
        let node = self.node(Unit::Boolean, Vec::new());
        (self.plan.nodes[node].op, self.plan.nodes[node].inputs) = (op, inputs);
        self.plan.nodes[node].scope = Scope::Position;
        node
    }

    /// `position.profit > least and position.bars_held >= sessions`.
    pub fn position_rule(&mut self, least: NodeId, sessions: NodeId) -> NodeId {
        let profit = self.position_node(Op::Position(PositionField::Profit), vec![]);
        let held = self.position_node(Op::Position(PositionField::BarsHeld), vec![]);
        let is_enough = self.position_node(Op::Compare(Comparison::Greater), vec![profit, least]);
        let is_old = self.position_node(Op::Compare(Comparison::GreaterEqual), vec![held, sessions]);
        self.position_node(Op::Elementwise(Elementwise::And), vec![is_enough, is_old])
    }

    /// The same value at every bar of every symbol.
    pub fn constant(&mut self, unit: Unit, value: f64) -> NodeId {
        let columns = self.bars.iter().map(|(_, bars)| vec![value; bars.len()]).collect();
        let node = self.node(unit, columns);
        self.plan.nodes[node].op = Op::Constant(value);
        node
    }

    pub fn rules(&mut self) -> &mut Rules {
        self.plan.rules.as_mut().unwrap()
    }

    /// Buys at the decision of the given bars.
    pub fn buy_at(mut self, bars: &[usize]) -> Self {
        let node = self.when(bars);
        self.rules().long = Some(node);
        self
    }

    pub fn short_at(mut self, bars: &[usize]) -> Self {
        let node = self.when(bars);
        self.rules().short = Some(node);
        self
    }

    pub fn exit_at(mut self, bars: &[usize]) -> Self {
        let node = self.when(bars);
        (self.rules().exit_long, self.rules().exit_short) = (Some(node), Some(node));
        self
    }

    pub fn stop_loss(mut self, ratio: f64) -> Self {
        let node = self.constant(Unit::Ratio, ratio);
        self.rules().stop_loss = Some(node);
        self
    }

    pub fn take_profit(mut self, ratio: f64) -> Self {
        let node = self.constant(Unit::Ratio, ratio);
        self.rules().take_profit = Some(node);
        self
    }

    pub fn panel(&self) -> Panel<'static> {
        let steps = self.sessions.len();
        let daily = self.sessions.windows(2).all(|pair| pair[0] != pair[1]);
        let minute = |step: usize| if daily { 0 } else { step as i64 * 60_000_000_000 };
        let stamp = |step: usize| i64::from(self.dates[self.sessions[step] as usize]) * DAY_NS + minute(step);
        let symbol = |(name, bars): &(&'static str, Vec<Option<Bar>>)| {
            let present: Vec<usize> = (0..steps).filter(|&step| bars.get(step).is_some_and(Option::is_some)).collect();
            let column =
                |field: usize| Cow::Owned(present.iter().map(|&step| bars[step].unwrap()[field]).collect::<Vec<f64>>());
            let is_dense = present.last().is_some_and(|last| last - present[0] + 1 == present.len());
            let placement = if is_dense {
                Placement::Dense { first: present[0] }
            } else {
                let mut bar_at = vec![NO_BAR; steps];
                present.iter().enumerate().for_each(|(bar, &step)| bar_at[step] = bar as u32);
                Placement::Sparse { step_of: present.iter().map(|&step| step as u32).collect(), bar_at }
            };
            let mut columns = SymbolBars {
                symbol: (*name).to_string(),
                open: column(0),
                high: column(1),
                low: column(2),
                close: column(3),
                volume: Cow::Owned(vec![self.volume; present.len()]),
                quotes: self
                    .quotes
                    .iter()
                    .find(|(of, _)| of == name)
                    .map(|(_, [bid, ask])| Quotes { bid: Cow::Owned(bid.clone()), ask: Cow::Owned(ask.clone()) }),
                placement,
                actions: self.actions.iter().filter(|(of, _)| of == name).map(|(_, action)| *action).collect(),
                adjusted_only: false,
                forward: None,
            };
            columns.adjust().unwrap();
            columns
        };
        Panel {
            timeline: Timeline {
                ts_ns: Cow::Owned((0..steps).map(stamp).collect()),
                session: Cow::Owned(self.sessions.clone()),
                dates: self.dates.clone(),
                daily,
            },
            symbols: self.bars.iter().map(symbol).collect(),
        }
    }

    pub fn run(&self) -> RunOutput {
        run_on(&self.plan, &self.panel(), &self.columns, &self.config).unwrap()
    }
}

/// Step, signed shares and price of each fill.
pub fn fills(output: &RunOutput) -> Vec<(usize, f64, f64)> {
    let rows = &output.fills;
    (0..rows.order_id.len())
        .map(|row| {
            let step = (rows.filled_ns[row] / DAY_NS) as i32 - FIRST_DATE;
            let signed = rows.side[row].sign() as f64 * rows.quantity[row].to_f64();
            (step as usize, signed, rows.price[row].to_f64())
        })
        .collect()
}

/// Cash after each step, in dollars.
pub fn cash(output: &RunOutput) -> Vec<f64> {
    output.equity.cash().iter().map(|cash| cash.to_f64()).collect()
}

pub fn equity(output: &RunOutput) -> Vec<f64> {
    output.equity.equity.iter().map(|equity| equity.to_f64()).collect()
}

pub fn statuses(output: &RunOutput) -> Vec<(&'static str, OrderStatus)> {
    output.orders.rows.iter().map(|order| (order.order_type.as_str(), order.status)).collect()
}
