//! Bars times bindings per second of a sweep: `cargo bench --bench sweep [case]`. Prices are a seeded walk; nothing is
//! asserted.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use oracle_core::bars::{LongColumns, Panel};
use oracle_core::calendar::{DAY_NS, days_from_civil, next_session};
use oracle_core::metrics::Metric;
use oracle_core::plan::family::Family;
use oracle_core::simulate::SimulationConfig;
use oracle_core::sweep::{self, Bindings, Cache, Wanted};
use oracle_core::watch::Watch;
use serde_json::json;
use std::time::Instant;

/// A linear congruential generator, uniform in 0..1.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

struct Bars {
    ts_ns: Vec<i64>,
    columns: [Vec<f64>; 5],
    daily: bool,
}

fn walk(bars: usize, daily: bool) -> Bars {
    let (mut uniform, mut close) = (Uniform(7), 100.0);
    let scale = if daily { 0.03 } else { 0.001 };
    let mut columns: [Vec<f64>; 5] = Default::default();
    let (mut ts_ns, mut date) = (Vec::new(), days_from_civil(2004, 1, 1));
    let per_session = if daily { 1 } else { 390 };
    for bar in 0..bars {
        if bar % per_session == 0 {
            date = next_session(date);
        }
        ts_ns.push(i64::from(date) * DAY_NS + if daily { 0 } else { (870 + (bar % 390) as i64) * 60_000_000_000 });
        let open: f64 = close * (1.0 + scale * 0.25 * (uniform.next() - 0.5));
        close = open * (1.0 + scale * (uniform.next() + uniform.next() - 0.998));
        for (column, value) in
            columns.iter_mut().zip([open, open.max(close) * 1.001, open.min(close) * 0.999, close, 1e6])
        {
            column.push(value);
        }
    }
    Bars { ts_ns, columns, daily }
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let plain = json!({"when": "cross_below(f, s)"});
    let stops = json!({"when": "cross_below(f, s)", "stop_loss": "8%", "trailing_stop": "3 * atr(14)"});
    for (name, bars, daily, exit, fast, slow) in [
        ("daily", 2_520, true, &plain, (5, 2, 25), (60, 5, 40)),
        ("stops", 2_520, true, &stops, (5, 2, 25), (60, 5, 40)),
        ("minute", 1_000_000, false, &plain, (5, 5, 10), (60, 20, 10)),
    ] {
        if !asked.is_empty() && !asked.iter().any(|one| one == name) {
            continue;
        }
        let bars = walk(bars, daily);
        run(name, &bars, exit, [fast, slow]);
    }
}

fn run(name: &str, bars: &Bars, exit: &serde_json::Value, values: [(u32, u32, u32); 2]) {
    let names = ["AAA".to_string()];
    let code = vec![0; bars.ts_ns.len()];
    let [open, high, low, close, volume] = &bars.columns;
    let long = LongColumns {
        names: &names,
        code: &code,
        ts_ns: &bars.ts_ns,
        open,
        high,
        low,
        close,
        volume,
        adjusted_only: &[],
    };
    let panel = Panel::from_long(&long, &[], bars.daily).unwrap();
    let spec = json!({"name": "crossover", "symbols": ["AAA"], "timeframe": if bars.daily { "1Day" } else { "1Min" },
        "params": {"fast": "20", "slow": "50"}, "features": {"f": "sma(close, fast)", "s": "sma(close, slow)"},
        "entry": {"long": "cross_above(f, s)"}, "exit": exit, "sizing": {"method": "equal_weight", "max_positions": "1"}});
    let mut family = Family::new(&spec.to_string(), vec!["fast".into(), "slow".into()], &[]).unwrap();
    let mut texts = Vec::new();
    for (param, (first, step, count)) in values.into_iter().enumerate() {
        texts
            .push((0..count).map(|n| family.code(param, &(first + n * step).to_string()).unwrap()).collect::<Vec<_>>());
    }
    let codes: Vec<u32> = texts[0].iter().flat_map(|f| texts[1].iter().flat_map(move |s| [*f, *s])).collect();
    let bindings = Bindings { family: &family, codes: &codes };
    let config = SimulationConfig::from_json(
        r#"{"capital_usd": "100000", "commission": {"model": "bps", "bps": 10}, "slippage": {"model": "zero"}}"#,
    )
    .unwrap();
    let metrics: Vec<Metric> = Metric::ALL[..10].iter().map(|(_, metric)| *metric).collect();
    let wanted = Wanted { metrics: &metrics, benchmark: None, blocks: 0 };
    let rounds = if bars.daily { 20 } else { 2 };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut best = f64::INFINITY;
        for _ in 0..rounds {
            let mut cache = Cache::new(1 << 28);
            let begun = Instant::now();
            pool.install(|| {
                sweep::run(&bindings, &panel, &config, wanted, &mut cache, &Watch::default(), &|scores| {
                    std::hint::black_box(scores);
                })
            })
            .unwrap();
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let runs = bindings.len() as f64;
        let rate = bars.ts_ns.len() as f64 * runs / best / 1e6;
        println!(
            "{name:10} {threads} threads {rate:8.1} million bars x bindings/s, {:8.2} us a run",
            best / runs * 1e6
        );
    }
}
