//! Relative strength index.

use super::Entry;
use super::gains::GainsLosses;
use super::piecewise::{Piecewise, columns};
use super::smoothing::fading;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "rsi",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "Wilder's relative strength index: the share of gains in all changes, 0 to 100 percent-points.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("length", 14, 2, 5000, "changes of the seed, and of Wilder's weight 1 / length"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "0 to 100")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(1.0 / n[0])),
        formula: "100 * g / (g + l), g and l the averages of gains and of losses: g[t] = g[t-1] * (1 - 1 / length) + gain[t] / length; seed: the means over the first `length` changes",
        edge_cases: "No change at all since the start gives 0, as in TA-Lib; gains alone give 100. A missing value is passed over: the next change is taken against the last present value.",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems (1978); conventions of TA-Lib RSI.",
        version: 1,
    },
    build: |n| Box::new(Rsi(GainsLosses::new(n[0] as usize))),
};

struct Rsi(GainsLosses);

impl Piecewise for Rsi {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        let [ups, downs, gains, losses] = columns(scratch);
        self.0.block(values, [gains, losses], [ups, downs]);
        for ((answer, gain), loss) in answers.iter_mut().zip(gains.iter()).zip(losses.iter()) {
            let total = gain + loss;
            let share = 100.0 * (gain / total);
            *answer = if total == 0.0 { 0.0 } else { share };
        }
    }
}
