//! Nanoseconds per bar of every time-series function over 1,000,000 bars, the best of several runs.
//!
//! Prints `name parameters ns`; names on the command line choose among them. `benchmarks/` has the comparison with TA-Lib.

use oracle_core::indicators::CATALOG;
use oracle_core::signature::Field;
use std::time::Instant;

const BARS: usize = 1_000_000;
const RUNS: usize = 9;

/// A random walk with a daily range, from a fixed generator.
struct Walk {
    columns: [Vec<f64>; 5],
}

impl Walk {
    fn new() -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut uniform = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut columns: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::with_capacity(BARS));
        let mut close = 100.0_f64;
        for _ in 0..BARS {
            let open = close * (1.0 + 0.004 * (uniform() - 0.5));
            close = (open * (1.0 + 0.03 * (uniform() - 0.5))).clamp(1.0, 10_000.0);
            let high = open.max(close) * (1.0 + 0.01 * uniform());
            let low = open.min(close) * (1.0 - 0.01 * uniform());
            let bar = [open, high, low, close, (1e6 * (0.5 + uniform())).floor()];
            columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        }
        Self { columns }
    }

    fn field(&self, field: Field) -> &[f64] {
        &self.columns[field as usize]
    }
}

fn main() {
    let walk = Walk::new();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for entry in CATALOG {
        let signature = &entry.signature;
        if !wanted.is_empty() && !wanted.iter().any(|name| name == signature.name) {
            continue;
        }
        let numbers: Vec<f64> = signature.constants().map(|param| param.default.unwrap_or(20.0)).collect();
        let mut inputs: Vec<&[f64]> = signature.reads.iter().map(|&field| walk.field(field)).collect();
        let series = [Field::Close, Field::Open].into_iter().cycle();
        inputs.extend(signature.series().zip(series).map(|(_, field)| walk.field(field)));
        let mut outputs = vec![vec![0.0; BARS]; signature.outputs.len()];
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let mut columns: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            let start = Instant::now();
            let mut machine = (entry.build)(&numbers);
            machine.block(&inputs, &mut columns);
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{} {numbers:?} {:.2}", signature.name, best * 1e9 / BARS as f64);
    }
}
