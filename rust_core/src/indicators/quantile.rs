//! Moving quantile.

use super::Entry;
use super::piecewise::Piecewise;
use super::sorted::SortedWindow;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, number, output, required_length, series};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "quantile",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The value below which a share `q` of the last `length` values lies, in the unit of the series.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to take the quantile of"),
            required_length("length", 1, 5000, "bars, this one included"),
            number("q", 0.5, 0.0, 1.0, "the share: 0 gives the lowest value, 1 the highest, 0.5 the median"),
        ],
        outputs: &[output(UnitRule::Same, "the quantile")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "the window sorted as s[0] to s[length-1], p = q * (length - 1), i = floor(p): \
                  s[i] + (p - i) * (s[i+1] - s[i])",
        edge_cases: "Missing while a missing value is in the window. Across symbols: cs_quantile.",
        source: "R. J. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages (1996), definition 7; \
                 numpy.quantile.",
        version: 1,
    },
    build: |n| Box::new(Quantile::new(n[0] as usize, n[1])),
};

struct Quantile {
    window: SortedWindow,
    below: usize,
    part: f64,
}

impl Quantile {
    fn new(length: usize, q: f64) -> Self {
        let position = q * (length - 1) as f64;
        let below = (position as usize).min(length - 1);
        Self { window: SortedWindow::new(length), below, part: position - below as f64 }
    }

    fn of(ascending: &[f64], below: usize, part: f64) -> f64 {
        let low = ascending[below];
        // At the top there is nothing to go towards, and an infinity less itself would be missing.
        if part == 0.0 { low } else { low + part * (ascending[below + 1] - low) }
    }
}

impl Piecewise for Quantile {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [quantiles]) = (inputs, outputs) else { return };
        let (below, part) = (self.below, self.part);
        self.window.block(values, quantiles, |sorted, _| Self::of(sorted, below, part));
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn quantile_interpolates_between_neighbours() {
        // Sorted 10 20 30 40; p = 0.25 * 3 = 0.75: 10 + 0.75 * 10 = 17.5. Then 10 20 30 90: the same.
        expect("quantile", &[4.0, 0.25], &["40 10 30 20 90"], "_ _ _ 17.5 17.5");
        expect("quantile", &[3.0, 1.0], &["4 1 3 2 _ 5"], "_ _ 4 3 _ _");
        expect("quantile", &[3.0, 0.0], &["4 1 3 2 5"], "_ _ 1 1 2");
    }
}
