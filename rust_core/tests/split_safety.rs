//! As of the day, proven: on each day a rule has the value it would have if all earlier bars were restated to that
//! day's basis by hand and there had never been a split or a dividend.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::bars::{Action, Panel, Placement, SymbolBars, Timeline};
use oracle_core::plan::{self, Plan, Spec};
use oracle_core::signature::{Accepts, UnitRule};
use oracle_core::units::Unit;
use serde_json::json;
use std::borrow::Cow;

const BARS: usize = 90;

/// A walk of closes with highs, lows, opens and volumes around them, as traded: prices fall at a split.
fn symbol(name: &str, seed: u64, actions: &[Action]) -> SymbolBars<'static> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut random = move || {
        // Knuth's MMIX generator; the high bits are the good ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns: [Vec<f64>; 5] = Default::default();
    let (mut close, mut volume) = (40.0 + 40.0 * random(), 1e6);
    for bar in 0..BARS {
        for action in actions.iter().filter(|a| a.bar == bar) {
            close = close / action.split - action.dividend;
            volume *= action.split;
        }
        let open = close * (0.99 + 0.02 * random());
        close *= 0.97 + 0.06 * random();
        let high = open.max(close) * (1.0 + 0.01 * random());
        let low = open.min(close) * (1.0 - 0.01 * random());
        for (column, value) in columns.iter_mut().zip([open, high, low, close, volume * (0.5 + random())]) {
            column.push(value);
        }
    }
    let [open, high, low, close, volume] = columns.map(Cow::Owned);
    let placement = Placement::Dense { first: 0 };
    let actions = actions.to_vec();
    let symbol = name.to_string();
    SymbolBars {
        symbol,
        open,
        high,
        low,
        close,
        volume,
        quotes: None,
        placement,
        actions,
        adjusted_only: false,
        forward: None,
    }
}

