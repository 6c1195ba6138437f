//! A sweep's numbers are those of plain runs, bit for bit, whatever the threads, the memory and the grouping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::bars::{DatedAction, LongColumns, Panel, SymbolColumns};
use oracle_core::calendar::{DAY_NS, days_from_civil, next_session};
use oracle_core::metrics::{Metric, measure};
use oracle_core::plan::family::Family;
use oracle_core::plan::{self, Spec};
use oracle_core::risk::Policy;
use oracle_core::simulate::summary::{Sessions, Summary, Tally};
use oracle_core::simulate::{self, SimulationConfig};
use oracle_core::sweep::{self, Bindings, Cache, Member, Scores, Wanted};
use oracle_core::watch::Watch;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Mutex;

const BARS: usize = 260;

struct Market {
    names: Vec<String>,
    code: Vec<u32>,
    ts_ns: Vec<i64>,
    columns: [Vec<f64>; 5],
    actions: Vec<DatedAction>,
}

/// Three symbols that swing and jump, one of which splits.
fn market(seed: u64) -> Market {
    let mut random = seed;
    let mut uniform = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut market = Market {
        names: ["AAA", "BBB", "SPY"].map(String::from).to_vec(),
        code: vec![],
        ts_ns: vec![],
        columns: Default::default(),
        actions: vec![],
    };
    for code in 0..3_u32 {
        let (mut date, mut close) = (days_from_civil(2020, 1, 1), 80.0 + 20.0 * uniform());
        for bar in 0..BARS {
            date = next_session(date);
            let ts_ns = i64::from(date) * DAY_NS;
            if code == 1 && bar == 100 {
                close /= 2.0;
                market.actions.push(DatedAction { symbol: 1, ts_ns, split: 2.0, dividend: 0.0 });
            }
            let open: f64 = close * (1.0 + 0.02 * (uniform() - 0.5));
            close = open * (1.0 + 0.06 * (uniform() - 0.49));
            let (high, low) = (open.max(close) * (1.0 + 0.02 * uniform()), open.min(close) * (1.0 - 0.02 * uniform()));
            market.code.push(code);
            market.ts_ns.push(ts_ns);
            for (column, value) in market.columns.iter_mut().zip([open, high, low, close, 1e5 + 1e5 * uniform()]) {
                column.push(value);
            }
        }
    }
    market
}

impl Market {
    fn panel(&self) -> Panel<'_> {
        let [open, high, low, close, volume] = &self.columns;
        let (names, code, ts_ns) = (&self.names, &self.code, &self.ts_ns);
        let long = LongColumns { names, code, ts_ns, open, high, low, close, volume, adjusted_only: &[] };
        Panel::from_long(&long, &self.actions, true).unwrap()
    }

    fn of(&self, symbols: &[&str]) -> Panel<'_> {
        let part = |code: usize| {
            let rows = code * BARS..(code + 1) * BARS;
            let [open, high, low, close, volume] = self.columns.each_ref().map(|column| &column[rows.clone()]);
            let actions = self.actions.iter().filter(|action| action.symbol as usize == code).copied().collect();
            let (symbol, ts_ns) = (self.names[code].clone(), &self.ts_ns[rows.clone()]);
            SymbolColumns {
                symbol,
                ts_ns,
                open,
                high,
                low,
                close,
                volume,
                quotes: None,
                actions,
                adjusted_only: false,
                first_row: 0,
            }
        };
        let columns = (0..3).filter(|&code| symbols.contains(&self.names[code].as_str())).map(part).collect();
        Panel::from_symbols(columns, true).unwrap()
    }
}

/// Values of each param.
type Choices = Vec<(&'static str, Vec<&'static str>)>;

