//! Bars per second of a whole run after columns exist: `cargo bench --bench simulate`.
//!
//! Prices are a seeded walk, columns are made here; nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oracle_core::bars::{Panel, Placement, SymbolBars, Timeline};
use oracle_core::plan::*;
use oracle_core::signature::Settle;
use oracle_core::simulate::config::{CommissionConfig, SlippageConfig};
use oracle_core::simulate::{Signals, SimulationConfig, run_on};
use oracle_core::units::Unit;
use std::borrow::Cow;
use std::time::Instant;

struct Columns(Vec<Vec<Vec<f64>>>);

impl Signals for Columns {
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        &self.0[node][symbol]
    }
    fn market(&self, node: NodeId) -> &[f64] {
        &self.0[node][0]
    }
}

/// A linear congruential generator, uniform in 0..1.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn panel(symbols: usize, bars: usize, daily: bool) -> Panel<'static> {
    let mut uniform = Uniform(7);
    let scale = if daily { 0.02 } else { 0.001 };
    let symbols = (0..symbols)
        .map(|symbol| {
            let mut columns: [Vec<f64>; 4] = Default::default();
            let mut close = 50.0;
            for _ in 0..bars {
                let open: f64 = close * (1.0 + scale * 0.5 * (uniform.next() - 0.5));
                close = (open * (1.0 + scale * 2.0 * (uniform.next() - 0.498))).clamp(2.0, 2_000.0);
                let (high, low) = (
                    open.max(close) * (1.0 + scale * 0.5 * uniform.next()),
                    open.min(close) * (1.0 - scale * 0.5 * uniform.next()),
                );
                for (column, value) in columns.iter_mut().zip([open, high, low, close]) {
                    column.push((value * 1e4).round() / 1e4);
                }
            }
            let [open, high, low, close] = columns.map(Cow::Owned);
            SymbolBars {
                symbol: format!("S{symbol:04}"),
                open,
                high,
                low,
                close,
                volume: Cow::Owned(vec![1e7; bars]),
                quotes: None,
                placement: Placement::Dense { first: 0 },
                actions: Vec::new(),
                adjusted_only: false,
                forward: None,
            }
        })
        .collect();
    let per_session = if daily { 1 } else { 390 };
    let sessions = bars.div_ceil(per_session);
    Panel {
        timeline: Timeline {
            ts_ns: Cow::Owned((0..bars as i64).map(|bar| bar * 60_000_000_000).collect()),
            session: Cow::Owned((0..bars as u32).map(|bar| bar / per_session as u32).collect()),
            dates: (0..sessions as i32).map(|session| 11_000 + session).collect(),
            daily,
        },
        symbols,
    }
}

fn plan(panel: &Panel<'_>, units: &[Unit]) -> Plan {
    let symbols: Vec<String> = panel.symbols.iter().map(|symbol| symbol.symbol.clone()).collect();
    let node = |unit: &Unit| Node {
        op: Op::Constant(0.0),
        inputs: vec![],
        context: 0,
        scope: Scope::Symbol,
        unit: *unit,
        warm_up: 0,
        text: String::new(),
    };
    Plan {
        name: "bench".into(),
        sectors: vec![None; symbols.len()],
        symbols,
        timeframe: "1Day".into(),
        contexts: vec![Context { symbol: None, timeframe: None }],
        nodes: units.iter().map(node).collect(),
        groups: vec![],
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
        features: vec![],
        warm_up: 0,
        settle: Settle::Bars(0),
        hash: String::new(),
    }
}

fn config() -> SimulationConfig {
    SimulationConfig {
        capital_usd: "1000000".into(),
        from_ns: None,
        to_ns: None,
        commission: CommissionConfig::Bps { bps: 10.0 },
        regulatory_fees: false,
        borrow_frac: 0.0,
        interest: None,
        slippage: SlippageConfig::Bps { bps: 5.0 },
        max_participation_frac: None,
        policy: None,
        waive: vec![],
        resume_after_sessions: 20,
        cash_buffer_frac: 0.01,
        conventions: "native".into(),
    }
}

