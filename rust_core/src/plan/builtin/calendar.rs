//! Functions of the session's date on the regular exchange calendar.

use super::{Becomes, Builtin, Page, signature};
use crate::plan::node::CalendarFunction;
use crate::signature::{Kind, UnitRule, output};
use crate::units::Unit;

const fn builtin(becomes: CalendarFunction, page: Page) -> Builtin {
    Builtin {
        signature: signature(Kind::Calendar, "calendar", page),
        becomes: Becomes::Calendar(becomes),
        is_variadic: false,
    }
}

const REGULAR: &str = "Never missing. Only regular holidays are known beforehand; an unscheduled closure is not.";
const SOURCE: &str = "NYSE Rule 7.2 and the exchange's published holidays.";

pub static ALL: &[Builtin] = &[
    builtin(
        CalendarFunction::DayOfWeek,
        Page {
            name: "day_of_week",
            summary: "The weekday of the session: 1 is Monday, 5 is Friday.",
            params: &[],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "1 to 5")],
            formula: "ISO 8601 weekday of the exchange date",
            edge_cases: REGULAR,
            source: SOURCE,
        },
    ),
    builtin(
        CalendarFunction::Month,
        Page {
            name: "month",
            summary: "The month of the session, 1 to 12.",
            params: &[],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "1 to 12")],
            formula: "month of the exchange date",
            edge_cases: REGULAR,
            source: SOURCE,
        },
    ),
    builtin(
        CalendarFunction::IsMonthEnd,
        Page {
            name: "is_month_end",
            summary: "Whether this is the last scheduled session of its month.",
            params: &[],
            outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true or false")],
            formula: "sessions_to_month_end() == 0",
            edge_cases: REGULAR,
            source: SOURCE,
        },
    ),
    builtin(
        CalendarFunction::SessionsToMonthEnd,
        Page {
            name: "sessions_to_month_end",
            summary: "Scheduled sessions after this one in its month.",
            params: &[],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "0 on the last session")],
            formula: "scheduled sessions later in the month",
            edge_cases: REGULAR,
            source: SOURCE,
        },
    ),
];
