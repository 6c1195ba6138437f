//! Laws that every time-series function obeys, whatever it computes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::indicators::{CATALOG, Entry};
use oracle_core::signature::{Accepts, Field, Settle};
use proptest::prelude::*;

/// A fixed generator: the laws are tried on numbers that a failing case can be made of again.
struct Draw(u64);

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.uniform() * bound as f64) as usize
    }
}

/// Bars of a random walk in steps of a cent, so that ties occur, with flat stretches.
struct Walk([Vec<f64>; 5]);

/// Of the functions that remember more than a window: one that counts every bar, and two that have a window besides.
const KEEPS_MISSING: [&str; 3] = ["bars_since", "kama", "stochrsi"];

/// A window without movement leaves these without an answer.
const NEEDS_MOVEMENT: [&str; 6] = ["beta", "kurtosis", "linreg_r2", "skew", "vortex", "zscore"];

impl Walk {
    fn new(bars: usize, draw: &mut Draw) -> Self {
        Self::in_steps(bars, draw, 100.0, 0.02)
    }

    /// Bars that never stand still.
    fn restless(bars: usize, draw: &mut Draw) -> Self {
        Self::in_steps(bars, draw, 1e9, 0.0)
    }

    /// The walk on which a function always has an answer.
    fn fit_for<'a>(entry: &Entry, walk: &'a Self, restless: &'a Self) -> &'a Self {
        if NEEDS_MOVEMENT.contains(&entry.signature.name) { restless } else { walk }
    }

    fn in_steps(bars: usize, draw: &mut Draw, per_dollar: f64, flat_starts: f64) -> Self {
        let cents = |x: f64| (x * per_dollar).round() / per_dollar;
        let mut columns: [Vec<f64>; 5] = Default::default();
        let (mut close, mut flat) = (50.0, 0);
        for _ in 0..bars {
            flat =
                if flat == 0 && draw.uniform() < flat_starts { draw.below(40) } else { usize::saturating_sub(flat, 1) };
            let reach = if flat > 0 { 0.0 } else { 0.02 };
            let open = cents(close * (1.0 + reach * (draw.uniform() - 0.5)));
            close = cents(open * (1.0 + reach * (draw.uniform() - 0.5))).max(1.0);
            let high = cents(open.max(close) * (1.0 + reach * draw.uniform()));
            let low = cents(open.min(close) * (1.0 - reach * draw.uniform()));
            let bar = [open, high, low, close, (1e6 * draw.uniform()).floor() + 1.0];
            columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        }
        Self(columns)
    }

    /// Takes values out: single ones, whole bars, and runs of them.
    fn with_gaps(mut self, draw: &mut Draw) -> Self {
        let bars = self.0[0].len();
        for _ in 0..draw.below(6) {
            let (from, run) = (draw.below(bars), 1 + draw.below(3));
            let only = (draw.uniform() < 0.3).then(|| draw.below(5));
            for (index, column) in self.0.iter_mut().enumerate() {
                if only.is_none_or(|only| only == index) {
                    column[from..bars.min(from + run)].fill(f64::NAN);
                }
            }
        }
        self
    }

    /// What a function reads: its bar fields, then close, open, ... for its series; booleans for boolean series.
    fn inputs(&self, entry: &Entry) -> Vec<Vec<f64>> {
        let mut inputs: Vec<Vec<f64>> =
            entry.signature.reads.iter().map(|&field| self.0[field as usize].clone()).collect();
        for (index, param) in entry.signature.series().enumerate() {
            let [open, close] = [Field::Open, Field::Close].map(|field| &self.0[field as usize]);
            inputs.push(match param.accepts {
                Accepts::BooleanSeries => {
                    let rose = |(a, b): (&f64, &f64)| if (a + b).is_nan() { f64::NAN } else { f64::from(a > b) };
                    let mut truths: Vec<f64> = close.iter().zip(open).map(rose).collect();
                    // `bars_since` begins with the first true one.
                    truths.iter_mut().take(1).for_each(|first| *first = 1.0);
                    truths
                }
                Accepts::VolumeSeries => self.0[Field::Volume as usize].clone(),
                _ => if index % 2 == 0 { close } else { open }.clone(),
            });
        }
        inputs
    }
}

/// Numbers to try: the defaults, the smallest, and lengths around the edges of chunks and pieces.
fn parameter_sets(entry: &Entry) -> Vec<Vec<f64>> {
    let set = |choose: &dyn Fn(usize, &Accepts, Option<f64>) -> f64| -> Vec<f64> {
        entry.signature.constants().enumerate().map(|(i, p)| choose(i, &p.accepts, p.default)).collect()
    };
    let clamp = |accepts: &Accepts, length: f64| match *accepts {
        Accepts::Length { min, max } => length.clamp(f64::from(min), f64::from(max)),
        Accepts::Number { min, max } => (min + (max - min) * 0.25).clamp(min, max.min(3.0)),
        _ => unreachable!("a constant"),
    };
    let mut sets = vec![
        set(&|_, accepts, default| default.unwrap_or_else(|| clamp(accepts, 10.0))),
        set(&|_, accepts, _| clamp(accepts, 0.0)),
        set(&|i, accepts, _| clamp(accepts, [3.0, 7.0, 5.0][i % 3])),
        set(&|i, accepts, _| clamp(accepts, [9.0, 2.0, 4.0][i % 3])),
        set(&|i, accepts, _| clamp(accepts, [33.0, 21.0, 8.0][i % 3])),
    ];
    sets.dedup();
    sets
}