/// The first bars of a symbol, with the actions that lie in them, or restated to the last day without any.
fn until(bars: &SymbolBars<'static>, end: usize, restate: bool) -> SymbolBars<'static> {
    let mut cut = bars.clone();
    for column in [&mut cut.open, &mut cut.high, &mut cut.low, &mut cut.close, &mut cut.volume] {
        column.to_mut().truncate(end);
    }
    cut.actions.retain(|a| a.bar < end);
    if restate {
        for action in std::mem::take(&mut cut.actions) {
            let before = bars.close[action.bar - 1] / action.split;
            let factor = action.split / (1.0 - action.dividend / before);
            for bar in 0..action.bar {
                for column in [&mut cut.open, &mut cut.high, &mut cut.low, &mut cut.close] {
                    column.to_mut()[bar] /= factor;
                }
                cut.volume.to_mut()[bar] *= action.split;
            }
        }
    }
    cut.adjust().unwrap();
    cut
}

fn panel(symbols: &[SymbolBars<'static>], end: usize, restate: bool) -> Panel<'static> {
    // Weekdays from Monday 2011-01-24; the weeks of holidays are shorter for both sides alike.
    let first = 14_998_i32;
    let dates: Vec<i32> =
        (0_i32..).map(|day| first + day).filter(|day| (day + 3).rem_euclid(7) < 5).take(end).collect();
    let ts_ns = dates.iter().map(|day| i64::from(*day) * 86_400_000_000_000).collect::<Vec<_>>();
    let session = (0..end as u32).collect::<Vec<_>>();
    let timeline = Timeline { ts_ns: Cow::Owned(ts_ns), session: Cow::Owned(session), dates, daily: true };
    Panel { timeline, symbols: symbols.iter().map(|s| until(s, end, restate)).collect() }
}

/// The last day's value of the rule for each member.
fn last(plan: &Plan, root: usize, panel: &Panel<'_>) -> Vec<f64> {
    let columns = plan::evaluate(plan, panel, &[root]).unwrap();
    (0..2).map(|member| columns.value(root, member, panel.timeline.len() - 1)).collect()
}

fn compile(text: &str, is_condition: bool) -> (Plan, usize) {
    let entry = if is_condition { json!({"long": text}) } else { json!({"long": "close > open", "priority": text}) };
    let spec = json!({"name": "x", "symbols": ["A", "B"], "sectors": {"A": "tech", "B": "tech"}, "entry": entry});
    let spec: Spec = serde_json::from_value(spec).unwrap();
    let (plan, _) = plan::compile(&spec).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"));
    let rules = plan.rules.clone().unwrap();
    let root = if is_condition { rules.long } else { rules.priority };
    (plan, root.unwrap())
}

fn check(text: &str, is_condition: bool) {
    let split = |bar, split| Action { bar, split, dividend: 0.0 };
    let symbols = [
        symbol("A", 1, &[split(30, 2.0), Action { bar: 45, split: 1.0, dividend: 1.5 }, split(60, 0.125)]),
        symbol("B", 2, &[split(50, 7.0)]),
        symbol("SPY", 3, &[Action { bar: 40, split: 1.0, dividend: 0.7 }, split(55, 3.0)]),
        symbol("VIX", 4, &[]),
    ];
    let (plan, root) = compile(text, is_condition);
    let mut known = 0;
    for end in 20..=BARS {
        let found = last(&plan, root, &panel(&symbols, end, false));
        let restated = last(&plan, root, &panel(&symbols, end, true));
        for (found, restated) in found.iter().zip(&restated) {
            let is_same =
                (found.is_nan() && restated.is_nan()) || (found - restated).abs() <= 1e-8 * restated.abs().max(1.0);
            assert!(is_same, "{text} on day {end}: {found}, restated {restated}");
            known += usize::from(!found.is_nan());
        }
    }
    assert!(known > 50, "{text} was known on {known} days only");
}

#[test]
fn numbers_are_as_of_their_day() {
    for text in [
        "close",
        "volume",
        "sma(close, 10)",
        "close - sma(close, 10)",
        "3 * atr(5)",
        "close * sma(volume, 5)",
        "variance(close, 10)",
        "sqrt(variance(close, 10))",
        "close - 5",
        "(close - 5) / sma(close, 10)",
        "5 - close",
        "max(close, 30)",
        "if(close > 40, close, sma(close, 3))",
        "close / lag(close, 12)",
        "macd(close, 3, 6, 4).histogram",
        "rsi(close, 5)",
        "obv()",
        "highest(high, 15) - lowest(low, 15)",
        "close / symbol(\"SPY\", close)",
        "symbol(\"SPY\", sma(close, 5)) - symbol(\"SPY\").low",
        "change_ratio(close, 5) - symbol(\"SPY\", change_ratio(close, 5))",
        "rank(close)",
        "demean(close)",
        "rank(close, by=sector, mask=close > 20)",
        "cs_mean(close)",
        "at(\"1Week\", sma(close, 2))",
        "at(\"1Week\", close) - 3",
        "symbol(\"SPY\", at(\"1Week\", close))",
        "sma(vix, 5)",
    ] {
        check(text, false);
    }
}

#[test]
fn conditions_are_as_of_their_day() {
    for text in [
        "close > 30",
        "close > 5 and sma(volume, 5) > 1_000_000",
        "close * volume > 40_000_000",
        "cross_above(close, 30)",
        "cross_below(30, sma(close, 3))",
        "lag(close, 10) > 30",
        "lowest(close, 10) > 25",
        "close > sma(close, 10)",
        "count(close > open, 10) > 5",
        "close > symbol(\"SPY\", close)",
        "symbol(\"SPY\", close > sma(close, 10))",
        "at(\"1Week\", close) > 30",
        "breadth(close > 30) > 40%",
        "clip(close, 20, 30) < 25",
    ] {
        check(text, true);
    }
}

#[test]
fn every_function_of_history_is_as_of_the_day() {
    for entry in oracle_core::indicators::CATALOG {
        let signature = &entry.signature;
        let arguments: Vec<String> = signature
            .params
            .iter()
            .filter_map(|param| match param.accepts {
                Accepts::BooleanSeries => Some("close > open".into()),
                Accepts::VolumeSeries => Some("volume".into()),
                Accepts::SameSeries => Some("open".into()),
                accepts if accepts.is_series() => Some(if param.name == "y" { "high" } else { "close" }.into()),
                // Short enough to be known within the bars, faster ones before slower ones.
                Accepts::Length { min, max } => Some(format!("{}={}", param.name, short(param.name).clamp(min, max))),
                _ => None,
            })
            .collect();
        for output in signature.outputs {
            let member = if output.name.is_empty() { String::new() } else { format!(".{}", output.name) };
            let text = format!("{}({}){member}", signature.name, arguments.join(", "));
            check(&text, output.unit == UnitRule::Fixed(Unit::Boolean));
        }
    }
}

fn short(name: &str) -> u32 {
    match name {
        "fast" | "short" => 3,
        "slow" | "long" => 7,
        _ => 4,
    }
}