/// Strategies of every style, with the values of their params.
fn strategies() -> Vec<(Value, Choices)> {
    vec![
        (
            json!({"name": "crossover", "symbols": ["AAA"], "params": {"fast": "5", "slow": "20"},
                "features": {"f": "sma(close, fast)", "s": "sma(close, slow)"},
                "entry": {"long": "cross_above(f, s)"}, "exit": {"when": "cross_below(f, s)"}}),
            vec![("fast", vec!["3", "5", "8", "10"]), ("slow", vec!["10", "20", "30"])],
        ),
        (
            json!({"name": "stops", "symbols": ["BBB"], "params": {"fast": "5", "k": "2", "stop": "8%", "risk": "2%"},
                "entry": {"long": "close > sma(close, fast)", "short": "close < 95% * sma(close, fast)"},
                "exit": {"long": "close < sma(close, fast)", "stop_loss": "stop", "trailing_stop": "k * atr(14)"},
                "sizing": {"method": "risk_per_trade", "fraction": "risk"}, "execution": {"order_type": "limit", "limit_offset": "0.5%"}}),
            vec![
                ("fast", vec!["5", "20"]),
                ("k", vec!["1.5", "3"]),
                ("stop", vec!["5%", "8%"]),
                ("risk", vec!["1%", "2%"]),
            ],
        ),
        (
            json!({"name": "members", "symbols": ["AAA", "BBB", "SPY"], "where": "close > sma(close, n) and rank(roc(close, m)) <= 2",
                "params": {"n": "10", "m": "5", "few": "1"}, "sectors": {"AAA": "x", "BBB": "y", "SPY": "x"},
                "features": {"calm": "symbol(\"SPY\", stddev(close, m)) < 10", "weekly": "at(\"1Week\", close) > at(\"1Week\", sma(close, 3))"},
                "regimes": {"up": {"enter": "cs_mean(roc(close, m)) > 0", "exit": "cs_mean(roc(close, m)) < -2"}},
                "entry": {"long": "rank(zscore(close, n)) <= few and weekly and (up or calm)", "priority": "roc(close, m)"},
                "exit": {"when": "position.bars_held > m or rank(roc(close, n)) > 2"},
                "sizing": {"method": "inverse_volatility", "lookback": "20", "max_positions": "2"}}),
            vec![("n", vec!["10", "20"]), ("m", vec!["5", "10", "15"]), ("few", vec!["1", "2"])],
        ),
        (
            json!({"name": "rotation", "symbols": ["AAA", "BBB", "SPY"], "params": {"n": "20", "most": "1", "drift": "1%"},
                "portfolio": {"select": "top most by roc(close, n) where close > sma(close, n)", "weight": "inverse_volatility(n)",
                    "rebalance": "weekly", "corridor": {"absolute": "drift"}}}),
            vec![("n", vec!["10", "20", "40"]), ("most", vec!["1", "2"]), ("drift", vec!["0%", "5%"])],
        ),
    ]
}

fn config(limited: bool) -> SimulationConfig {
    let mut config = SimulationConfig::from_json(
        r#"{"capital_usd": "100000", "commission": {"model": "per_share", "per_share_usd": "0.005", "minimum_usd": "1.00",
            "maximum_frac": "0.01"}, "slippage": {"model": "bps", "bps": 5}, "max_participation_frac": 0.01}"#,
    )
    .unwrap();
    if limited {
        config.policy = Some(policy());
        config.waive = vec!["vix".into(), "sector".into()];
    }
    config
}

fn policy() -> Policy {
    Policy::from_json(include_str!("../../tests/golden/risk_policy.json")).unwrap()
}

fn metrics() -> Vec<Metric> {
    Metric::ALL.iter().map(|(_, metric)| *metric).collect()
}

/// Each binding compiled, computed and simulated by itself.
fn alone(spec: &Value, binding: &[(&str, &str)], panel: &Panel<'_>, config: &SimulationConfig) -> (String, Vec<u64>) {
    let mut spec = spec.clone();
    for (name, text) in binding {
        spec["params"][*name] = json!(text);
    }
    let spec: Spec = serde_json::from_value(spec).unwrap();
    let plan = plan::compile(&spec).unwrap_or_else(|problems| panic!("{problems:?}")).0;
    let output = simulate::run(&plan, panel, config).unwrap();
    let sessions = Sessions::new(panel, output.equity.first_step, output.equity.len());
    let benchmark = sessions.benchmark(&plan, panel, None).unwrap();
    let mut summary = Summary::default();
    summary.read(&output.equity, Some(&sessions.closes), true);
    let mut tally = Tally::default();
    tally.read(&output);
    let mut values = vec![output.trades.len() as f64, output.equity.last().unwrap().to_f64(), (BARS - 1) as f64];
    let mut measured = Vec::new();
    values.extend(measure(&summary.record(&tally, &benchmark), &metrics(), &mut Vec::new(), &mut measured));
    values.extend(measured);
    (plan.hash, values.into_iter().map(f64::to_bits).collect())
}

struct Sweep<'a> {
    family: Family,
    codes: Vec<u32>,
    bindings: Vec<Vec<(&'static str, &'static str)>>,
    spec: &'a Value,
}

impl<'a> Sweep<'a> {
    fn new(spec: &'a Value, params: &[(&'static str, Vec<&'static str>)]) -> Self {
        let names = params.iter().map(|(name, _)| (*name).to_string()).collect();
        let mut family = Family::new(&spec.to_string(), names, &[]).unwrap();
        let mut bindings = vec![vec![]];
        for (name, values) in params {
            bindings = bindings
                .into_iter()
                .flat_map(|binding: Vec<_>| values.iter().map(move |v| [binding.clone(), vec![(*name, *v)]].concat()))
                .collect();
        }
        let mut codes = Vec::new();
        for binding in &bindings {
            codes.extend(binding.iter().enumerate().map(|(param, (_, text))| family.code(param, text).unwrap()));
        }
        Self { family, codes, bindings, spec }
    }

