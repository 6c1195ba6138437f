//! A market whose bars say what is asked for: the strategy reads its orders off the volume.

use oracle_core::bars::{Panel, SymbolColumns};
use oracle_core::calendar::{DAY_NS, days_from_civil, next_session};
use oracle_core::error::Result;
use oracle_core::plan::{self, Plan, Spec};
use oracle_core::risk::{Code, Policy};
use oracle_core::simulate::{self, RunOutput, SimulationConfig};
use serde_json::{Value, json};

/// Open, high, low, close, and the volume that carries the order.
#[derive(Clone, Copy)]
pub struct Bar([f64; 5]);

/// A bar of one price at which nothing is asked for.
pub fn at(price: f64) -> Bar {
    Bar([price, price, price, price, 1e6])
}

/// Asks for a purchase at its close.
pub fn buy(price: f64) -> Bar {
    Bar([price, price, price, price, 2e6])
}

/// Asks for the sale of what is held.
pub fn sell(price: f64) -> Bar {
    Bar([price, price, price, price, 3e6])
}

/// Asks for a short sale.
pub fn short(price: f64) -> Bar {
    Bar([price, price, price, price, 4e6])
}

/// Opens and closes at a price and falls to `low` in between.
pub fn dip(price: f64, low: f64) -> Bar {
    Bar([price, price, low, price, 1e6])
}

/// The strategy that does what the bars ask for, a number of shares at a time.
pub fn scripted(symbols: &[&str], shares: u32) -> Value {
    json!({
        "name": "scripted",
        "symbols": symbols,
        "entry": {"long": "volume == 2_000_000", "short": "volume == 4_000_000"},
        "exit": {"when": "volume == 3_000_000"},
        "sizing": {"method": "fixed_shares", "shares": shares.to_string()},
    })
}

/// A policy with every limit off.
pub fn no_limits() -> Value {
    serde_json::to_value(Policy::unlimited()).unwrap()
}

/// A policy with one limit on: its section, key and value.
pub fn only(section: &str, key: &str, value: Value) -> Value {
    let mut policy = no_limits();
    assert!(policy[section].get(key).is_some(), "{section}.{key} is no limit");
    policy[section][key] = value;
    policy
}

