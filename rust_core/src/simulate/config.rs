//! What a run is told beside its plan and bars: capital, dates, costs, conventions, limits.

mod costs;
mod nights;

pub use self::costs::{CommissionConfig, ImpactWindows, PassThroughConfig, SlippageConfig, TierConfig};
pub use self::nights::{CarryRates, InterestConfig, RateStep};

use crate::error::{EngineError, Result};
use crate::fill::{Commission, PassThrough, PerShare, Schedule, Slippage, Tier};
use crate::kernel::Ratio;
use crate::risk::{Policy, Waived};
use crate::simulate::conventions::{Conventions, Fees, SizingOn, Slips, VolumeBound};
use crate::units::{MICRO, Money, Price};
use serde::{Deserialize, Serialize};

/// The JSON form; `Setup` is the checked one. Dollar amounts are decimal text, so that they are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulationConfig {
    pub capital_usd: String,
    /// First and last bar stamp that may be traded or marked, both included; `null` is open.
    #[serde(default)]
    pub from_ns: Option<i64>,
    #[serde(default)]
    pub to_ns: Option<i64>,
    pub commission: CommissionConfig,
    /// Whether sales pay the SEC's and FINRA's fees of their date.
    #[serde(default)]
    pub regulatory_fees: bool,
    pub slippage: SlippageConfig,
    /// Annual rate on the value of shorts.
    #[serde(default)]
    pub borrow_frac: f64,
    /// `null` is cash that neither earns nor costs.
    #[serde(default)]
    pub interest: Option<InterestConfig>,
    /// Largest part of a bar's volume that may trade; `null` is no bound.
    #[serde(default)]
    pub max_participation_frac: Option<f64>,
    /// `null` is a run without limits.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// Inputs that a limit needs and the run may do without.
    #[serde(default)]
    pub waive: Vec<String>,
    /// Sessions after a drawdown breach until the simulation resets it.
    #[serde(default = "default_resume")]
    pub resume_after_sessions: u32,
    /// Orders are sized on the close raised by this, for the move to the open.
    #[serde(default = "default_buffer")]
    pub cash_buffer_frac: f64,
    /// A profile, settings of single switches, or both; see `Conventions::parse`.
    #[serde(default = "default_conventions")]
    pub conventions: String,
}

/// A month of sessions: what a person is given to look at a breach.
const fn default_resume() -> u32 {
    20
}

/// One percent: an overnight move that few days exceed.
const fn default_buffer() -> f64 {
    0.01
}

fn default_conventions() -> String {
    "native".into()
}

/// A checked configuration, in fixed point.
#[derive(Debug, Clone)]
pub struct Setup {
    pub capital: Money,
    pub commission: Commission,
    pub slippage: Slippage,
    /// Of slippage that hangs on past days.
    pub impact_windows: Option<ImpactWindows>,
    /// `None` where nights cost nothing.
    pub carry: Option<CarryRates>,
    pub max_participation_frac: Option<f64>,
    pub policy: Option<Policy>,
    pub waived: Waived,
    pub resume_after_sessions: u32,
    pub buffer: Ratio,
    pub conventions: Conventions,
}

