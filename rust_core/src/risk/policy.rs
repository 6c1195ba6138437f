//! The limits in force: one immutable value with a hash. A limit that is absent from the text refuses it; an explicit
//! `null` says that the limit is off.

mod amounts;
mod ranges;
#[cfg(test)]
mod tests;

use self::amounts::{optional_usd, write_optional_usd};
use super::fraction::Fraction;
use super::profile::{AccountType, Date, DatedProfile, Profile};
use crate::error::{EngineError, Result};
use crate::units::{Money, Price};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AutonomyMode {
    PaperOnly,
    ManualApproval,
    BoundedAutonomous,
    FullAutonomous,
}

/// Limits on one order and the position it makes; all but the floor on the price reduce the size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionLimits {
    /// Value of one position over equity.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_position_frac: Option<Fraction>,
    /// Value of all positions of one sector over equity.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_sector_frac: Option<Fraction>,
    /// Loss of one position at its stop over equity.
    #[serde(deserialize_with = "Option::deserialize")]
    pub stop_loss_frac: Option<Fraction>,
    /// Lowest price per share at which a position is opened.
    #[serde(deserialize_with = "optional_usd", serialize_with = "write_optional_usd")]
    pub min_price_usd: Option<Price>,
    /// Gross exposure stays within equity.
    pub no_leverage: bool,
}

/// Limits on the account; they reject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortfolioLimits {
    /// Fall from the high-water mark.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_drawdown_frac: Option<Fraction>,
    /// Fall from the previous session's close.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_daily_loss_frac: Option<Fraction>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_positions: Option<u32>,
    /// Orders of one session.
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_daily_trades: Option<u32>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub min_cash_reserve_frac: Option<Fraction>,
}

/// How day trades are counted; brokers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// The largest of the three counts.
    #[default]
    Largest,
    /// Orders that opened or added to what was closed the same day.
    Openings,
    /// Changes of direction: a run of buys and then a run of sells is one (FINRA Regulatory Notice 21-13).
    Reversals,
    /// Orders that closed after an opening of the same day.
    Closings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PdtGuard {
    pub profiles: Vec<DatedProfile>,
    pub account_type: AccountType,
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_day_trades: Option<u32>,
    /// Today and the sessions before it.
    pub window_business_days: u32,
    /// From this equity on, both at the previous close and now, day trades are not counted; `None`: always counted.
    #[serde(deserialize_with = "optional_usd", serialize_with = "write_optional_usd")]
    pub min_equity_usd: Option<Money>,
    /// Least intraday margin level over equity.
    #[serde(deserialize_with = "Option::deserialize")]
    pub intraday_buffer_frac: Option<Fraction>,
    /// Maintenance requirement over the value of positions.
    pub maintenance_frac: Fraction,
    /// Not a limit but a convention; left out, the strictest.
    #[serde(default)]
    pub counting: Counting,
}

/// While a breaker is tripped no risk is added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitBreakers {
    #[serde(deserialize_with = "Option::deserialize")]
    pub vix_threshold: Option<f64>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub stale_data_s: Option<u32>,
    /// How often the books are compared with the broker; read by the live engine.
    #[serde(deserialize_with = "Option::deserialize")]
    pub reconciliation_interval_s: Option<u32>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub max_drift_frac: Option<Fraction>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub dead_man_switch_h: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillSwitch {
    /// Least time between activation and clearing; read by the live engine.
    #[serde(deserialize_with = "Option::deserialize")]
    pub cooldown_min: Option<u32>,
}

/// All limits of an account. Whatever it is read from, it is validated on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    pub autonomy_mode: AutonomyMode,
    pub position_limits: PositionLimits,
    pub portfolio_limits: PortfolioLimits,
    pub pdt_guard: PdtGuard,
    pub circuit_breakers: CircuitBreakers,
    pub kill_switch: KillSwitch,
}

