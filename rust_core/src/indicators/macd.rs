//! Moving average convergence and divergence.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{Smoothing, fading_cascade};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, member, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "macd",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "A faster less a slower exponential average, its own average, and the difference of the two, in the unit of the series as a distance.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("fast", 12, 2, 5000, "length of the faster average"),
            length("slow", 26, 2, 5000, "length of the slower average"),
            length("signal", 9, 1, 5000, "length of the signal"),
        ],
        outputs: &[
            member("line", UnitRule::Difference, "ema(fast) - ema(slow)"),
            member("signal", UnitRule::Difference, "the exponential average of the line"),
            member("histogram", UnitRule::Difference, "line - signal"),
        ],
        warm_up: |n| n[0].max(n[1]) as usize + n[2] as usize - 2,
        settle: |n| {
            Settle::Bars(
                n[0].max(n[1]) as usize + n[2] as usize - 2 + fading_cascade(2.0 / (n[0].max(n[1]).max(n[2]) + 1.0), 2),
            )
        },
        formula: "line = ema(x, fast) - ema(x, slow), signal = ema(line, signal), histogram = line - signal; both averages have their seed end on bar `slow` (the faster one leaves out the first slow - fast values)",
        edge_cases: "All members begin together, with the signal. Lengths in the wrong order are exchanged, as in TA-Lib. A missing value holds the state and is answered by a missing value.",
        source: "G. Appel, The Moving Average Convergence-Divergence Method (1979); conventions of TA-Lib MACD.",
        version: 1,
    },
    build: |n| Box::new(Macd::new(n[0] as usize, n[1] as usize, n[2] as usize)),
};

struct Macd {
    fast: Smoothing,
    slow: Smoothing,
    signal: Smoothing,
}

impl Macd {
    fn new(fast: usize, slow: usize, signal: usize) -> Self {
        let (fast, slow) = (fast.min(slow), fast.max(slow));
        Self {
            fast: Smoothing::new(2.0 / (fast as f64 + 1.0), fast, slow - fast),
            slow: Smoothing::exponential(slow),
            signal: Smoothing::exponential(signal),
        }
    }
}

impl Piecewise for Macd {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [line, signal, histogram]) = (inputs, outputs) else { return };
        self.fast.block(values, line);
        self.slow.block(values, histogram);
        for (line, slow) in line.iter_mut().zip(histogram.iter()) {
            *line -= slow;
        }
        self.signal.block(line, signal);
        for ((histogram, line), signal) in histogram.iter_mut().zip(line.iter_mut()).zip(signal.iter()) {
            *histogram = *line - signal;
            *line = if signal.is_nan() { f64::NAN } else { *line };
        }
    }
}
