//! When a target portfolio is due for rebalancing: on the regular calendar, at the close of a session.
//!
//! A period's day is its first scheduled session plus `offset` scheduled sessions. Where that day had no session after
//! all (an unscheduled closure, or no bar of any symbol), the next session with bars stands in. A period that is too
//! short for the offset has no day. `n` sessions are counted from the first scheduled session of 1970, so that a run's
//! first date does not move them.

use crate::calendar::{Period, is_regular_session, period_id, period_last_day, regular_sessions_between};
use crate::plan::Rebalance;
use crate::simulate::market::Market;

/// For each step, whether a rebalance is due at its close. `OnChange` and `OnDrift` are due at every session's
/// close, where the chosen set or the holdings decide.
pub(super) fn due_steps(rebalance: Rebalance, market: &Market<'_>) -> Vec<bool> {
    let steps = market.steps();
    let mut due = vec![false; steps];
    let closes = (0..steps).filter(|&step| market.ends_session(step));
    let (period, offset, every) = match rebalance {
        Rebalance::EverySession | Rebalance::OnChange | Rebalance::OnDrift => {
            closes.for_each(|step| due[step] = true);
            return due;
        }
        Rebalance::Weekly { offset } => (Some(Period::Week), offset, 0),
        Rebalance::Monthly { offset } => (Some(Period::Month), offset, 0),
        Rebalance::Quarterly { offset } => (Some(Period::Quarter), offset, 0),
        Rebalance::Sessions { every, offset } => (None, offset, every.max(1)),
    };
    if steps == 0 {
        return due;
    }
    let mut next_date = market.panel.timeline.date(0);
    // The scheduled sessions so far in the period (of all time, for `n` sessions), this date excluded.
    let mut id = period.map_or(0, |period| period_id(period, next_date));
    let start = period.map_or(0, |period| period_last_day(period, id - 1));
    let mut ordinal = regular_sessions_between(start, next_date - 1);
    for step in closes {
        let date = market.panel.timeline.date(step);
        while next_date <= date {
            if let Some(period) = period
                && period_id(period, next_date) != id
            {
                (id, ordinal) = (period_id(period, next_date), 0);
            }
            if is_regular_session(next_date) {
                due[step] |= if every == 0 { ordinal == offset } else { ordinal % every == offset % every };
                ordinal += 1;
            }
            next_date += 1;
        }
    }
    due
}
