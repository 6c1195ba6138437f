//! Between which bounds each limit lies, and which day-trading profiles contradict each other.

use super::{PdtGuard, Policy};
use crate::error::{EngineError, Result};
use crate::risk::fraction::Fraction;
use crate::risk::profile::{AccountType, DatedProfile, Profile};
use crate::units::{Money, Price};

impl Policy {
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
