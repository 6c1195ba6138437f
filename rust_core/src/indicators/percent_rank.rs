//! Where a value stands among its own recent past.

use super::Entry;
use super::piecewise::Piecewise;
use super::sorted::{SortedWindow, below};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, output, required_length, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "percent_rank",
        kind: Kind::TimeSeries,
        family: "statistics",
        summary: "The share of the other values of the window that lie below this bar's, a ratio from 0 to 1.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to rank against its past"),
            required_length("length", 2, 5000, "bars, this one included"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::Ratio), "0 at the window's lowest value, 1 at its highest")],
        warm_up: |n| n[0] as usize - 1,
        settle: |n| Settle::Bars(n[0] as usize - 1),
        formula: "(number of x[t-i] < x[t] + half the number of x[t-i] = x[t], i from 1 to length-1) / (length - 1)",
        edge_cases: "Equal values count half, so a flat window gives 0.5. Values are compared exactly. Missing while a \
                     missing value is in the window. Across symbols: percentile.",
        source: "Mid-rank percentile; pandas rank(method='average') brought to 0 to 1.",
        version: 1,
    },
    build: |n| Box::new(PercentRank { window: SortedWindow::new(n[0] as usize) }),
};

struct PercentRank {
    window: SortedWindow,
}

/// Mid-rank of `value` among the others of an ascending window that holds it and at least one more.
fn rank(ascending: &[f64], value: f64) -> f64 {
    let lower = below(ascending, value);
    let tied = ascending.get(lower + 1).is_some_and(|&next| next == value);
    let ties = if tied { ascending[lower..].partition_point(|&x| x <= value) - 1 } else { 0 };
    // Twice the rank is a whole number: one rounding, in the division.
    (2 * lower + ties) as f64 / (2 * (ascending.len() - 1)) as f64
}

impl Piecewise for PercentRank {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([values], [ranks]) = (inputs, outputs) else { return };
        self.window.block(values, ranks, rank);
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::truth::testing::expect;

    #[test]
    fn percent_rank_counts_equal_values_half() {
        // 4 among 1 2 3: all below. 2 among 2 3 4: one tie of three, 0.5 / 3. 3 among 3 4 2: (1 + 0.5) / 3.
        expect("percent_rank", &[4.0], &["1 2 3 4 2 3"], "_ _ _ 1 0.16666666666666666 0.5");
        expect("percent_rank", &[3.0], &["7 7 7 _ 1 2 0"], "_ _ 0.5 _ _ _ 0");
    }
}
