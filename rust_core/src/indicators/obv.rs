//! On-balance volume.

use super::Entry;
use super::piecewise::{Piecewise, any_missing};
use crate::signature::{Field, Kind, Settle, Signature, UnitRule, output};
use crate::units::Unit;

pub static ENTRY: Entry = Entry {
    signature: Signature {
        name: "obv",
        kind: Kind::TimeSeries,
        family: "volume",
        summary: "Volume added on rising and taken off on falling closes since the first bar, in shares.",
        reads: &[Field::Close, Field::Volume],
        params: &[],
        outputs: &[output(UnitRule::Fixed(Unit::VOLUME), "the running balance")],
        warm_up: |_| 0,
        settle: |_| Settle::Never,
        formula: "o[t] = o[t-1] + volume[t] where the close rose, - volume[t] where it fell, unchanged where it did neither; seed: o = volume on the first bar",
        edge_cases: "A bar with a missing value is passed over: the next close is compared with the last present one. The level depends on where the history begins.",
        source: "J. Granville, New Key to Stock Market Profits (1963); conventions of TA-Lib OBV.",
        version: 1,
    },
    build: |_| Box::new(Obv { close: f64::NAN, balance: 0.0 }),
};

struct Obv {
    close: f64,
    balance: f64,
}

impl Obv {
    /// What the bar adds. Before the first bar there is no close, and the whole volume counts.
    #[inline(always)]
    fn added(before: f64, close: f64, volume: f64) -> f64 {
        if close < before {
            -volume
        } else if close == before {
            0.0
        } else {
            volume
        }
    }
}

impl Piecewise for Obv {
    const SCRATCH: usize = 0;

    fn piece(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], _: &mut [f64]) {
        let ([closes, volumes], [balances]) = (inputs, outputs) else { return };
        if self.close.is_nan() || any_missing(closes) || any_missing(volumes) {
            for (bar, balance) in balances.iter_mut().enumerate() {
                let present = !(closes[bar].is_nan() || volumes[bar].is_nan());
                if present {
                    self.balance += Self::added(self.close, closes[bar], volumes[bar]);
                    self.close = closes[bar];
                }
                *balance = if present { self.balance } else { f64::NAN };
            }
            return;
        }
        balances[0] = Self::added(self.close, closes[0], volumes[0]);
        for ((balance, pair), volume) in balances[1..].iter_mut().zip(closes.windows(2)).zip(&volumes[1..]) {
            *balance = Self::added(pair[0], pair[1], *volume);
        }
        for balance in balances.iter_mut() {
            self.balance += *balance;
            *balance = self.balance;
        }
        self.close = closes[closes.len() - 1];
    }
}
