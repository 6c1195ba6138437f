//! The NYSE calendar by rule: dates, sessions, half days, New York time.
//!
//! Dates are `i32` days since 1970-01-01. *Regular* sessions follow the published rules and are what a schedule may
//! know beforehand; *real* sessions also lack the unscheduled closures, which nobody knew the day before. Nothing here
//! reads a clock or a time-zone file. Rules hold from 1998 on; earlier years are answered by the same rules.

mod date;
mod holidays;
mod new_york;
mod sessions;

pub use date::{Civil, civil_from_days, days_from_civil, days_in_month, weekday};
pub use holidays::{UNSCHEDULED_CLOSURES, is_early_close, is_regular_holiday};
pub use new_york::{
    DAY_NS, HOUR_NS, MINUTE_NS, date_of_utc_midnight, new_york_date, new_york_midnight_ns, new_york_offset_ns,
    scheduled_close_ns, session_open_ns,
};
pub use sessions::{
    Period, add_sessions, is_regular_session, is_session, last_regular_session, next_regular_session, next_session,
    period_id, period_last_day, previous_regular_session, previous_session, regular_sessions_between, sessions_between,
    sessions_to_month_end,
};
