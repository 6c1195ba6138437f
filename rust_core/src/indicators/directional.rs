//! Wilder's directional movement, shared by `adx`, `plus_di` and `minus_di`.

use super::piecewise::columns;
use super::smoothing::Smoothing;
use super::true_range::TrueRange;

/// Smoothed movement up, movement down and true range.
///
/// As in TA-Lib the first bar counts as a movement of nothing, the seed covers it and `length - 1` bars more, and
/// the first answer comes one bar after the seed.
pub struct Directional {
    high: f64,
    low: f64,
    range: TrueRange,
    smoothed: [Smoothing; 3],
}

impl Directional {
    /// Scratch columns that `block` needs.
    pub const SCRATCH: usize = 3;

    pub fn new(length: usize) -> Self {
        let quiet = || Smoothing::wilder(length).without_seed();
        let smoothed = [quiet(), quiet(), quiet()];
        Self { high: f64::NAN, low: f64::NAN, range: TrueRange::new(), smoothed }
    }

    /// Writes both movements and the range, smoothed, at each bar.
    pub fn block(&mut self, bars: [&[f64]; 3], movements: [&mut [f64]; 2], range: &mut [f64], scratch: &mut [f64]) {
        let [high, low, close] = bars;
        let [up, down, spread] = columns(scratch);
        self.range.block(high, low, close, spread);
        if self.high.is_nan() || super::piecewise::any_missing(spread) {
            self.by_bar(bars, up, down, spread);
        } else {
            (up[0], down[0]) = moved(high[0] - self.high, self.low - low[0]);
            let pairs = high.windows(2).zip(low.windows(2));
            for ((up, down), (high, low)) in up[1..].iter_mut().zip(&mut down[1..]).zip(pairs) {
                (*up, *down) = moved(high[1] - high[0], low[0] - low[1]);
            }
            (self.high, self.low) = (high[high.len() - 1], low[low.len() - 1]);
        }
        let [smooth_up, smooth_down, smooth_range] = &mut self.smoothed;
        let [ups, downs] = movements;
        smooth_up.block(up, ups);
        smooth_down.block(down, downs);
        smooth_range.block(spread, range);
    }

    fn by_bar(&mut self, [highs, lows, closes]: [&[f64]; 3], up: &mut [f64], down: &mut [f64], range: &mut [f64]) {
        for bar in 0..range.len() {
            let (high, low) = (highs[bar], lows[bar]);
            if high.is_nan() || low.is_nan() || closes[bar].is_nan() {
                (up[bar], down[bar], range[bar]) = (f64::NAN, f64::NAN, f64::NAN);
                continue;
            }
            if self.high.is_nan() {
                (up[bar], down[bar], range[bar]) = (0.0, 0.0, 0.0);
            } else {
                (up[bar], down[bar]) = moved(high - self.high, self.low - low);
            }
            (self.high, self.low) = (high, low);
        }
    }
}

/// The larger of both movements where it is one, else nothing; equal movements cancel.
#[inline(always)]
fn moved(up: f64, down: f64) -> (f64, f64) {
    (if up > down && up > 0.0 { up } else { 0.0 }, if down > up && down > 0.0 { down } else { 0.0 })
}
