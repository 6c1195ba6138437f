//! Chande momentum oscillator.

use super::Entry;
use super::gains::GainsLosses;
use super::piecewise::{Piecewise, columns};
use super::smoothing::fading;
use crate::signature::{Accepts, Kind, Settle, Signature, UnitRule, length, output, series};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "cmo",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The Chande momentum oscillator in Wilder's smoothing: gains less losses over all changes, -100 to 100 percent-points.",
        reads: &[],
        params: &[
            series("series", Accepts::Series, "what to measure"),
            length("length", 14, 2, 5000, "changes of the seed, and of Wilder's weight 1 / length"),
        ],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "-100 to 100")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize + fading(1.0 / n[0])),
        formula: "100 * (g - l) / (g + l), g and l the averages of gains and of losses as in rsi",
        edge_cases: "Chande sums plain windows; this smooths as TA-Lib does. No change at all since the start gives 0. A missing value is passed over: the next change is taken against the last present value.",
        source: "T. Chande and S. Kroll, The New Technical Trader (1994); conventions of TA-Lib CMO.",
        version: 1,
    },
    build: |n| Box::new(Cmo(GainsLosses::new(n[0] as usize))),
};

struct Cmo(GainsLosses);

impl Piecewise for Cmo {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([values], [answers]) = (inputs, outputs) else { return };
        let [ups, downs, gains, losses] = columns(scratch);
        self.0.block(values, [gains, losses], [ups, downs]);
        for ((answer, gain), loss) in answers.iter_mut().zip(gains.iter()).zip(losses.iter()) {
            let total = gain + loss;
            let balance = 100.0 * ((gain - loss) / total);
            *answer = if total == 0.0 { 0.0 } else { balance };
        }
    }
}
