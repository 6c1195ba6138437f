//! Bars of a higher timeframe, and the step from which each may be seen.
//!
//! A period is complete at the close of its last *scheduled* session: the first step whose bar ends then or later. It
//! is never visible earlier, even where an unscheduled closure had already ended it; later bars of the same date (after
//! hours) belong to the next period. So nothing that is visible at a step depends on a later one.

use super::{SymbolBars, Timeline};
use crate::calendar::{Period, last_regular_session, next_regular_session, period_id, scheduled_close_ns};
use crate::signature::Field;

/// A symbol's complete bars of a higher timeframe, forward-adjusted, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resampled {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume: Vec<f64>,
    /// Timeline step from which each bar is visible, never decreasing.
    pub visible: Vec<u32>,
    /// Factors of the period's last base bar, as in `Forward`; empty when the symbol has no actions.
    pub price: Vec<f64>,
    pub split: Vec<f64>,
}

/// Aggregates a symbol's bars: first open, highest high, lowest low, last close, sum of volume. `bar_ns` is the length
/// of an intraday base bar; daily bars do not need it.
pub fn resample(bars: &SymbolBars, timeline: &Timeline, period: Period, bar_ns: i64) -> Resampled {
    let mut out = Resampled::default();
    let [open, high, low, close, volume] =
        [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume].map(|field| bars.field(field));
    let mut session = None;
    let (mut id, mut complete_at) = (0, 0);
    let mut current = None;
    for bar in 0..bars.len() {
        let step = bars.step_of(bar);
        if session != Some(timeline.session[step]) {
            session = Some(timeline.session[step]);
            let date = period_id(period, timeline.date(step));
            // After hours of the session before may already have opened this period.
            if current.is_none() || date > id {
                (id, complete_at) = (date, completion(timeline, period, date, bar_ns));
            }
        }
        while step > complete_at {
            id = next_period(period, id);
            complete_at = completion(timeline, period, id, bar_ns);
        }
        if complete_at >= timeline.len() {
            break;
        }
        match out.close.len().checked_sub(1) {
            Some(last) if current == Some(id) => {
                out.high[last] = out.high[last].max(high[bar]);
                out.low[last] = out.low[last].min(low[bar]);
                out.close[last] = close[bar];
                out.volume[last] += volume[bar];
            }
            _ => {
                current = Some(id);
                out.open.push(open[bar]);
                out.high.push(high[bar]);
                out.low.push(low[bar]);
                out.close.push(close[bar]);
                out.volume.push(volume[bar]);
                out.visible.push(complete_at as u32);
            }
        }
        if let Some(forward) = &bars.forward {
            out.price.resize(out.close.len(), 0.0);
            out.split.resize(out.close.len(), 0.0);
            if let (Some(price), Some(split)) = (out.price.last_mut(), out.split.last_mut()) {
                (*price, *split) = (forward.price[bar], forward.split[bar]);
            }
        }
    }
    out
}

/// The period after `id` that a bar outside regular hours belongs to.
fn next_period(period: Period, id: i32) -> i32 {
    if period == Period::Day { next_regular_session(id) } else { id + 1 }
}

/// The first step at which the period's last scheduled close has passed; the timeline's length when there is none yet.
fn completion(timeline: &Timeline, period: Period, id: i32, bar_ns: i64) -> usize {
    let last = last_regular_session(period, id);
    if timeline.daily {
        timeline.dates.partition_point(|&date| date < last)
    } else {
        let close_ns = scheduled_close_ns(last);
        timeline.ts_ns.partition_point(|&ts| ts.saturating_add(bar_ns) < close_ns)
    }
}
