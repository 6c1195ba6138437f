//! Stochastic RSI.

use super::Entry;
use super::gains::GainsLosses;
use super::piecewise::{Piecewise, columns};
use super::smoothing::fading;
use super::stoch::position_in_range;
use super::window::{Highest, Lowest, Mean};
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, member, series};
use crate::units::{TIE, Unit};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "stochrsi",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "Where the RSI lies in the range of its own last values, 0 to 100 percent-points.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("length", 14, 2, 5000, "length of the RSI"),
            length("k_length", 14, 1, 5000, "bars of the range, this one included"),
            length("d_smooth", 3, 1, 5000, "bars that d is averaged over"),
        ],
        outputs: &[
            member("k", UnitRule::Fixed(Unit::PercentPoints), "the position in the range, not smoothed"),
            member("d", UnitRule::Fixed(Unit::PercentPoints), "the simple average of k"),
        ],
        warm_up: |n| (n[0] + n[1] + n[2]) as usize - 2,
        settle: |n| Settle::Bars((n[0] + n[1] + n[2]) as usize - 2 + fading(1.0 / n[0])),
        formula: "k = 100 * (r - l) / (h - l), d = sma(k, d_smooth); r = rsi(x, length), h and l its highest and lowest of the last `k_length` bars",
        edge_cases: "A range under 1e-10 gives 0: where prices stand still the RSI does too, but for rounding. After a missing value the windows over the RSI are missing until it has left them; both members begin together and are missing together.",
        source: "T. Chande and S. Kroll, The New Technical Trader (1994); conventions of TA-Lib STOCHRSI.",
        version: 1,
    },
    build: |n| Box::new(StochRsi::new(n[0] as usize, n[1] as usize, n[2] as usize)),
};

/// A range of the RSI that is rounding alone: a tie on its scale of 100.
const NOTHING: f64 = 100.0 * TIE;

struct StochRsi {
    averages: GainsLosses,
    highest: Highest,
    lowest: Lowest,
    d: Mean,
}

impl StochRsi {
    fn new(length: usize, k: usize, d: usize) -> Self {
        Self { averages: GainsLosses::new(length), highest: Highest::new(k), lowest: Lowest::new(k), d: Mean::new(d) }
    }
}

impl Piecewise for StochRsi {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [k, d]) = (inputs, outputs) else { return };
        let [ups, downs, gains, losses] = columns(scratch);
        self.averages.block(values, [gains, losses], [ups, downs]);
        let rsi = gains;
        for (gain, loss) in rsi.iter_mut().zip(losses.iter()) {
            let total = *gain + loss;
            let share = 100.0 * (*gain / total);
            *gain = if total == 0.0 { 0.0 } else { share };
        }
        self.highest.block(rsi, k);
        self.lowest.block(rsi, losses);
        position_in_range(rsi, losses, k, NOTHING);
        self.d.block(k, d);
        for (k, d) in k.iter_mut().zip(d.iter()) {
            *k = if d.is_nan() { f64::NAN } else { *k };
        }
    }
}