fn mean(values: &[f64], length: usize) -> Vec<f64> {
    let mut sum = 0.0;
    (0..values.len())
        .map(|i| {
            sum += values[i];
            if i >= length {
                sum -= values[i - length];
            }
            if i + 1 >= length { sum / length as f64 } else { f64::NAN }
        })
        .collect()
}

fn truth(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| if a.is_nan() || b.is_nan() { f64::NAN } else { f64::from(u8::from(a > b)) }).collect()
}

fn time(name: &str, panel: &Panel<'_>, plan: &Plan, columns: &Columns) {
    let asked: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with("--")).collect();
    if !asked.is_empty() && !asked.iter().any(|word| name.contains(word.as_str())) {
        return;
    }
    let bars: usize = panel.symbols.iter().map(|symbol| symbol.len()).sum();
    let mut best = f64::INFINITY;
    let mut line = String::new();
    for _ in 0..9 {
        let start = Instant::now();
        let output = run_on(plan, panel, columns, &config()).unwrap();
        best = best.min(start.elapsed().as_secs_f64());
        line = format!("{} fills, {} skipped", output.fills.order_id.len(), output.counters.steps_skipped);
    }
    println!("{name}: {:.2} ms, {:.1} million bars/s ({line})", best * 1e3, bars as f64 / best / 1e6);
}

fn main() {
    let minute = panel(1, 1_000_000, false);
    let close = &minute.symbols[0].close;
    let (fast, slow) = (mean(close, 20), mean(close, 50));
    let columns = Columns(vec![vec![truth(&fast, &slow)], vec![truth(&slow, &fast)]]);
    let mut crossover = plan(&minute, &[Unit::Boolean, Unit::Boolean]);
    crossover.rules = Some(Rules { long: Some(0), exit_long: Some(1), ..Rules::default() });
    time("crossover, 1 x 1,000,000", &minute, &crossover, &columns);

    let wide = panel(500, 2_520, true);
    let per_symbol =
        |f: &dyn Fn(&[f64]) -> Vec<f64>| wide.symbols.iter().map(|symbol| f(&symbol.close)).collect::<Vec<_>>();
    let trend = per_symbol(&|close| truth(close, &mean(close, 200)));
    let ended = per_symbol(&|close| truth(&mean(close, 20), close));
    let distance = per_symbol(&|close| mean(close, 14).iter().map(|x| x * 0.06).collect());
    let momentum = per_symbol(&|close| {
        (0..close.len()).map(|i| if i < 126 { f64::NAN } else { close[i] / close[i - 126] - 1.0 }).collect()
    });
    let loss = per_symbol(&|close| vec![0.08; close.len()]);
    let mut top = vec![vec![0.0; 2_520]; 500];
    for step in 200..2_520 {
        let mut order: Vec<usize> = (0..500).filter(|&s| trend[s][step] > 0.5).collect();
        order.sort_by(|&a, &b| momentum[b][step].total_cmp(&momentum[a][step]));
        order.iter().take(20).for_each(|&s| top[s][step] = 1.0);
    }
    let weight = vec![vec![0.045; 2_520]; 500];
    let columns = Columns(vec![trend, ended, distance, momentum, loss, top, weight]);
    let units = [Unit::Boolean, Unit::Boolean, Unit::DISTANCE, Unit::Ratio, Unit::Ratio, Unit::Boolean, Unit::Ratio];
    let mut stops = plan(&wide, &units);
    stops.rules = Some(Rules {
        long: Some(0),
        exit_long: Some(1),
        trailing_stop: Some(2),
        priority: Some(3),
        stop_loss: Some(4),
        ..Rules::default()
    });
    stops.sizing.method = SizingMethod::EqualWeight;
    stops.sizing.max_positions = Some(20);
    time("rules with stops, 500 x 2,520", &wide, &stops, &columns);

    let mut rotation = plan(&wide, &units);
    rotation.portfolio = Some(Portfolio {
        select: 5,
        weight: Weight::Expression(6),
        rebalance: Rebalance::OnChange,
        corridor: Corridor::NONE,
        to: Destination::Target,
        gross_frac: 1.0,
    });
    time("top 20 of 500 x 2,520", &wide, &rotation, &columns);
}
