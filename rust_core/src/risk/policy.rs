//! The limits in force: one immutable value with a hash. A limit that is absent from the text refuses it; an explicit
//! `null` says that the limit is off.

use super::fraction::Fraction;
use super::profile::{AccountType, Date, DatedProfile, Profile};
use crate::error::{EngineError, Result};
use crate::units::{Money, Price};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
    #[serde(deserialize_with = "optional_usd", serialize_with = "write_optional_price")]
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
    #[serde(deserialize_with = "optional_usd", serialize_with = "write_optional_money")]
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

/// All limits of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub autonomy_mode: AutonomyMode,
    pub position_limits: PositionLimits,
    pub portfolio_limits: PortfolioLimits,
    pub pdt_guard: PdtGuard,
    pub circuit_breakers: CircuitBreakers,
    pub kill_switch: KillSwitch,
}

impl Policy {
    /// Reads and validates a policy.
    ///
    /// # Errors
    /// `Config` for text that is no policy, a missing or unknown key; `Range` for a limit out of its range.
    pub fn from_json(text: &str) -> Result<Self> {
        let policy: Self =
            serde_json::from_str(text).map_err(|e| EngineError::Config(format!("the risk policy: {e}")))?;
        policy.validate()?;
        Ok(policy)
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

    /// Tests every limit against its range.
    ///
    /// # Errors
    /// `Range` with the key, the value and the range; `Config` for profiles that contradict each other.
    pub fn validate(&self) -> Result<()> {
        let Self { position_limits: position, portfolio_limits: portfolio, pdt_guard, circuit_breakers, .. } = self;
        share("position_limits.max_position", position.max_position_frac)?;
        share("position_limits.max_sector", position.max_sector_frac)?;
        share("position_limits.stop_loss", position.stop_loss_frac)?;
        within("position_limits.min_price", position.min_price_usd.map(Price::to_f64), 0.0, 1e6, "$0 to $1,000,000")?;
        share("portfolio_limits.max_drawdown", portfolio.max_drawdown_frac)?;
        share("portfolio_limits.max_daily_loss", portfolio.max_daily_loss_frac)?;
        within("portfolio_limits.max_positions", number(portfolio.max_positions), 1.0, 1e5, "1 to 100,000")?;
        within("portfolio_limits.max_daily_trades", number(portfolio.max_daily_trades), 1.0, 1e6, "1 to 1,000,000")?;
        let reserve = portfolio.min_cash_reserve_frac.map(Fraction::to_f64);
        within("portfolio_limits.min_cash_reserve", reserve, 0.0, 1.0, "0% to 100%")?;
        within("circuit_breakers.vix_threshold", circuit_breakers.vix_threshold, 1.0, 200.0, "1 to 200")?;
        within("circuit_breakers.stale_data", number(circuit_breakers.stale_data_s), 1.0, 864e3, "1s to 10d")?;
        let interval = number(circuit_breakers.reconciliation_interval_s);
        within("circuit_breakers.reconciliation.interval", interval, 1.0, 864e2, "1s to 24h")?;
        share("circuit_breakers.reconciliation.max_drift", circuit_breakers.max_drift_frac)?;
        within(
            "circuit_breakers.dead_man_switch",
            number(circuit_breakers.dead_man_switch_h),
            1.0,
            8760.0,
            "1h to 365d",
        )?;
        within("kill_switch.cooldown", number(self.kill_switch.cooldown_min), 0.0, 525_600.0, "0min to 365d")?;
        pdt_guard.validate()
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

impl PdtGuard {
    fn validate(&self) -> Result<()> {
        within("pdt_guard.max_day_trades", number(self.max_day_trades), 0.0, 1e3, "0 to 1,000")?;
        within("pdt_guard.window", number(Some(self.window_business_days)), 1.0, 30.0, "1 to 30 sessions")?;
        within("pdt_guard.min_equity", self.min_equity_usd.map(Money::to_f64), 0.0, 1e9, "$0 to $1,000,000,000")?;
        within("pdt_guard.intraday_buffer", self.intraday_buffer_frac.map(Fraction::to_f64), 0.0, 1.0, "0% to 100%")?;
        share("pdt_guard.maintenance", Some(self.maintenance_frac))?;
        for (position, dated) in self.profiles.iter().enumerate() {
            if let (Some(from), Some(to)) = (dated.from, dated.to)
                && to < from
            {
                return Err(EngineError::Config(format!("pdt_guard.profiles[{position}] ends on {to}, before {from}")));
            }
            let contradicts = |other: &&DatedProfile| {
                other.profile != Profile::Off && other.profile.concerns(self.account_type) && other.overlaps(dated)
            };
            if dated.profile == Profile::Off
                && let Some(other) = self.profiles.iter().find(contradicts)
            {
                let problem = format!("is off while {:?} is in force on some of its days", other.profile);
                return Err(EngineError::Config(format!("pdt_guard.profiles[{position}] {problem}")));
            }
        }
        let answers = |dated: &DatedProfile| matches!(dated.profile, Profile::CashAccount | Profile::Off);
        if self.account_type == AccountType::Cash && !self.profiles.is_empty() && !self.profiles.iter().any(answers) {
            let problem = "pdt_guard.profiles names no rule for a cash account; add cash_account, or off";
            return Err(EngineError::Config(problem.into()));
        }
        Ok(())
    }
}

fn number(value: Option<u32>) -> Option<f64> {
    value.map(f64::from)
}

/// A fraction above 0 and up to 1.
fn share(key: &str, value: Option<Fraction>) -> Result<()> {
    match value {
        Some(Fraction(parts)) if !(1..=Fraction::ONE.0).contains(&parts) => Err(EngineError::Range {
            what: key.into(),
            found: format!("{}%", parts as f64 / 1e7),
            expected: "above 0% and at most 100%".into(),
        }),
        _ => Ok(()),
    }
}

fn within(key: &str, value: Option<f64>, low: f64, high: f64, range: &str) -> Result<()> {
    match value {
        Some(value) if !(low <= value && value <= high) => {
            Err(EngineError::Range { what: key.into(), found: value.to_string(), expected: range.into() })
        }
        _ => Ok(()),
    }
}

/// A fixed-point amount that is written in dollars.
trait Usd: Sized {
    fn from_usd(usd: f64) -> Option<Self>;
}

impl Usd for Price {
    fn from_usd(usd: f64) -> Option<Self> {
        Self::from_f64(usd)
    }
}

impl Usd for Money {
    fn from_usd(usd: f64) -> Option<Self> {
        Self::from_f64(usd)
    }
}

fn optional_usd<'de, D: Deserializer<'de>, T: Usd>(deserializer: D) -> std::result::Result<Option<T>, D::Error> {
    let usd = Option::<f64>::deserialize(deserializer)?;
    usd.map(|usd| T::from_usd(usd).ok_or_else(|| serde::de::Error::custom(format!("{usd} is no amount")))).transpose()
}

// serde hands a field over by reference.
#[allow(clippy::ref_option)]
fn write_optional_price<S: Serializer>(value: &Option<Price>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    value.map(Price::to_f64).serialize(serializer)
}

#[allow(clippy::ref_option)]
fn write_optional_money<S: Serializer>(value: &Option<Money>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    value.map(Money::to_f64).serialize(serializer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use serde_json::{Value, json};

    /// The shipped limits as Python writes them; its tests compare with the same file.
    fn shipped() -> Value {
        serde_json::from_str(include_str!("../../../tests/golden/risk_policy.json")).unwrap()
    }

    fn with(section: &str, key: &str, value: Value) -> Result<Policy> {
        let mut text = shipped();
        text[section][key] = value;
        Policy::from_json(&text.to_string())
    }

    /// Every limit of the text: its section and key.
    fn keys() -> Vec<(String, String)> {
        let sections = shipped();
        let of = |(section, keys): (&String, &Value)| {
            let keys = keys.as_object().map(|keys| keys.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            keys.into_iter().map(|key| (section.clone(), key)).collect::<Vec<_>>()
        };
        sections.as_object().unwrap().iter().flat_map(of).collect()
    }

    #[test]
    fn amounts_are_fixed_point() {
        let policy = Policy::from_json(&shipped().to_string()).unwrap();
        assert_eq!(policy.position_limits.max_position_frac, Some(Fraction(50_000_000)));
        assert_eq!(policy.position_limits.min_price_usd, Some(Price(5_000_000)));
        assert_eq!(policy.pdt_guard.min_equity_usd, Some(Money(25_000_000_000)));
        assert_eq!(policy.pdt_guard.counting, Counting::Largest);
    }

    #[test]
    fn a_missing_or_unknown_key_refuses_the_policy() {
        assert_eq!(keys().len(), 5 + 5 + 8 + 5 + 1);
        for (section, key) in keys() {
            let mut text = shipped();
            text[&section].as_object_mut().unwrap().remove(&key);
            // How day trades are counted is a convention and may be left out: the strictest holds.
            match Policy::from_json(&text.to_string()) {
                Ok(policy) => assert_eq!((key.as_str(), policy.pdt_guard.counting), ("counting", Counting::Largest)),
                Err(error) => assert!(error.to_string().contains(&key), "{error}"),
            }
            assert!(with(&section, &format!("{key}_"), json!(1)).is_err());
        }
        for section in ["autonomy_mode", "position_limits", "pdt_guard", "kill_switch"] {
            let mut text = shipped();
            text.as_object_mut().unwrap().remove(section);
            assert!(Policy::from_json(&text.to_string()).is_err());
        }
    }

    #[test]
    fn values_of_the_wrong_kind_or_range_are_refused() {
        for bad in [json!("5%"), json!([1]), json!(-1)] {
            for (section, key) in keys() {
                assert!(with(&section, &key, bad.clone()).is_err(), "{section}.{key} = {bad}");
            }
        }
        for (section, key) in keys().into_iter().filter(|(_, key)| key != "no_leverage") {
            assert!(with(&section, &key, json!(true)).is_err(), "{section}.{key}");
            assert!(with(&section, &key, json!(1e300)).is_err(), "{section}.{key}");
        }
        for (section, key) in [("position_limits", "max_position_frac"), ("portfolio_limits", "max_drawdown_frac")] {
            assert!(with(section, key, json!(0.0)).is_err());
            assert!(with(section, key, json!(1.01)).is_err());
            assert!(with(section, key, json!(1.0)).is_ok());
        }
        assert_eq!(with("circuit_breakers", "vix_threshold", json!(0.35)).unwrap_err().code(), "R101");
    }

    #[test]
    fn the_hash_follows_the_limits_and_not_the_text() {
        let hash = |text: &Value| Policy::from_json(&text.to_string()).unwrap().hash();
        let base = hash(&shipped());
        assert_eq!(base.len(), 64);
        let mut same = shipped();
        same["pdt_guard"]["profiles"].as_array_mut().unwrap().reverse();
        same["position_limits"]["min_price_usd"] = json!(5);
        same["pdt_guard"].as_object_mut().unwrap().remove("counting");
        assert_eq!(hash(&same), base);
        let mut seen = vec![base];
        for (section, key) in keys() {
            let value = match key.as_str() {
                "no_leverage" => json!(false),
                "profiles" => json!([]),
                "account_type" => json!("cash"),
                "counting" => json!("openings"),
                "maintenance_frac" => json!(0.3),
                "window_business_days" => json!(6),
                _ => Value::Null,
            };
            let other = with(&section, &key, value).unwrap().hash();
            assert!(!seen.contains(&other), "{section}.{key}");
            seen.push(other);
        }
    }

    #[test]
    fn the_canonical_form_reads_back() {
        let policy = Policy::from_json(&shipped().to_string()).unwrap();
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(Policy::from_json(&text).unwrap(), policy);
        let unlimited = Policy::unlimited();
        assert_eq!(Policy::from_json(&serde_json::to_string(&unlimited).unwrap()).unwrap(), unlimited);
    }

    #[test]
    fn profiles_follow_account_and_date() {
        let mut text = shipped();
        let on = |text: &Value, date: &str| {
            let policy = Policy::from_json(&text.to_string()).unwrap();
            policy.profiles_on(Date::parse(date).unwrap().0).collect::<Vec<_>>()
        };
        use Profile::{CashAccount, IntradayMargin, LegacyPdt};
        assert_eq!(on(&text, "2000-01-03"), []);
        assert_eq!(on(&text, "2024-01-02"), [LegacyPdt]);
        assert_eq!(on(&text, "2026-11-23"), [LegacyPdt, IntradayMargin]);
        assert_eq!(on(&text, "2027-10-21"), [IntradayMargin]);
        text["pdt_guard"]["account_type"] = json!("cash");
        assert_eq!(on(&text, "2026-11-23"), [CashAccount]);
    }

    #[test]
    fn contradictory_profiles_are_refused() {
        let legacy = |from: Value, to: Value| json!({"from": from, "to": to, "profile": "legacy_pdt"});
        let off = json!({"from": "2026-06-04", "to": null, "profile": "off"});
        assert!(with("pdt_guard", "profiles", json!([legacy(json!("2001-09-28"), Value::Null), off])).is_err());
        let ends = legacy(json!("2001-09-28"), json!("2026-06-03"));
        assert!(with("pdt_guard", "profiles", json!([ends, off])).is_ok());
        assert!(with("pdt_guard", "profiles", json!([legacy(json!("2002-01-01"), json!("2001-01-01"))])).is_err());
        assert!(with("pdt_guard", "profiles", json!([legacy(json!("2002-02-30"), Value::Null)])).is_err());
        // A cash account needs a rule of its own.
        let mut cash = shipped();
        cash["pdt_guard"]["account_type"] = json!("cash");
        assert!(Policy::from_json(&cash.to_string()).is_ok());
        cash["pdt_guard"]["profiles"].as_array_mut().unwrap().pop();
        assert!(Policy::from_json(&cash.to_string()).is_err());
    }

    #[test]
    fn limits_name_the_inputs_they_need() {
        use super::super::inputs::{Input, Waived};
        let policy = Policy::from_json(&shipped().to_string()).unwrap();
        assert_eq!(policy.required_inputs(), [Input::Vix, Input::Sector, Input::RawPrices]);
        assert_eq!(Policy::unlimited().required_inputs(), []);
        let waived = Waived::parse(&["sector", "vix"]).unwrap();
        assert_eq!(Input::ALL.map(|input| waived.contains(input)), [true, true, false]);
        assert!(Waived::parse(&["vixx"]).unwrap_err().to_string().contains("`vixx`"));
        assert_eq!(Input::Vix.missing().code(), "D103");
    }
}
