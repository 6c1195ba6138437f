//! Time from bars to signals, on one thread: panel, evaluation and the list of true conditions.
//!
//! `cargo bench --bench evaluate` prints the best of several runs; nothing is asserted.

#![allow(clippy::expect_used)]

use oracle_core::bars::{LongColumns, Panel};
use oracle_core::calendar::{DAY_NS, MINUTE_NS, days_from_civil, next_session, session_open_ns};
use oracle_core::indicators;
use oracle_core::logic::Comparison;
use oracle_core::plan::{
    Context, CrossSection, EntryOrder, Execution, Node, NodeId, Op, Plan, Rules, Scope, Sizing, SizingMethod, evaluate,
};
use oracle_core::signature::{Field, Settle};
use oracle_core::units::Unit;
use std::time::Instant;

/// Rows of many symbols, one below the other.
struct Table {
    names: Vec<String>,
    code: Vec<u32>,
    ts_ns: Vec<i64>,
    columns: [Vec<f64>; 5],
}

impl Table {
    /// A walk of seeded steps for each symbol.
    fn new(symbols: usize, stamps: &[i64]) -> Self {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut table = Self {
            names: (0..symbols).map(|index| format!("S{index:04}")).collect(),
            code: Vec::new(),
            ts_ns: Vec::new(),
            columns: Default::default(),
        };
        for code in 0..symbols {
            let mut close = 20.0 + 80.0 * uniform();
            for &ts in stamps {
                let open = close;
                close *= 1.0 + 0.02 * (uniform() - 0.499);
                let (high, low) = (open.max(close) * (1.0 + 0.005 * uniform()), open.min(close) * 0.995);
                table.code.push(code as u32);
                table.ts_ns.push(ts);
                let row = [open, high, low, close, 1e6 * (1.0 + uniform())];
                table.columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
            }
        }
        table
    }

    fn panel(&self, daily: bool) -> Panel<'_> {
        let [open, high, low, close, volume] = &self.columns;
        let columns = LongColumns {
            names: &self.names,
            code: &self.code,
            ts_ns: &self.ts_ns,
            open,
            high,
            low,
            close,
            volume,
            adjusted_only: &[],
        };
        Panel::from_long(&columns, &[], daily).expect("sound bars")
    }
}

struct Graph(Vec<Node>);

impl Graph {
    fn add(&mut self, op: Op, inputs: &[NodeId], scope: Scope, unit: Unit) -> NodeId {
        let node = Node { op, inputs: inputs.to_vec(), context: 0, scope, unit, warm_up: 0, text: String::new() };
        self.0.push(node);
        self.0.len() - 1
    }

    fn indicator(&mut self, name: &str, length: f64, input: NodeId) -> NodeId {
        let function = &indicators::find(name).expect("a catalogued function").signature;
        self.add(Op::Indicator { function, numbers: vec![length], output: 0 }, &[input], Scope::Symbol, Unit::LEVEL)
    }

    fn plan(self, symbols: &[String], timeframe: &str, long: NodeId) -> Plan {
        Plan {
            name: "bench".into(),
            symbols: symbols.to_vec(),
            timeframe: timeframe.into(),
            contexts: vec![Context { symbol: None, timeframe: None }],
            nodes: self.0,
            groups: Vec::new(),
            sectors: Vec::new(),
            member: None,
            rules: Some(Rules { long: Some(long), ..Rules::default() }),
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
        }
    }
}

fn crossover(symbols: &[String]) -> Plan {
    let mut graph = Graph(Vec::new());
    let close = graph.add(Op::Bar(Field::Close), &[], Scope::Symbol, Unit::LEVEL);
    let (fast, slow) = (graph.indicator("sma", 20.0, close), graph.indicator("sma", 50.0, close));
    let long = graph.add(Op::Compare(Comparison::Greater), &[fast, slow], Scope::Symbol, Unit::Boolean);
    graph.plan(symbols, "1Min", long)
}

fn rotation(symbols: &[String]) -> Plan {
    let mut graph = Graph(Vec::new());
    let close = graph.add(Op::Bar(Field::Close), &[], Scope::Symbol, Unit::LEVEL);
    let momentum = graph.indicator("roc", 126.0, close);
    let average = graph.indicator("sma", 200.0, close);
    let trend = graph.add(Op::Compare(Comparison::Greater), &[close, average], Scope::Symbol, Unit::Boolean);
    let top = Op::CrossSection { function: CrossSection::Top, numbers: vec![20.0], mask: true, group: false };
    let chosen = graph.add(top, &[momentum, trend], Scope::Symbol, Unit::Boolean);
    graph.plan(symbols, "1Day", chosen)
}

/// Best of `runs`, in milliseconds.
fn best<T>(runs: usize, mut work: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        let result = work();
        let elapsed = start.elapsed().as_secs_f64() * 1e3;
        drop(result);
        elapsed
    };
    (0..runs).map(time).fold(f64::INFINITY, f64::min)
}

fn report(name: &str, table: &Table, plan: &Plan, daily: bool) {
    let panel = table.panel(daily);
    let columns = evaluate(plan, &panel, &[]).expect("a sound plan");
    let long = plan.rules.as_ref().and_then(|rules| rules.long).expect("a condition");
    println!("{name}: {} bars, {} true", table.code.len(), columns.true_at(long).total());
    println!("  panel      {:8.2} ms", best(15, || table.panel(daily)));
    println!("  evaluate   {:8.2} ms", best(15, || evaluate(plan, &panel, &[])));
    println!("  true_at    {:8.2} ms", best(15, || columns.true_at(long)));
    println!(
        "  all        {:8.2} ms",
        best(15, || {
            let panel = table.panel(daily);
            evaluate(plan, &panel, &[]).map(|columns| columns.true_at(long).total())
        })
    );
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the only pool");
    let mut minutes = Vec::new();
    let mut date = days_from_civil(2010, 1, 4);
    while minutes.len() < 1_000_000 {
        let open = session_open_ns(date);
        minutes.extend((0..390).map(|minute| open + minute * MINUTE_NS));
        date = next_session(date);
    }
    minutes.truncate(1_000_000);
    let table = Table::new(1, &minutes);
    report("sma(20) > sma(50), minutes of one symbol", &table, &crossover(&table.names), false);
    let days: Vec<i64> = (0..2520).map(|day| (i64::from(days_from_civil(2010, 1, 4)) + day) * DAY_NS).collect();
    let table = Table::new(500, &days);
    report("top 20 by roc(126) above sma(200), 500 symbols x 2,520 days", &table, &rotation(&table.names), true);
}