fn batch(entry: &Entry, numbers: &[f64], inputs: &[Vec<f64>], cuts: &[usize]) -> Vec<Vec<f64>> {
    let bars = inputs.first().map_or(0, Vec::len);
    let mut machine = (entry.build)(numbers);
    let mut outputs = vec![vec![0.0; bars]; entry.signature.outputs.len()];
    let mut from = 0;
    for &to in cuts.iter().chain([&bars]) {
        let columns: Vec<&[f64]> = inputs.iter().map(|column| &column[from..to]).collect();
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(|column| &mut column[from..to]).collect();
        machine.block(&columns, &mut slices);
        from = to;
    }
    outputs
}

fn streamed(entry: &Entry, numbers: &[f64], inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let bars = inputs.first().map_or(0, Vec::len);
    let mut machine = (entry.build)(numbers);
    let mut outputs = vec![Vec::with_capacity(bars); entry.signature.outputs.len()];
    let mut values = vec![0.0; outputs.len()];
    for bar in 0..bars {
        let row: Vec<f64> = inputs.iter().map(|column| column[bar]).collect();
        machine.step(&row, &mut values);
        outputs.iter_mut().zip(&values).for_each(|(column, value)| column.push(*value));
    }
    outputs
}

/// The same bits, any NaN being a missing value.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn assert_same(a: &[Vec<f64>], b: &[Vec<f64>], bars: usize, what: &str) {
    for (output, (a, b)) in a.iter().zip(b).enumerate() {
        for bar in 0..bars {
            assert!(same(a[bar], b[bar]), "{what}, output {output}, bar {bar}: {} and {}", a[bar], b[bar]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Batch equals streaming bit for bit, however the history is divided, missing values or not; a prefix of the
    /// history gives a prefix of the answers.
    #[test]
    fn blocks_of_any_size_equal_steps(seed in 1_u64.., gaps: bool, long: bool) {
        let mut draw = Draw(seed);
        let bars = if long { 1300 } else { 40 + draw.below(160) };
        let walk = Walk::new(bars, &mut draw);
        let walk = if gaps { walk.with_gaps(&mut draw) } else { walk };
        let widest = [2, 12, bars][draw.below(3)];
        let mut cuts = Vec::new();
        let mut at = 1 + draw.below(widest);
        while at < bars {
            cuts.push(at);
            at += 1 + draw.below(widest);
        }
        for entry in CATALOG {
            let inputs = walk.inputs(entry);
            for numbers in parameter_sets(entry) {
                let what = format!("{} {numbers:?}", entry.signature.name);
                let steps = streamed(entry, &numbers, &inputs);
                assert_same(&steps, &batch(entry, &numbers, &inputs, &[]), bars, &what);
                assert_same(&steps, &batch(entry, &numbers, &inputs, &cuts), bars, &what);
                let prefix = draw.below(bars);
                let shorter: Vec<Vec<f64>> = inputs.iter().map(|column| column[..prefix].to_vec()).collect();
                assert_same(&steps, &batch(entry, &numbers, &shorter, &[]), prefix, &what);
            }
        }
    }
}

/// The leading bars without a value, and no other bar, where nothing is missing.
#[test]
fn warm_up_is_exact() {
    let (walk, restless) = (Walk::new(400, &mut Draw(7)), Walk::restless(400, &mut Draw(7)));
    for entry in CATALOG {
        let inputs = Walk::fit_for(entry, &walk, &restless).inputs(entry);
        for numbers in parameter_sets(entry) {
            let outputs = batch(entry, &numbers, &inputs, &[]);
            let first = |column: &Vec<f64>| column.iter().position(|value| !value.is_nan()).unwrap_or(usize::MAX);
            let found = outputs.iter().map(first).max().unwrap();
            let what = format!("{} {numbers:?}", entry.signature.name);
            assert_eq!(found, (entry.signature.warm_up)(&numbers), "{what}");
            let later = outputs.iter().flat_map(|column| &column[found..]);
            assert!(later.clone().all(|value| value.is_finite()), "{what}: a value after the warm-up is not finite");
        }
    }
}

/// A missing bar is answered by a missing value, and has left after a whole warm-up at the latest.
#[test]
fn a_missing_bar_leaves() {
    let hole = 150;
    let (walk, restless) = (Walk::new(400, &mut Draw(11)), Walk::restless(400, &mut Draw(11)));
    for entry in CATALOG.iter().filter(|entry| entry.signature.family != "event") {
        let whole = Walk::fit_for(entry, &walk, &restless).inputs(entry);
        let mut inputs = whole.clone();
        inputs.iter_mut().for_each(|column| column[hole] = f64::NAN);
        for numbers in parameter_sets(entry) {
            let what = format!("{} {numbers:?}", entry.signature.name);
            let outputs = batch(entry, &numbers, &inputs, &[]);
            let warm_up = (entry.signature.warm_up)(&numbers);
            let again = hole + warm_up + 1;
            for column in &outputs {
                // `lag` reads the earlier bar and no other.
                assert!(column[hole].is_nan() || entry.signature.name == "lag", "{what}: a value on a missing bar");
                assert!(column[again..].iter().all(|value| !value.is_nan()), "{what}: still missing at bar {again}");
            }
            // A function that remembers no more than its window has forgotten the hole altogether.
            if (entry.signature.settle)(&numbers) == Settle::Bars(warm_up) {
                for (with, without) in outputs.iter().zip(batch(entry, &numbers, &whole, &[])) {
                    let scale = without.iter().filter(|x| !x.is_nan()).fold(0.0_f64, |scale, x| scale.max(x.abs()));
                    let differs = (again..400).find(|&bar| (with[bar] - without[bar]).abs() > 1e-9 * scale);
                    assert_eq!(differs, None, "{what}: remembers the hole");
                }
            }
        }
    }
}

/// Where a function remembers more than a window, missing bars leave no trace, in the seed or after: the other bars
/// get the answers they would get if those had never been, to the bit.
#[test]
fn recursions_pass_over_missing_bars() {
    let bars = 400;
    let missing = |bar: usize| [0, 5, 6, 40, 41, 42, 150, 333].contains(&bar);
    let present =
        |column: &Vec<f64>| -> Vec<f64> { (0..bars).filter(|&bar| !missing(bar)).map(|bar| column[bar]).collect() };
    let walk = Walk::new(bars, &mut Draw(17));
    for entry in CATALOG.iter().filter(|entry| !KEEPS_MISSING.contains(&entry.signature.name)) {
        let mut holed = walk.inputs(entry);
        let without: Vec<Vec<f64>> = holed.iter().map(present).collect();
        for column in &mut holed {
            (0..bars).filter(|&bar| missing(bar)).for_each(|bar| column[bar] = f64::NAN);
        }
        for numbers in parameter_sets(entry) {
            if (entry.signature.settle)(&numbers) == Settle::Bars((entry.signature.warm_up)(&numbers)) {
                continue;
            }
            let what = format!("{} {numbers:?}", entry.signature.name);
            let answers: Vec<Vec<f64>> = batch(entry, &numbers, &holed, &[]).iter().map(present).collect();
            assert_same(&answers, &batch(entry, &numbers, &without, &[]), without[0].len(), &what);
        }
    }
}

/// After `settle` bars another beginning of the history makes no difference: 1e-8 of the scale, as what the start
/// weighs may itself be larger than the answers.
#[test]
fn the_start_is_forgotten_once_settled() {
    let bars = 6500;
    let walk = Walk::new(bars, &mut Draw(13));
    for entry in CATALOG {
        let inputs = walk.inputs(entry);
        for numbers in parameter_sets(entry) {
            let Settle::Bars(settle) = (entry.signature.settle)(&numbers) else { continue };
            let cut = 37;
            assert!(cut + settle < bars, "{}: a longer walk is needed", entry.signature.name);
            let later: Vec<Vec<f64>> = inputs.iter().map(|column| column[cut..].to_vec()).collect();
            let (all, some) = (batch(entry, &numbers, &inputs, &[]), batch(entry, &numbers, &later, &[]));
            for (all, some) in all.iter().zip(&some) {
                let scale = all.iter().filter(|x| !x.is_nan()).fold(1.0_f64, |scale, x| scale.max(x.abs()));
                let differs = (settle..some.len()).find(|&bar| (all[cut + bar] - some[bar]).abs() > 1e-8 * scale);
                assert_eq!(differs, None, "{} {numbers:?} does not settle", entry.signature.name);
            }
        }
    }
}

/// The manual's entries are complete sentences about distinct functions.
#[test]
fn signatures_are_complete() {
    for (index, entry) in CATALOG.iter().enumerate() {
        let s = &entry.signature;
        assert!(CATALOG[..index].iter().all(|other| other.signature.name != s.name), "{} stands twice", s.name);
        for text in [s.summary, s.formula, s.edge_cases, s.source] {
            assert!(text.len() > 5, "{}: an empty heading", s.name);
        }
        assert!(s.summary.ends_with('.') && s.edge_cases.ends_with('.') && s.source.ends_with('.'), "{}", s.name);
        assert!(s.outputs.len() == 1 || s.outputs.iter().all(|output| !output.name.is_empty()), "{}", s.name);
    }
}
