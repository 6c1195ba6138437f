//! Commission and slippage in the configuration's JSON.

use super::{basis_points, fraction, micros, range};
use crate::error::Result;
use crate::fill::{PassThrough, PerShare, Schedule, Slippage, Tier};
use crate::units::{Money, Price, Shares};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommissionConfig {
    Zero,
    Bps {
        bps: f64,
    },
    PerShare {
        per_share_usd: String,
        minimum_usd: String,
        maximum_frac: Option<String>,
        /// Whether the maximum holds where it is below the minimum.
        #[serde(default = "yes")]
        maximum_wins: bool,
    },
    /// By the shares of the calendar month; here the maximum wins.
    Tiered {
        tiers: Vec<TierConfig>,
        minimum_usd: String,
        maximum_frac: Option<String>,
        #[serde(default)]
        pass_through: PassThroughConfig,
    },
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierConfig {
    /// Shares of the month up to which the rate holds; `null` is without end.
    pub up_to_shares: Option<i64>,
    pub per_share_usd: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassThroughConfig {
    pub clearing_usd: String,
    pub clearing_maximum_frac: String,
    pub exchange_remove_usd: String,
    pub exchange_add_usd: String,
    pub of_commission_frac: String,
}

impl Default for PassThroughConfig {
    fn default() -> Self {
        let zero = || "0".to_owned();
        Self {
            clearing_usd: zero(),
            clearing_maximum_frac: zero(),
            exchange_remove_usd: zero(),
            exchange_add_usd: zero(),
            of_commission_frac: zero(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum SlippageConfig {
    Zero,
    Bps {
        bps: f64,
    },
    Spread {
        spread_bps: f64,
    },
    SquareRoot {
        coefficient: f64,
        /// Daily returns of the standard deviation, and days of the mean volume.
        volatility_sessions: u32,
        volume_sessions: u32,
        /// For a symbol with fewer days than that.
        fallback_bps: f64,
    },
    VolumeShare {
        impact: f64,
        /// Largest part of a bar's volume that may trade.
        limit_frac: f64,
    },
}

/// Sessions that impact looks back on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImpactWindows {
    pub volatility: usize,
    pub volume: usize,
}

impl CommissionConfig {
    pub(super) fn check(&self) -> Result<Schedule> {
        let maximum =
            |text: &Option<String>| text.as_deref().map(|text| fraction("commission.maximum_frac", text)).transpose();
        Ok(match self {
            Self::Zero => Schedule::Zero,
            Self::Bps { bps } => Schedule::Bps(basis_points("commission.bps", *bps)?),
            Self::PerShare { per_share_usd, minimum_usd, maximum_frac, maximum_wins } => Schedule::PerShare(PerShare {
                tiers: vec![Tier { up_to: None, per_share: Price(micros("commission.per_share_usd", per_share_usd)?) }],
                minimum: Money(micros("commission.minimum_usd", minimum_usd)?),
                maximum: maximum(maximum_frac)?,
                maximum_wins: *maximum_wins,
                pass_through: PassThrough::default(),
            }),
            Self::Tiered { tiers, minimum_usd, maximum_frac, pass_through } => Schedule::PerShare(PerShare {
                tiers: check_tiers(tiers)?,
                minimum: Money(micros("commission.minimum_usd", minimum_usd)?),
                maximum: maximum(maximum_frac)?,
                maximum_wins: true,
                pass_through: pass_through.check()?,
            }),
        })
    }
}

fn check_tiers(tiers: &[TierConfig]) -> Result<Vec<Tier>> {
    let mut from = 0;
    let mut checked = Vec::with_capacity(tiers.len());
    for (place, tier) in tiers.iter().enumerate() {
        let is_last = place + 1 == tiers.len();
        let up_to = tier.up_to_shares;
        if up_to.is_none() != is_last || up_to.is_some_and(|up_to| !(from < up_to && up_to <= 1_000_000_000)) {
            let found = up_to.map_or("no end".to_owned(), |up_to| up_to.to_string());
            return Err(range(
                "commission.tiers.up_to_shares",
                found,
                "ascending to 1,000,000,000; only the last open",
            ));
        }
        from = up_to.unwrap_or(from);
        let per_share = Price(micros("commission.tiers.per_share_usd", &tier.per_share_usd)?);
        checked.push(Tier { up_to: up_to.map(Shares::whole), per_share });
    }
    if checked.is_empty() {
        return Err(range("commission.tiers", "none", "at least one"));
    }
    Ok(checked)
}

impl PassThroughConfig {
    fn check(&self) -> Result<PassThrough> {
        let usd = |name: &str, text: &str| micros(&format!("commission.pass_through.{name}"), text).map(Price);
        Ok(PassThrough {
            clearing: usd("clearing_usd", &self.clearing_usd)?,
            clearing_maximum: fraction("commission.pass_through.clearing_maximum_frac", &self.clearing_maximum_frac)?,
            exchange_remove: usd("exchange_remove_usd", &self.exchange_remove_usd)?,
            exchange_add: usd("exchange_add_usd", &self.exchange_add_usd)?,
            of_commission: fraction("commission.pass_through.of_commission_frac", &self.of_commission_frac)?,
        })
    }
}

impl SlippageConfig {
    pub(super) fn check(&self) -> Result<Slippage> {
        let within = |name: &str, value: f64, least: f64, most: f64| {
            let is_within = value >= least && value <= most;
            if is_within { Ok(value) } else { Err(range(name, value, &format!("{least} to {most}"))) }
        };
        Ok(match *self {
            Self::Zero => Slippage::Zero,
            Self::Bps { bps } => Slippage::Bps(basis_points("slippage.bps", bps)?),
            Self::Spread { spread_bps } => Slippage::Spread(basis_points("slippage.spread_bps", spread_bps)?),
            Self::SquareRoot { coefficient, volatility_sessions, volume_sessions, fallback_bps } => {
                within("slippage.volatility_sessions", f64::from(volatility_sessions), 2.0, 252.0)?;
                within("slippage.volume_sessions", f64::from(volume_sessions), 1.0, 252.0)?;
                Slippage::SquareRoot {
                    coefficient: within("slippage.coefficient", coefficient, 0.0, 100.0)?,
                    fallback: basis_points("slippage.fallback_bps", fallback_bps)?,
                }
            }
            Self::VolumeShare { impact, limit_frac } => {
                within("slippage.limit_frac", limit_frac, f64::MIN_POSITIVE, 1.0)?;
                Slippage::VolumeShare { impact: within("slippage.impact", impact, 0.0, 100.0)? }
            }
        })
    }

    pub(super) fn windows(&self) -> Option<ImpactWindows> {
        match *self {
            Self::SquareRoot { volatility_sessions, volume_sessions, .. } => {
                Some(ImpactWindows { volatility: volatility_sessions as usize, volume: volume_sessions as usize })
            }
            _ => None,
        }
    }

    pub(super) fn limit_frac(&self) -> Option<f64> {
        match *self {
            Self::VolumeShare { limit_frac, .. } => Some(limit_frac),
            _ => None,
        }
    }
}
