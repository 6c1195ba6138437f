//! Days since 1970-01-01 to year, month, day and back, in integer arithmetic (proleptic Gregorian).

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
}

/// Days in a cycle of 400 Gregorian years.
const ERA_DAYS: i32 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i32 = 719_468;

/// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year.
pub const fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
    era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH_SHIFT
}

/// The date `days` after 1970-01-01.
pub const fn civil_from_days(days: i32) -> Civil {
    let shifted = days + EPOCH_SHIFT;
    let era = shifted.div_euclid(ERA_DAYS);
    let day_of_era = shifted.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    Civil { year, month, day }
}

/// 1 Monday to 7 Sunday.
pub const fn weekday(days: i32) -> u32 {
    // 1970-01-01 was a Thursday.
    ((days + 3).rem_euclid(7) + 1) as u32
}

pub const fn days_in_month(year: i32, month: u32) -> u32 {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates_have_their_day_numbers() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(1969, 12, 31), -1);
        // 30 years of 365 days and 7 leap days (1972 to 1996).
        assert_eq!(days_from_civil(2000, 1, 1), 30 * 365 + 7);
        assert_eq!(days_from_civil(2000, 3, 1) - days_from_civil(2000, 2, 28), 2);
        assert_eq!(days_from_civil(2100, 3, 1) - days_from_civil(2100, 2, 28), 1);
    }

    #[test]
    fn every_day_of_three_centuries_survives_the_round_trip() {
        let mut expected = Civil { year: 1900, month: 1, day: 1 };
        for days in days_from_civil(1900, 1, 1)..days_from_civil(2200, 1, 1) {
            let found = civil_from_days(days);
            assert_eq!(found, expected);
            assert_eq!(days_from_civil(found.year, found.month, found.day), days);
            let leap = (found.year % 4 == 0 && found.year % 100 != 0) || found.year % 400 == 0;
            let last = match found.month {
                2 => 28 + u32::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            assert_eq!(days_in_month(found.year, found.month), last);
            expected = if found.day < last {
                Civil { day: found.day + 1, ..found }
            } else if found.month < 12 {
                Civil { month: found.month + 1, day: 1, ..found }
            } else {
                Civil { year: found.year + 1, month: 1, day: 1 }
            };
        }
    }

    #[test]
    fn weekdays_are_counted_from_monday() {
        assert_eq!(weekday(0), 4);
        // Tuesday, 11 September 2001.
        assert_eq!(weekday(days_from_civil(2001, 9, 11)), 2);
        assert_eq!(weekday(-1), 3);
    }
}