/// Symbols with their bars; `None` is a session without one.
pub struct Market {
    symbols: Vec<(&'static str, Vec<Option<Bar>>)>,
    stamps: Vec<i64>,
    is_daily: bool,
    adjusted_only: bool,
}

/// One step in a session of 30-minute bars, of which there are 13.
pub const BARS_PER_SESSION: usize = 13;

impl Market {
    /// Daily bars of the sessions from a date on.
    pub fn daily(from: (i32, u32, u32), symbols: &[(&'static str, &[Bar])]) -> Self {
        let symbols: Vec<_> = symbols.iter().map(|(name, bars)| (*name, present(bars))).collect();
        let mut date = days_from_civil(from.0, from.1, from.2) - 1;
        let stamps = (0..symbols[0].1.len()).map(|_| {
            date = next_session(date);
            i64::from(date) * DAY_NS
        });
        Self { stamps: stamps.collect(), symbols, is_daily: true, adjusted_only: false }
    }

    /// 30-minute bars from the session of 2010-01-04 on: the first of a session begins at 14:30 UTC, 9:30 in New York.
    pub fn half_hours(symbols: &[(&'static str, &[Bar])]) -> Self {
        let symbols: Vec<_> = symbols.iter().map(|(name, bars)| (*name, present(bars))).collect();
        let mut date = days_from_civil(2010, 1, 3);
        let stamps = (0..symbols[0].1.len()).map(|step| {
            if step % BARS_PER_SESSION == 0 {
                date = next_session(date);
            }
            let half_hours = 29 + (step % BARS_PER_SESSION) as i64;
            i64::from(date) * DAY_NS + half_hours * DAY_NS / 48
        });
        Self { stamps: stamps.collect(), symbols, is_daily: false, adjusted_only: false }
    }

    /// Takes a symbol's bar away.
    pub fn without(mut self, symbol: &str, step: usize) -> Self {
        self.symbols.iter_mut().find(|(name, _)| *name == symbol).unwrap().1[step] = None;
        self
    }

    /// The same prices as all there is: nothing is known of what the shares traded at.
    pub fn adjusted(self) -> Self {
        Self { adjusted_only: true, ..self }
    }

    /// Compiles the strategy and simulates it under a policy, or none.
    pub fn run(&self, strategy: &Value, policy: Option<Value>) -> Ledger {
        self.try_run(strategy, policy, &[]).unwrap()
    }

    /// The same without some inputs.
    pub fn try_run(&self, strategy: &Value, policy: Option<Value>, waive: &[&str]) -> Result<Ledger> {
        let mut strategy = strategy.clone();
        strategy["timeframe"] = json!(if self.is_daily { "1Day" } else { "30Min" });
        let config = json!({
            "capital_usd": "100000",
            "commission": {"model": "zero"},
            "slippage": {"model": "zero"},
            "policy": policy,
            "waive": waive,
            "resume_after_sessions": 3,
            "cash_buffer_frac": 0.01,
        });
        let config = SimulationConfig::from_json(&config.to_string()).unwrap();
        let columns: Vec<Columns> = self.symbols.iter().map(|(_, bars)| Columns::of(bars, &self.stamps)).collect();
        let symbols = self.symbols.iter().zip(&columns).map(|((name, _), of)| SymbolColumns {
            symbol: (*name).to_string(),
            ts_ns: &of.stamps,
            open: &of.fields[0],
            high: &of.fields[1],
            low: &of.fields[2],
            close: &of.fields[3],
            volume: &of.fields[4],
            quotes: None,
            actions: Vec::new(),
            adjusted_only: self.adjusted_only,
            first_row: 0,
        });
        let panel = Panel::from_symbols(symbols.collect(), self.is_daily).unwrap();
        let output = simulate::run(&compile(&strategy), &panel, &config)?;
        Ok(Ledger { output, stamps: self.stamps.clone() })
    }
}

fn present(bars: &[Bar]) -> Vec<Option<Bar>> {
    bars.iter().copied().map(Some).collect()
}

fn compile(strategy: &Value) -> Plan {
    let spec: Spec = serde_json::from_value(strategy.clone()).unwrap();
    match plan::compile(&spec) {
        Ok((plan, _)) => plan,
        Err(diagnostics) => panic!("{diagnostics:?}"),
    }
}

struct Columns {
    stamps: Vec<i64>,
    fields: [Vec<f64>; 5],
}

impl Columns {
    fn of(bars: &[Option<Bar>], stamps: &[i64]) -> Self {
        let field = |index: usize| bars.iter().flatten().map(|bar| bar.0[index]).collect();
        let is_there = |(bar, stamp): (&Option<Bar>, &i64)| bar.map(|_| *stamp);
        let stamps = bars.iter().zip(stamps).filter_map(is_there).collect();
        Self { stamps, fields: std::array::from_fn(field) }
    }
}

/// What a run left behind.
pub struct Ledger {
    pub output: RunOutput,
    stamps: Vec<i64>,
}

impl Ledger {
    fn step(&self, ns: i64) -> usize {
        self.stamps.binary_search(&ns).unwrap()
    }

    /// Symbol, step, signed shares and price of each fill.
    pub fn fills(&self) -> Vec<(&str, usize, f64, f64)> {
        let rows = &self.output.fills;
        let row = |at: usize| {
            let signed = rows.side[at].sign() as f64 * rows.quantity[at].to_f64();
            (self.symbol(rows.symbol[at]), self.step(rows.filled_ns[at]), signed, rows.price[at].to_f64())
        };
        (0..rows.order_id.len()).map(row).collect()
    }

    /// Symbol, step and code of each verdict that was not plain consent.
    pub fn objections(&self) -> Vec<(&str, usize, &str)> {
        let rows = self.output.verdicts.iter().filter(|row| row.verdict.code != Code::WithinLimits);
        rows.map(|row| (self.symbol(row.symbol), self.step(row.ns), row.verdict.code.as_str())).collect()
    }

    /// Asserts what the first objection says: action, limit, value, shares asked for and admitted.
    pub fn assert_first_objection(&self, action: &str, limit: f64, value: f64, asked: f64, admitted: f64) {
        let row = self.output.verdicts.iter().find(|row| row.verdict.code != Code::WithinLimits).unwrap();
        let verdict = row.verdict;
        assert_eq!(verdict.action.as_str(), action);
        assert!((verdict.limit - limit).abs() < 1e-9, "limit {}", verdict.limit);
        assert!((verdict.value - value).abs() < 1e-9, "value {}", verdict.value);
        assert_eq!((verdict.requested.to_f64(), verdict.admitted.to_f64()), (asked, admitted));
        assert_eq!(row.order_id.is_some(), admitted > 0.0);
    }

    /// Equity in dollars at the last bar.
    pub fn final_equity(&self) -> f64 {
        self.output.equity.equity.last().unwrap().to_f64()
    }

    fn symbol(&self, index: usize) -> &str {
        &self.output.symbols[index]
    }
}