/// The sections as they are read, before their ranges are tested.
#[derive(Deserialize)]
#[serde(remote = "Policy", deny_unknown_fields)]
struct Sections {
    autonomy_mode: AutonomyMode,
    position_limits: PositionLimits,
    portfolio_limits: PortfolioLimits,
    pdt_guard: PdtGuard,
    circuit_breakers: CircuitBreakers,
    kill_switch: KillSwitch,
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let policy = Sections::deserialize(deserializer)?;
        policy.validate().map_err(serde::de::Error::custom)?;
        Ok(policy)
    }
}

impl Policy {
    /// Reads and validates a policy.
    ///
    /// # Errors
    /// `Config` for text that is no policy, a missing or unknown key, or a limit out of its range.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| EngineError::Config(format!("the risk policy: {e}")))
    }

    /// No limit at all: what a run without limits is judged by.
    pub fn unlimited() -> Self {
        Self {
            autonomy_mode: AutonomyMode::FullAutonomous,
            position_limits: PositionLimits {
                max_position_frac: None,
                max_sector_frac: None,
                stop_loss_frac: None,
                min_price_usd: None,
                no_leverage: false,
            },
            portfolio_limits: PortfolioLimits {
                max_drawdown_frac: None,
                max_daily_loss_frac: None,
                max_positions: None,
                max_daily_trades: None,
                min_cash_reserve_frac: None,
            },
            pdt_guard: PdtGuard {
                profiles: Vec::new(),
                account_type: AccountType::Margin,
                max_day_trades: None,
                window_business_days: 5,
                min_equity_usd: None,
                intraday_buffer_frac: None,
                maintenance_frac: Fraction(250_000_000),
                counting: Counting::Largest,
            },
            circuit_breakers: CircuitBreakers {
                vix_threshold: None,
                stale_data_s: None,
                reconciliation_interval_s: None,
                max_drift_frac: None,
                dead_man_switch_h: None,
            },
            kill_switch: KillSwitch { cooldown_min: None },
        }
    }

    /// SHA-256 of the canonical form, in hexadecimal. Equal limits have equal hashes, however they were written.
    pub fn hash(&self) -> String {
        let mut canonical = self.clone();
        canonical.pdt_guard.profiles.sort_unstable();
        canonical.pdt_guard.profiles.dedup();
        // Every field serialises: numbers are finite once validated, and there are no maps.
        let text = serde_json::to_string(&canonical).unwrap_or_default();
        Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The cap of one position: the smaller of the account's and the strategy's; `None` without either.
    pub fn position_cap_frac(&self, strategy_cap_frac: Option<f64>) -> Option<f64> {
        match (self.position_limits.max_position_frac.map(Fraction::to_f64), strategy_cap_frac) {
            (Some(account), Some(strategy)) => Some(if strategy < account { strategy } else { account }),
            (account, strategy) => account.or(strategy),
        }
    }

    /// The day-trading rules that hold for this account on a date (days since 1970-01-01).
    pub fn profiles_on(&self, date: i32) -> impl Iterator<Item = Profile> {
        let account = self.pdt_guard.account_type;
        let in_force = move |dated: &&DatedProfile| dated.profile.concerns(account) && dated.is_in_force(Date(date));
        self.pdt_guard.profiles.iter().filter(in_force).map(|dated| dated.profile)
    }

    /// Whether the fall from the high-water mark is above the limit.
    pub fn is_drawdown_breached(&self, equity: Money, high_water: Money) -> bool {
        self.portfolio_limits.max_drawdown_frac.is_some_and(|limit| !fell_within(equity, high_water, limit))
    }
}

/// Whether `now` is at most `limit` under `before`, exactly.
pub(super) fn fell_within(now: Money, before: Money, limit: Fraction) -> bool {
    let fallen = i128::from(before.0) - i128::from(now.0);
    before.0 > 0 && fallen * i128::from(Fraction::ONE.0) <= i128::from(limit.0) * i128::from(before.0)
}
