//! Moving average convergence and divergence.

use super::Entry;
use super::piecewise::Piecewise;
use super::smoothing::{GROUP, Smoothing, fading_cascade};
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

    /// The line, the signal and the histogram after the next value; the other two wait for the signal.
    fn bar(&mut self, value: f64) -> [f64; 3] {
        let line = self.fast.step(value) - self.slow.step(value);
        let signal = self.signal.step(line);
        if signal.is_nan() { [f64::NAN; 3] } else { [line, signal, line - signal] }
    }

    /// Takes whole groups once the signal has begun and answers how many values that were: none if one was missing.
    fn groups(&mut self, values: &[f64], [lines, signals, histograms]: [&mut [f64]; 3]) -> usize {
        let (groups, _) = values.as_chunks::<GROUP>();
        let (lines, _) = lines.as_chunks_mut::<GROUP>();
        let (mut fast, mut slow) = (self.fast.recursion(), self.slow.recursion());
        for (values, line) in groups.iter().zip(lines.iter_mut()) {
            let (fast, slow) = (fast.four(*values), slow.four(*values));
            for i in 0..GROUP {
                line[i] = fast[i] - slow[i];
            }
        }
        let (signals, _) = signals.as_chunks_mut::<GROUP>();
        let (histograms, _) = histograms.as_chunks_mut::<GROUP>();
        let mut average = self.signal.recursion();
        for ((line, signal), histogram) in lines.iter().zip(signals).zip(histograms) {
            *signal = average.four(*line);
            for i in 0..GROUP {
                histogram[i] = line[i] - signal[i];
            }
        }
        if average.is_missing() {
            return 0;
        }
        self.fast.resume(fast);
        self.slow.resume(slow);
        self.signal.resume(average);
        groups.len() * GROUP
    }
}

impl Piecewise for Macd {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [line, signal, histogram]) = (inputs, outputs) else { return };
        let seeded = self.signal.is_seeded();
        let taken = if seeded { self.groups(values, [line, signal, histogram]) } else { 0 };
        for bar in taken..values.len() {
            [line[bar], signal[bar], histogram[bar]] = self.bar(values[bar]);
        }
    }
}
