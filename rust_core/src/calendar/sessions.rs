//! Sessions, business-day arithmetic and the periods of higher timeframes.

use super::date::{Civil, civil_from_days, days_from_civil, days_in_month, weekday};
use super::holidays::{UNSCHEDULED_CLOSURES, is_regular_holiday};

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    Day,
    /// Monday to Sunday.
    Week,
    Month,
    Quarter,
}

/// Whether the rules schedule a session on this date. This is what was known beforehand.
pub fn is_regular_session(date: i32) -> bool {
    weekday(date) <= 5 && !is_regular_holiday(date)
}

/// Whether the exchange opened on this date, as known afterwards.
pub fn is_session(date: i32) -> bool {
    is_regular_session(date) && !UNSCHEDULED_CLOSURES.contains(&date)
}

/// The first scheduled session after `date`.
pub fn next_regular_session(date: i32) -> i32 {
    step(date, 1, is_regular_session)
}

/// The last scheduled session before `date`.
pub fn previous_regular_session(date: i32) -> i32 {
    step(date, -1, is_regular_session)
}

/// The first real session after `date`.
pub fn next_session(date: i32) -> i32 {
    step(date, 1, is_session)
}

/// The last real session before `date`.
pub fn previous_session(date: i32) -> i32 {
    step(date, -1, is_session)
}

fn step(mut date: i32, by: i32, open: fn(i32) -> bool) -> i32 {
    loop {
        date += by;
        if open(date) {
            return date;
        }
    }
}

/// The date `count` scheduled sessions after `date` (before it for a negative count); `date` itself for 0.
pub fn add_sessions(mut date: i32, count: i32) -> i32 {
    for _ in 0..count.unsigned_abs() {
        date = step(date, count.signum(), is_regular_session);
    }
    date
}

/// Real sessions after `from`, up to and including `to`; 0 when `to` is not later.
pub fn sessions_between(from: i32, to: i32) -> u32 {
    (from + 1..=to).filter(|&date| is_session(date)).count() as u32
}

/// Scheduled sessions after `from`, up to and including `to`; 0 when `to` is not later.
pub fn regular_sessions_between(from: i32, to: i32) -> u32 {
    (from + 1..=to).filter(|&date| is_regular_session(date)).count() as u32
}

/// Scheduled sessions after `date` in its month; 0 on the last one and after it.
pub fn sessions_to_month_end(date: i32) -> u32 {
    regular_sessions_between(date, period_last_day(Period::Month, period_id(Period::Month, date)))
}

/// A number that grows by one from each period to the next.
pub fn period_id(period: Period, date: i32) -> i32 {
    let Civil { year, month, .. } = civil_from_days(date);
    match period {
        Period::Day => date,
        // 1970-01-01 was a Thursday, so week 0 began on Monday, 1969-12-29.
        Period::Week => (date + 3).div_euclid(7),
        Period::Month => year * 12 + month as i32 - 1,
        Period::Quarter => year * 4 + (month as i32 - 1) / 3,
    }
}

/// The last calendar day of a period.
pub fn period_last_day(period: Period, id: i32) -> i32 {
    let month_end = |year: i32, month: u32| days_from_civil(year, month, days_in_month(year, month));
    match period {
        Period::Day => id,
        Period::Week => id * 7 - 3 + 6,
        Period::Month => month_end(id.div_euclid(12), id.rem_euclid(12) as u32 + 1),
        Period::Quarter => month_end(id.div_euclid(4), id.rem_euclid(4) as u32 * 3 + 3),
    }
}

/// The last scheduled session of a period. A day without a session answers itself.
pub fn last_regular_session(period: Period, id: i32) -> i32 {
    let last = period_last_day(period, id);
    if period == Period::Day || is_regular_session(last) { last } else { previous_regular_session(last) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::collections::BTreeMap;

    fn day(text: &str) -> i32 {
        let parts: Vec<i32> = text.split('-').map(|part| part.parse().expect("a number")).collect();
        days_from_civil(parts[0], parts[1] as u32, parts[2] as u32)
    }

    /// Every weekday that is not a full session, from an independent library; see tests/golden/make_nyse.py.
    fn golden() -> BTreeMap<i32, String> {
        let text = include_str!("../../../tests/golden/nyse_sessions.csv");
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .skip(1)
            .map(|line| {
                let (date, kind) = line.split_once(',').expect("two columns");
                (day(date), kind.to_string())
            })
            .collect()
    }

    #[test]
    fn every_day_agrees_with_the_independent_list() {
        let golden = golden();
        assert!(golden.len() > 300, "the list covers thirty years");
        for date in day("1998-01-01")..=day("2027-10-31") {
            let kind = golden.get(&date).map(String::as_str);
            let civil = civil_from_days(date);
            assert_eq!(is_session(date), weekday(date) <= 5 && !matches!(kind, Some("closed")), "{civil:?}");
            let early = super::super::is_early_close(date) && is_session(date);
            assert_eq!(early, kind == Some("early"), "{civil:?} closes early");
        }
    }

    #[test]
    fn schedules_do_not_foresee_the_closures() {
        let monday = day("2001-09-10");
        assert_eq!(next_regular_session(monday), day("2001-09-11"));
        assert_eq!(next_session(monday), day("2001-09-17"));
        assert_eq!(last_regular_session(Period::Week, period_id(Period::Week, monday)), day("2001-09-14"));
        assert_eq!(sessions_between(monday, day("2001-09-18")), 2);
        assert_eq!(regular_sessions_between(monday, day("2001-09-18")), 6);
    }

    #[test]
    fn months_end_on_their_last_scheduled_session() {
        // Good Friday, 2024-03-29, leaves Thursday as the last session of March.
        assert_eq!(sessions_to_month_end(day("2024-03-28")), 0);
        assert_eq!(sessions_to_month_end(day("2024-03-27")), 1);
        // November 2026: Thanksgiving on the 26th leaves 27 and 30 after the 25th.
        assert_eq!(sessions_to_month_end(day("2026-11-25")), 2);
    }

    #[test]
    fn periods_grow_by_one_and_end_where_the_next_begins() {
        for period in [Period::Day, Period::Week, Period::Month, Period::Quarter] {
            let mut id = period_id(period, day("1999-12-27"));
            for date in day("1999-12-27")..day("2005-01-10") {
                let next = period_id(period, date);
                assert!(next == id || next == id + 1);
                if next != id {
                    assert_eq!(period_last_day(period, id), date - 1);
                }
                id = next;
            }
        }
    }

    #[test]
    fn adding_sessions_skips_weekends_and_holidays() {
        assert_eq!(add_sessions(day("2026-11-25"), 1), day("2026-11-27"));
        assert_eq!(add_sessions(day("2026-11-30"), -2), day("2026-11-25"));
        assert_eq!(add_sessions(day("2026-11-25"), 0), day("2026-11-25"));
    }
}
