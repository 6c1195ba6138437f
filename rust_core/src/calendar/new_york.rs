//! New York time by rule: the date of an instant, and the open and close of a session in UTC.
//!
//! Daylight saving ran from the first Sunday of April to the last of October from 1987 on (15 U.S.C. 260a as amended
//! 1986) and has run from the second Sunday of March to the first of November since 2007 (Energy Policy Act of 2005).

use super::date::{civil_from_days, days_from_civil, weekday};
use super::holidays::is_early_close;

pub const MINUTE_NS: i64 = 60 * 1_000_000_000;
pub const HOUR_NS: i64 = 60 * MINUTE_NS;
pub const DAY_NS: i64 = 24 * HOUR_NS;

/// New York's offset from UTC at an instant: -5 hours, -4 in summer.
pub fn new_york_offset_ns(utc_ns: i64) -> i64 {
    let year = civil_from_days(floor_date(utc_ns - 5 * HOUR_NS)).year;
    let (start, end) = summer(year);
    // Clocks move at 02:00 standard time in spring, 02:00 summer time in autumn.
    let from = i64::from(start) * DAY_NS + 7 * HOUR_NS;
    let to = i64::from(end) * DAY_NS + 6 * HOUR_NS;
    if (from..to).contains(&utc_ns) { -4 * HOUR_NS } else { -5 * HOUR_NS }
}

/// First and last Sunday of daylight saving in a year.
fn summer(year: i32) -> (i32, i32) {
    if year >= 2007 {
        (first_sunday(year, 3, 8), first_sunday(year, 11, 1))
    } else {
        (first_sunday(year, 4, 1), first_sunday(year, 10, 25))
    }
}

/// The first Sunday on or after a date.
fn first_sunday(year: i32, month: u32, day: u32) -> i32 {
    let date = days_from_civil(year, month, day);
    date + (7 - weekday(date)) as i32
}

fn floor_date(ns: i64) -> i32 {
    // Nanoseconds in an i64 span 292 years either way: about 107,000 days.
    ns.div_euclid(DAY_NS) as i32
}

/// The date in New York at an instant.
pub fn new_york_date(utc_ns: i64) -> i32 {
    floor_date(utc_ns.saturating_add(new_york_offset_ns(utc_ns)))
}

/// The date a midnight-UTC stamp stands for; `None` for any other instant.
pub fn date_of_utc_midnight(utc_ns: i64) -> Option<i32> {
    (utc_ns % DAY_NS == 0).then(|| floor_date(utc_ns))
}

/// A New York wall-clock time as an instant; not for the hour in which clocks move.
fn at_new_york(date: i32, time_ns: i64) -> i64 {
    let local = i64::from(date).saturating_mul(DAY_NS).saturating_add(time_ns);
    local.saturating_sub(new_york_offset_ns(local.saturating_add(5 * HOUR_NS)))
}

/// Midnight at the start of a New York date.
pub fn new_york_midnight_ns(date: i32) -> i64 {
    at_new_york(date, 0)
}

/// 09:30 New York time.
pub fn session_open_ns(date: i32) -> i64 {
    at_new_york(date, 9 * HOUR_NS + 30 * MINUTE_NS)
}

/// 16:00 New York time, 13:00 on half days.
pub fn scheduled_close_ns(date: i32) -> i64 {
    at_new_york(date, if is_early_close(date) { 13 } else { 16 } * HOUR_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(year: i32, month: u32, day: u32, hour: i64, minute: i64) -> i64 {
        i64::from(days_from_civil(year, month, day)) * DAY_NS + hour * HOUR_NS + minute * MINUTE_NS
    }

    #[test]
    fn clocks_move_at_the_published_instants() {
        // 2026: 8 March 07:00 UTC and 1 November 06:00 UTC. 2006: 2 April and 29 October.
        for (before, after) in [
            (utc(2026, 3, 8, 6, 59), utc(2026, 3, 8, 7, 0)),
            (utc(2026, 11, 1, 6, 0), utc(2026, 11, 1, 5, 59)),
            (utc(2006, 4, 2, 6, 59), utc(2006, 4, 2, 7, 0)),
            (utc(2006, 10, 29, 6, 0), utc(2006, 10, 29, 5, 59)),
        ] {
            assert_eq!(new_york_offset_ns(before), -5 * HOUR_NS);
            assert_eq!(new_york_offset_ns(after), -4 * HOUR_NS);
        }
    }

    #[test]
    fn sessions_open_and_close_at_new_york_times() {
        let date = |year, month, day| days_from_civil(year, month, day);
        assert_eq!(session_open_ns(date(2026, 3, 6)), utc(2026, 3, 6, 14, 30));
        assert_eq!(session_open_ns(date(2026, 3, 9)), utc(2026, 3, 9, 13, 30));
        assert_eq!(scheduled_close_ns(date(2026, 10, 30)), utc(2026, 10, 30, 20, 0));
        assert_eq!(scheduled_close_ns(date(2026, 11, 2)), utc(2026, 11, 2, 21, 0));
        assert_eq!(scheduled_close_ns(date(2026, 11, 27)), utc(2026, 11, 27, 18, 0));
        assert_eq!(scheduled_close_ns(date(2026, 12, 24)), utc(2026, 12, 24, 18, 0));
    }

    #[test]
    fn an_evening_in_new_york_is_still_that_date() {
        // 19:30 on Monday, 2 March 2026, is 00:30 UTC on Tuesday.
        assert_eq!(new_york_date(utc(2026, 3, 3, 0, 30)), days_from_civil(2026, 3, 2));
        assert_eq!(new_york_midnight_ns(days_from_civil(2026, 7, 1)), utc(2026, 7, 1, 4, 0));
        assert_eq!(new_york_date(new_york_midnight_ns(days_from_civil(2026, 11, 1))), days_from_civil(2026, 11, 1));
    }

    #[test]
    fn only_midnight_stands_for_a_date() {
        assert_eq!(date_of_utc_midnight(utc(2026, 3, 3, 0, 0)), Some(days_from_civil(2026, 3, 3)));
        assert_eq!(date_of_utc_midnight(utc(2026, 3, 3, 5, 0)), None);
    }
}