impl SimulationConfig {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// `Config` for text that is no configuration.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| EngineError::Config(format!("the simulation's settings: {error}")))
    }

    /// Checks every value and converts it.
    ///
    /// # Errors
    /// `Range` for a value out of its range; `Config` for a waiver that is none.
    pub fn check(&self) -> Result<Setup> {
        let conventions = Conventions::parse(&self.conventions)?;
        let capital = Money(micros("capital_usd", &self.capital_usd)?);
        if capital.0 <= 0 || capital.0 > 1_000_000_000_000 * MICRO {
            return Err(range("capital_usd", &self.capital_usd, "above 0 and at most 1,000,000,000,000"));
        }
        if let Some(frac) = self.max_participation_frac
            && !(frac > 0.0 && frac <= 1.0)
        {
            return Err(range("max_participation_frac", frac, "above 0 and at most 1"));
        }
        let buffer = Ratio::from_f64(self.cash_buffer_frac).filter(|ratio| (0..=1_000_000_000).contains(&ratio.0));
        Ok(Setup {
            capital,
            commission: match conventions.fees {
                Fees::Settings => Commission { schedule: self.commission.check()?, regulatory: self.regulatory_fees },
                Fees::Zero => Commission::plain(Schedule::Zero),
                Fees::Lean => Commission::plain(Schedule::PerShare(per_share(5_000, Some(Ratio(5_000_000))))),
                Fees::Zipline => Commission::plain(Schedule::PerShare(per_share(7_500, None))),
            },
            slippage: match conventions.slippage {
                Slips::Settings => self.slippage.check()?,
                Slips::Zero => Slippage::Zero,
                Slips::VolumeShare => Slippage::VolumeShare { impact: 0.1 },
            },
            impact_windows: self.slippage.windows().filter(|_| conventions.slippage == Slips::Settings),
            carry: CarryRates::check(self.borrow_frac, self.interest.as_ref())?,
            max_participation_frac: match conventions.volume {
                // The tighter of two bounds on the same share of volume.
                VolumeBound::Settings => match (self.max_participation_frac, self.slippage.limit_frac()) {
                    (Some(own), Some(limit)) => Some(if limit < own { limit } else { own }),
                    (own, limit) => own.or(limit),
                },
                VolumeBound::Unbounded => None,
                VolumeBound::Zipline => Some(0.025),
            },
            policy: self.policy.clone(),
            waived: Waived::parse(&self.waive)?,
            resume_after_sessions: self.resume_after_sessions,
            buffer: match conventions.sizing {
                SizingOn::Buffered => {
                    buffer.ok_or_else(|| range("cash_buffer_frac", self.cash_buffer_frac, "0 to 1"))?
                }
                SizingOn::Close | SizingOn::FreePortfolio => Ratio(0),
            },
            conventions,
        })
    }
}

/// Dollars per share in millionths, at least one dollar an order; a maximum leaves the minimum standing.
fn per_share(micros: i64, maximum: Option<Ratio>) -> PerShare {
    PerShare {
        tiers: vec![Tier { up_to: None, per_share: Price(micros) }],
        minimum: Money(MICRO),
        maximum,
        maximum_wins: false,
        pass_through: PassThrough::default(),
    }
}

fn range(what: &str, found: impl ToString, expected: &str) -> EngineError {
    EngineError::Range { what: what.into(), found: found.to_string(), expected: expected.into() }
}

fn basis_points(what: &str, bps: f64) -> Result<Ratio> {
    Ratio::from_bps(bps).filter(|r| (0..=1_000_000_000).contains(&r.0)).ok_or_else(|| range(what, bps, "0 to 10,000"))
}

fn fraction(what: &str, text: &str) -> Result<Ratio> {
    let value: Option<f64> = text.parse().ok();
    let ratio = value.and_then(Ratio::from_f64).filter(|r| (0..=1_000_000_000).contains(&r.0));
    ratio.ok_or_else(|| range(what, text, "0 to 1"))
}

/// Decimal text, digits with at most six after the point, as millionths; exact.
fn micros(what: &str, text: &str) -> Result<i64> {
    let refused = || range(what, text, "a decimal number with at most six places, not negative");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(part) || part.len() > 6 {
        return Err(refused());
    }
    let whole: i64 = whole.parse().map_err(|_| refused())?;
    let part: i64 = format!("{part:0<6}").parse().map_err(|_| refused())?;
    whole.checked_mul(MICRO).and_then(|micros| micros.checked_add(part)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dollars_are_read_exactly() {
        assert_eq!(micros("x", "0.005").unwrap(), 5_000);
        assert_eq!(micros("x", "100000").unwrap(), 100_000_000_000);
        assert_eq!(micros("x", "1.000001").unwrap(), 1_000_001);
        for text in ["", "-1", "1e3", "1.0000001", "NaN", ".", "1,000", "99999999999999999999"] {
            assert!(micros("x", text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_json_form_is_strict() {
        let text = r#"{"capital_usd": "100000", "commission": {"model": "per_share", "per_share_usd": "0.005",
            "minimum_usd": "1.00", "maximum_frac": "0.01"}, "slippage": {"model": "spread", "spread_bps": 4}}"#;
        let setup = SimulationConfig::from_json(text).unwrap().check().unwrap();
        assert_eq!(setup.capital, Money(100_000_000_000));
        assert_eq!(setup.slippage, Slippage::Spread(Ratio(400_000)));
        assert_eq!(setup.buffer, Ratio(10_000_000));
        assert!(SimulationConfig::from_json(&text.replace("capital_usd", "capital")).is_err());
        let negative = text.replace("\"spread_bps\": 4", "\"spread_bps\": -4");
        assert!(SimulationConfig::from_json(&negative).unwrap().check().is_err());
    }
}
