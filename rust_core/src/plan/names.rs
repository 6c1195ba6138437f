//! What a name outside call position can mean, and the names nobody may give.

use super::node::PositionField;
use crate::signature::Field;
use crate::units::Unit;

/// The bar field of a name.
pub fn bar_field(name: &str) -> Option<Field> {
    Some(match name {
        "open" => Field::Open,
        "high" => Field::High,
        "low" => Field::Low,
        "close" => Field::Close,
        "volume" => Field::Volume,
        _ => return None,
    })
}

/// What a bar field measures.
pub const fn field_unit(field: Field) -> Unit {
    match field {
        Field::Volume => Unit::VOLUME,
        _ => Unit::LEVEL,
    }
}

/// Names of bar fields.
pub const BAR_FIELDS: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// Values that are always there beside the bars.
pub const ALWAYS: [&str; 3] = ["sector", "vix", "position"];

/// Names reserved for data that this version does not read.
pub const NOT_YET: [&str; 4] = ["fundamental", "insider", "short_interest", "model"];

/// Words that a feature, param or regime may not be named.
pub const RESERVED: [&str; 15] = [
    "and", "or", "not", "if", "true", "false", "symbol", "at", "where", "by", "top", "bottom", "all", "missing",
    "regime",
];

/// Whether nobody may give this name.
pub fn is_reserved(name: &str) -> bool {
    BAR_FIELDS.contains(&name) || ALWAYS.contains(&name) || NOT_YET.contains(&name) || RESERVED.contains(&name)
}

/// One part of `position`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionPart {
    pub name: &'static str,
    pub field: PositionField,
    pub unit: Unit,
    pub doc: &'static str,
}

/// Everything known of an open position at a close.
pub static POSITION: [PositionPart; 14] = [
    part("entry_price", PositionField::EntryPrice, Unit::LEVEL, "average entry price on today's basis"),
    part("bars_held", PositionField::BarsHeld, Unit::Count, "sessions after the session of the fill"),
    part("days_held", PositionField::DaysHeld, Unit::Count, "calendar days since the fill"),
    part("profit", PositionField::Profit, Unit::Ratio, "close over entry price - 1, negated for a short"),
    part("best_profit", PositionField::BestProfit, Unit::Ratio, "the best `profit` of any close since the fill"),
    part("from_best", PositionField::FromBest, Unit::Ratio, "close against the best close since the fill, 0 or below"),
    part("quantity", PositionField::Quantity, Unit::Count, "shares, negative for a short"),
    part("weight", PositionField::Weight, Unit::Ratio, "value of the position over equity, negative for a short"),
    part("is_long", PositionField::IsLong, Unit::Boolean, "whether shares are owned"),
    part("is_short", PositionField::IsShort, Unit::Boolean, "whether shares are owed"),
    part("entries", PositionField::Entries, Unit::Count, "entries that filled: 1, and 1 for each `scale_in` since"),
    part("partials", PositionField::Partials, Unit::Count, "`partial` exits that filled"),
    part("last_entry_price", PositionField::LastEntryPrice, Unit::LEVEL, "price of the youngest entry still held"),
    part("bars_since_entry", PositionField::BarsSinceEntry, Unit::Count, "sessions after the youngest entry's fill"),
];

const fn part(name: &'static str, field: PositionField, unit: Unit, doc: &'static str) -> PositionPart {
    PositionPart { name, field, unit, doc }
}

/// What other languages call a function of this one.
pub fn known_elsewhere_as(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "average" | "avg" | "mean" | "ma" | "moving_average" => "sma",
        "shift" | "ref" | "delay" | "prev" | "previous" => "lag",
        "iff" | "iif" | "where" => "if",
        "std" | "stdev" | "stddev_pop" | "sigma" => "stddev",
        "bollinger" | "bollinger_bands" | "bb" => "bbands",
        "max_over" | "hhv" | "ts_max" | "rolling_max" => "highest",
        "min_over" | "llv" | "ts_min" | "rolling_min" => "lowest",
        "crossover" | "crosses_above" | "cross_up" => "cross_above",
        "crossunder" | "crosses_below" | "cross_down" => "cross_below",
        "pct_change" | "returns" | "change" => "change_ratio",
        "ln" => "log",
        "isnan" | "isnull" | "na" => "is_missing",
        "wilder" | "smma" => "rma",
        "quintile" | "decile" | "ntile" => "bucket",
        _ => return None,
    })
}
