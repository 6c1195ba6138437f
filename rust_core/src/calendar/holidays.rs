//! Which weekdays the NYSE rests, and on which it closes at 13:00.
//!
//! Source: NYSE Rule 7.2 (holidays) and the exchange's yearly notices of early closings; dates of unscheduled closures
//! from the exchange's own announcements. Compared day by day with a generated list in `tests/golden`.

use super::date::{Civil, civil_from_days, days_from_civil, weekday};

const MONDAY: u32 = 1;
const THURSDAY: u32 = 4;
const FRIDAY: u32 = 5;

/// Weekdays on which the exchange stayed shut without a rule: unknown to any schedule.
pub const UNSCHEDULED_CLOSURES: [i32; 10] = [
    // Attacks of 11 September.
    days_from_civil(2001, 9, 11),
    days_from_civil(2001, 9, 12),
    days_from_civil(2001, 9, 13),
    days_from_civil(2001, 9, 14),
    // Mourning for Presidents Reagan and Ford.
    days_from_civil(2004, 6, 11),
    days_from_civil(2007, 1, 2),
    // Hurricane Sandy.
    days_from_civil(2012, 10, 29),
    days_from_civil(2012, 10, 30),
    // Mourning for Presidents G. H. W. Bush and Carter.
    days_from_civil(2018, 12, 5),
    days_from_civil(2025, 1, 9),
];

/// Early closings announced for a single year: before the year 2000, and the Fridays after Christmas Day.
const ANNOUNCED_EARLY_CLOSES: [i32; 3] =
    [days_from_civil(1999, 12, 31), days_from_civil(2003, 12, 26), days_from_civil(1997, 12, 26)];

/// Whether a rule closes the exchange on this weekday (weekends answer false).
pub fn is_regular_holiday(date: i32) -> bool {
    let day = weekday(date);
    if day > FRIDAY {
        return false;
    }
    let civil = civil_from_days(date);
    let Civil { year, month, day: of_month } = civil;
    match month {
        // A Saturday 1 January is not moved to Friday, which still belongs to the old year's books.
        1 => is_observed(date, civil, 1, false) || (year >= 1998 && is_nth(of_month, day, MONDAY, 3)),
        2 => is_nth(of_month, day, MONDAY, 3),
        3 | 4 => day == FRIDAY && date == easter_sunday(year) - 2,
        5 => day == MONDAY && of_month > 31 - 7,
        6 => year >= 2022 && is_observed(date, civil, 19, true),
        7 => is_observed(date, civil, 4, true),
        9 => is_nth(of_month, day, MONDAY, 1),
        11 => is_nth(of_month, day, THURSDAY, 4),
        12 => is_observed(date, civil, 25, true),
        _ => false,
    }
}

/// Whether the session of this weekday is scheduled to close at 13:00 instead of 16:00 New York time.
pub fn is_early_close(date: i32) -> bool {
    let day = weekday(date);
    if day > FRIDAY || is_regular_holiday(date) {
        return false;
    }
    let Civil { year, month, day: of_month } = civil_from_days(date);
    let by_rule = match (month, of_month) {
        // Until 2012 a Wednesday 3 July stayed whole and the Friday after the holiday was cut instead.
        (7, 3) => day <= 2 || day == THURSDAY || (day == 3 && year >= 2013),
        (7, 5) => day == FRIDAY && year <= 2012,
        (11, 23..=29) => day == FRIDAY,
        (12, 24) => day < FRIDAY,
        _ => false,
    };
    by_rule || ANNOUNCED_EARLY_CLOSES.contains(&date)
}

/// Whether `date` is the `nth` given weekday of its month.
fn is_nth(of_month: u32, day: u32, wanted: u32, nth: u32) -> bool {
    day == wanted && of_month.div_ceil(7) == nth
}

/// Whether a holiday on `fixed` of this month is kept on `date`: a Sunday moves to Monday, a Saturday to Friday.
fn is_observed(date: i32, civil: Civil, fixed: u32, saturday_moves: bool) -> bool {
    let holiday = days_from_civil(civil.year, civil.month, fixed);
    match weekday(holiday) {
        6 => saturday_moves && date == holiday - 1,
        7 => date == holiday + 1,
        _ => date == holiday,
    }
}

/// Easter Sunday of the Gregorian calendar: the Sunday after the first ecclesiastical full moon from 21 March on.
fn easter_sunday(year: i32) -> i32 {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    // Solar and lunar corrections of the epact since the Julian tables.
    let leap_skipped = century - century / 4;
    let moon_shift = (8 * century + 13) / 25;
    let mut age = (19 * golden + leap_skipped - moon_shift + 15).rem_euclid(30);
    // The moon is never placed after 18 April, and twice in one cycle never on the same late day.
    if age == 29 || (age == 28 && golden > 10) {
        age -= 1;
    }
    let full_moon = days_from_civil(year, 3, 21) + age;
    full_moon + (7 - (weekday(full_moon) % 7) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_on_the_published_sundays() {
        // Published tables: 1961-04-02, 1981-04-19 and 2049-04-18 exercise the two exceptions of the epact.
        for (year, month, day) in
            [(1961, 4, 2), (1981, 4, 19), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2026, 4, 5), (2049, 4, 18)]
        {
            assert_eq!(civil_from_days(easter_sunday(year)), Civil { year, month, day }, "{year}");
        }
    }

    #[test]
    fn new_year_on_a_saturday_is_not_moved() {
        assert!(!is_regular_holiday(days_from_civil(2010, 12, 31)));
        assert!(!is_regular_holiday(days_from_civil(2021, 12, 31)));
        assert!(is_regular_holiday(days_from_civil(2023, 1, 2)));
    }
}
