//! A strategy as it arrives: names, numbers as text, and expressions as text. Nothing is checked here but its shape.

use serde::Deserialize;
use std::collections::BTreeMap;

/// One strategy. Exactly one of `entry` and `portfolio` is given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub name: String,
    pub symbols: Vec<String>,
    #[serde(default, rename = "where")]
    pub member: Option<String>,
    #[serde(default)]
    pub sectors: BTreeMap<String, String>,
    #[serde(default = "daily")]
    pub timeframe: String,
    /// Bound values as literals: `126`, `5%`, `20s`.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    #[serde(default)]
    pub features: BTreeMap<String, String>,
    #[serde(default)]
    pub regimes: BTreeMap<String, RegimeSpec>,
    #[serde(default)]
    pub entry: Option<EntrySpec>,
    #[serde(default)]
    pub exit: Option<ExitSpec>,
    #[serde(default)]
    pub portfolio: Option<PortfolioSpec>,
    /// Sessions after the fill's session before a rule may close the position; at least 2, which is also the default.
    #[serde(default)]
    pub min_hold_days: Option<i64>,
    #[serde(default)]
    pub sizing: Option<SizingSpec>,
    #[serde(default)]
    pub execution: Option<ExecutionSpec>,
}

fn daily() -> String {
    "1Day".into()
}

/// A state that is entered by one condition and left by another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeSpec {
    pub enter: String,
    pub exit: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntrySpec {
    pub long: Option<String>,
    pub short: Option<String>,
    pub priority: Option<String>,
    pub scale_in: Option<ScaleInSpec>,
    pub cooldown: Option<String>,
}

/// Additions to an open position.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleInSpec {
    pub when: String,
    #[serde(default)]
    pub times: Option<String>,
    #[serde(default)]
    pub size: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExitSpec {
    pub when: Option<String>,
    pub long: Option<String>,
    pub short: Option<String>,
    pub stop_loss: Option<String>,
    pub trailing_stop: Option<String>,
    pub take_profit: Option<String>,
    pub stop_price: Option<String>,
    pub target_price: Option<String>,
    pub max_hold: Option<String>,
    pub on_leave: Option<String>,
    pub partial: Vec<PartialSpec>,
}

/// A part of a position that is closed once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialSpec {
    pub when: String,
    pub close: String,
}

/// Either `select` or `groups` is given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortfolioSpec {
    pub select: Option<String>,
    pub weight: Option<String>,
    pub groups: BTreeMap<String, GroupSpec>,
    pub rebalance: Option<String>,
    pub offset: Option<i64>,
    pub corridor: Option<CorridorSpec>,
    pub to: Option<String>,
    pub gross: Option<String>,
}

/// A part of the portfolio. Without `select` and `groups` it holds all of its members.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    pub share: String,
    #[serde(default)]
    pub members: Option<Vec<String>>,
    #[serde(default)]
    pub select: Option<String>,
    #[serde(default)]
    pub weight: Option<String>,
    #[serde(default)]
    pub corridor: Option<CorridorSpec>,
    #[serde(default)]
    pub groups: BTreeMap<String, GroupSpec>,
}

/// `corridor: 2%` is the absolute one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorridorSpec {
    pub absolute: Option<String>,
    pub relative: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SizingSpec {
    pub method: Option<String>,
    pub fraction: Option<String>,
    pub shares: Option<String>,
    pub target: Option<String>,
    pub lookback: Option<String>,
    pub prior: Option<PriorSpec>,
    pub min_trades: Option<String>,
    pub floor: Option<String>,
    pub max_position: Option<String>,
    pub max_positions: Option<String>,
    pub fractional: Option<bool>,
    pub round_lot: Option<String>,
}

/// Round trips assumed before there are any.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorSpec {
    pub trades: String,
    pub win_rate: String,
    pub payoff: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExecutionSpec {
    pub order_type: Option<String>,
    pub exit: Option<String>,
    pub limit_offset: Option<String>,
    pub stop_offset: Option<String>,
    pub time_in_force: Option<String>,
    pub fill: Option<String>,
}
