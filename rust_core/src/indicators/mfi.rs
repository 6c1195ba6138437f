//! Money flow index.

use super::Entry;
use super::piecewise::{Piecewise, columns};
use super::window::{Delay, Sum};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, length, output};
use crate::units::{TIE, Unit};

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "mfi",
        kind: Kind::TimeSeries,
        family: "momentum",
        summary: "The money flow index: the share of money that flowed on rising bars, 0 to 100 percent-points.",
        reads: &[Field::High, Field::Low, Field::Close, Field::Volume],
        params: &[length("length", 14, 2, 5000, "bars that have a bar before them")],
        outputs: &[output(UnitRule::Fixed(Unit::PercentPoints), "0 to 100")],
        warm_up: |n| n[0] as usize,
        settle: |n| Settle::Bars(n[0] as usize),
        formula: "100 * p / (p + q), p and q the sums over the last `length` bars of typical price * volume where the typical price (high + low + close) / 3 rose and where it fell",
        edge_cases: "Typical prices that differ by no more than 1e-12 of the price are equal and flow nowhere. No flow at all gives 0; TA-Lib gives 0 for any flow under 1, whatever the unit, while here scale does not matter. Missing while a missing value is in the window of length + 1 bars.",
        source: "G. Quong and A. Soudack, Technical Analysis of Stocks and Commodities (March 1989); conventions of TA-Lib MFI.",
        version: 1,
    },
    build: |n| {
        Box::new(Mfi { before: Delay::new(1), rising: Sum::new(n[0] as usize), falling: Sum::new(n[0] as usize) })
    },
};

struct Mfi {
    before: Delay,
    rising: Sum,
    falling: Sum,
}

impl Piecewise for Mfi {
    const SCRATCH: usize = 4;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], scratch: &mut [f64]) {
        let ([high, low, close, volume], [answers]) = (inputs, outputs) else { return };
        let [price, flow, up, down] = columns(scratch);
        for (bar, price) in price.iter_mut().enumerate() {
            *price = (high[bar] + low[bar] + close[bar]) / 3.0;
        }
        self.before.block(price, flow);
        for (bar, flow) in flow.iter_mut().enumerate() {
            // The sign of the change, missing where it is.
            let change = price[bar] - *flow;
            let equal = TIE * price[bar].abs();
            let money = price[bar] * volume[bar] + 0.0 * change;
            up[bar] = if change > equal { money } else { 0.0 * money };
            *flow = if change < -equal { money } else { 0.0 * money };
        }
        self.rising.block(up, answers);
        self.falling.block(flow, down);
        for (rising, falling) in answers.iter_mut().zip(down) {
            let total = *rising + *falling;
            *rising = if total == 0.0 { 0.0 } else { 100.0 * (*rising / total) };
        }
    }
}