    fn bindings(&self) -> Bindings<'_> {
        Bindings { family: &self.family, codes: &self.codes }
    }

    /// Hash and bits of each binding, and how many columns were computed to be shared.
    fn run(
        &self,
        panel: &Panel<'_>,
        config: &SimulationConfig,
        threads: usize,
        memory: usize,
    ) -> (Vec<(String, Vec<u64>)>, u64) {
        let found = Mutex::new(vec![None; self.bindings.len()]);
        let metrics = metrics();
        let wanted = Wanted { metrics: &metrics, benchmark: None, blocks: 0 };
        let emit = |scores: Scores| collect(&scores, wanted.width(), &mut found.lock().unwrap());
        let mut cache = Cache::new(memory);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let run = || sweep::run(&self.bindings(), panel, config, wanted, &mut cache, &Watch::default(), &emit);
        pool.install(run).unwrap();
        (found.into_inner().unwrap().into_iter().map(Option::unwrap).collect(), cache.computed())
    }
}

fn collect(scores: &Scores, width: usize, found: &mut [Option<(String, Vec<u64>)>]) {
    for ((place, hash), values) in scores.places.iter().zip(&scores.hashes).zip(scores.values.chunks(width)) {
        let before = found[*place].replace((hash.clone(), values.iter().map(|value| value.to_bits()).collect()));
        assert!(before.is_none(), "run {place} twice");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn a_sweep_is_each_run_alone_bit_for_bit(seed: u64, limited: bool, threads in 1usize..5, memory in 0u32..3) {
        let market = market(seed);
        let (panel, config) = (market.panel(), config(limited));
        let memory = [1, 3 * BARS * 8, 1 << 28][memory as usize];
        for (spec, params) in strategies() {
            let sweep = Sweep::new(&spec, &params);
            let (found, _) = sweep.run(&panel, &config, threads, memory);
            for (binding, found) in sweep.bindings.iter().zip(found) {
                prop_assert_eq!(&alone(sweep.spec, binding, &panel, &config), &found, "{:?}", binding);
            }
        }
    }
}

#[test]
fn each_column_is_computed_once_per_distinct_value() {
    let market = market(7);
    let panel = market.panel();
    let (spec, params) = strategies().swap_remove(0);
    let sweep = Sweep::new(&spec, &params);
    // 4 fast and 3 slow averages, of which one is the same, and two crossings of each of the 12 pairs.
    for threads in 1..5 {
        assert_eq!(sweep.run(&panel, &config(false), threads, 1 << 28).1, 6 + 2 * 12);
    }
    // With room for four columns some are computed again, and the numbers are the same.
    let (narrow, again) = sweep.run(&panel, &config(false), 3, 4 * 3 * BARS * 8);
    assert!(again > 6 + 2 * 12, "{again}");
    assert_eq!(narrow, sweep.run(&panel, &config(false), 1, 1 << 28).0);
}

#[test]
fn each_symbol_by_itself_is_a_universe_of_one() {
    let market = market(3);
    let (spec, params) = strategies().swap_remove(2);
    let mut spec = spec;
    spec["symbols"] = json!(["AAA", "BBB"]);
    let sweep = Sweep::new(&spec, &params);
    let metrics = metrics();
    let wanted = Wanted { metrics: &metrics, benchmark: None, blocks: 0 };
    let found = Mutex::new(vec![None; 2 * sweep.bindings.len()]);
    let emit = |scores: Scores| collect(&scores, wanted.width(), &mut found.lock().unwrap());
    let panels = ["AAA", "BBB"].map(|symbol| {
        let market = &market;
        move || Ok(market.of(&[symbol, "SPY"]))
    });
    let members: Vec<Member<'_>> =
        ["AAA", "BBB"].iter().zip(&panels).map(|(symbol, panel)| Member { symbol, panel }).collect();
    sweep::run_each(&sweep.bindings(), &members, &config(true), wanted, &Watch::default(), &emit).unwrap();
    let found = found.into_inner().unwrap();
    for (index, symbol) in ["AAA", "BBB"].into_iter().enumerate() {
        let mut one = spec.clone();
        one["symbols"] = json!([symbol]);
        for (place, binding) in sweep.bindings.iter().enumerate() {
            let expected = alone(&one, binding, &market.of(&[symbol, "SPY"]), &config(true));
            assert_eq!(found[index * sweep.bindings.len() + place].as_ref(), Some(&expected), "{symbol} {binding:?}");
        }
    }
}

#[test]
fn a_flag_stops_it_and_a_bad_binding_is_named() {
    let market = market(1);
    let panel = market.panel();
    let (spec, params) = strategies().swap_remove(0);
    let sweep = Sweep::new(&spec, &params);
    let wanted = Wanted { metrics: &[], benchmark: None, blocks: 0 };
    let watch = Watch::default();
    watch.stop();
    let ended = sweep::run(&sweep.bindings(), &panel, &config(false), wanted, &mut Cache::new(1), &watch, &|_| {});
    assert!(matches!(ended, Err(oracle_core::error::EngineError::Interrupted)));
    let bad = Sweep::new(&spec, &[("fast", vec!["5", "100000"])]);
    let ended =
        sweep::run(&bad.bindings(), &panel, &config(false), wanted, &mut Cache::new(1), &Watch::default(), &|_| {});
    let said = ended.unwrap_err().to_string();
    assert!(said.contains("fast=100000") && said.contains("out of range"), "{said}");
}
