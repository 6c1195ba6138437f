//! What the catalogue says of a function: parameters, outputs, units, warm-up, and its page in the manual.
//!
//! A signature is data. The expression checker reads it, the plan builds from it, the documentation is made of it.

use crate::units::{PriceKind, Unit};
use serde::Serialize;

/// Where a function's value at one bar comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The symbol's own bars up to this one: a state machine.
    TimeSeries,
    /// This bar's inputs alone.
    Elementwise,
    /// All members' values in this session; one value per member.
    CrossSection,
    /// All members' values in this session; one value for the market.
    Reduction,
    /// The session's date and the regular exchange calendar.
    Calendar,
}

/// A column of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Open,
    High,
    Low,
    Close,
    Volume,
}

/// What a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accepts {
    /// A series of any numeric unit.
    Series,
    /// A series of price degree one (level or distance).
    PriceSeries,
    VolumeSeries,
    /// Dimensionless: ratio, percent-points, count or number.
    PlainSeries,
    BooleanSeries,
    /// A series of labels, such as `sector`.
    GroupSeries,
    /// The same unit as the first series.
    SameSeries,
    /// A whole number of bars known at compile time.
    Length {
        min: u32,
        max: u32,
    },
    /// A number known at compile time.
    Number {
        min: f64,
        max: f64,
    },
}

/// One parameter, in positional order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Param {
    pub name: &'static str,
    pub accepts: Accepts,
    /// `None`: must be given. Optional series (mask, group) have `optional: true` and no default.
    pub default: Option<f64>,
    pub optional: bool,
    pub doc: &'static str,
}

/// How an output's unit follows from the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitRule {
    /// That of the first series (a level stays a level).
    Same,
    /// That of the first series as a difference (a level gives a distance).
    Difference,
    /// The square of the first series.
    Square,
    /// First series' unit over the second's.
    Quotient,
    Fixed(Unit),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Output {
    /// The member name, as in `macd(close).signal`; empty for a function with one output.
    pub name: &'static str,
    pub unit: UnitRule,
    pub doc: &'static str,
}

/// Bars until the weight of the start is under 1e-9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settle {
    Bars(usize),
    Never,
}

/// One function of the language. Parameter values are passed to `warm_up`, `settle` and `build` as the numbers of the
/// `Length` and `Number` parameters, in order.
#[derive(Debug)]
pub struct Signature {
    pub name: &'static str,
    pub kind: Kind,
    /// Family in the manual: "moving average", "momentum", "trend", "volatility", "volume", "statistics", "window",
    /// "event", "cross-section", "calendar", "arithmetic".
    pub family: &'static str,
    /// One sentence: what comes back and its unit.
    pub summary: &'static str,
    /// Bar fields read from the current context; they come before the series parameters in `inputs`.
    pub reads: &'static [Field],
    pub params: &'static [Param],
    pub outputs: &'static [Output],
    /// Leading bars without a value, the largest over the outputs.
    pub warm_up: fn(&[f64]) -> usize,
    pub settle: fn(&[f64]) -> Settle,
    /// Formula and seed, in words and symbols.
    pub formula: &'static str,
    /// Missing values, ties, flat windows and other edges.
    pub edge_cases: &'static str,
    pub source: &'static str,
    /// Bumped when results change; part of the plan hash.
    pub version: u32,
}

impl Signature {
    /// Series parameters that are required or optional, in order.
    pub fn series(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|p| p.accepts.is_series())
    }

    /// Compile-time numbers, in order.
    pub fn constants(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|p| !p.accepts.is_series())
    }
}

impl Accepts {
    pub fn is_series(self) -> bool {
        !matches!(self, Self::Length { .. } | Self::Number { .. })
    }
}

/// A required series.
pub const fn series(name: &'static str, accepts: Accepts, doc: &'static str) -> Param {
    Param { name, accepts, default: None, optional: false, doc }
}

/// A series that may be left out.
pub const fn optional_series(name: &'static str, accepts: Accepts, doc: &'static str) -> Param {
    Param { name, accepts, default: None, optional: true, doc }
}

/// A length with a default.
pub const fn length(name: &'static str, default: u32, min: u32, max: u32, doc: &'static str) -> Param {
    Param { name, accepts: Accepts::Length { min, max }, default: Some(default as f64), optional: true, doc }
}

/// A length that must be given.
pub const fn required_length(name: &'static str, min: u32, max: u32, doc: &'static str) -> Param {
    Param { name, accepts: Accepts::Length { min, max }, default: None, optional: false, doc }
}

/// A number with a default.
pub const fn number(name: &'static str, default: f64, min: f64, max: f64, doc: &'static str) -> Param {
    Param { name, accepts: Accepts::Number { min, max }, default: Some(default), optional: true, doc }
}

/// The only output of a function.
pub const fn output(unit: UnitRule, doc: &'static str) -> Output {
    Output { name: "", unit, doc }
}

/// One of several outputs.
pub const fn member(name: &'static str, unit: UnitRule, doc: &'static str) -> Output {
    Output { name, unit, doc }
}

/// How people call it, for the manual and for errors.
pub trait PlainText {
    fn plain_text(&self) -> &'static str;
}

impl Accepts {
    /// Smallest and largest value of a compile-time number.
    pub fn range(self) -> Option<(f64, f64)> {
        match self {
            Self::Length { min, max } => Some((f64::from(min), f64::from(max))),
            Self::Number { min, max } => Some((min, max)),
            _ => None,
        }
    }
}

impl PlainText for Accepts {
    fn plain_text(&self) -> &'static str {
        match self {
            Self::Series => "a series of numbers",
            Self::PriceSeries => "a series of prices or price distances",
            Self::VolumeSeries => "a series of volumes",
            Self::PlainSeries => "a series without a unit (ratio, percent-points, count)",
            Self::BooleanSeries => "a condition",
            Self::GroupSeries => "a series of labels, such as sector",
            Self::SameSeries => "a series of the same unit as the first",
            Self::Length { .. } => "a whole number of bars",
            Self::Number { .. } => "a number",
        }
    }
}

impl PlainText for UnitRule {
    fn plain_text(&self) -> &'static str {
        match self {
            Self::Same => "in the unit of the series",
            Self::Difference => "a difference in the unit of the series",
            Self::Square => "the squared unit of the series",
            Self::Quotient => "the first unit over the second",
            Self::Fixed(unit) => unit.plain_text(),
        }
    }
}

impl PlainText for Unit {
    fn plain_text(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Percent => "percent",
            Self::Ratio => "ratio",
            Self::PercentPoints => "percent-points, 0 to 100 by convention",
            Self::Count => "count",
            Self::Boolean => "condition: 1 true, 0 false",
            Self::Group => "label",
            Self::Duration => "duration",
            Self::Scaled { price: 1, volume: 0, kind: PriceKind::Level } => "level, USD per share",
            Self::Scaled { price: 1, volume: 0, .. } => "distance, USD per share",
            Self::Scaled { price: 0, volume: 1, .. } => "volume, shares",
            Self::Scaled { price: 1, volume: 1, .. } => "turnover, USD",
            Self::Scaled { .. } => "a product of prices and volumes",
        }
    }
}
