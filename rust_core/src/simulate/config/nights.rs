//! Borrow fee and interest in the configuration's JSON.

use super::{micros, range};
use crate::error::Result;
use crate::kernel::Ratio;
use crate::risk::Date;
use crate::units::Money;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterestConfig {
    /// Annual, ascending by date; the first counts before its day as well.
    pub benchmark: Vec<RateStep>,
    /// Cash earns the benchmark less this, at least nothing.
    pub credit_below_frac: f64,
    /// Debt costs the benchmark and this.
    pub debit_above_frac: f64,
    /// Cash up to here earns nothing.
    pub floor_usd: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateStep {
    /// First day; `null` only for the first step.
    pub from: Option<Date>,
    pub annual_frac: f64,
}

/// What nights cost and earn, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarryRates {
    pub borrow: Ratio,
    /// First day (days since 1970-01-01), annual rate on cash, annual rate on debt; ascending.
    pub cash: Vec<(i32, Ratio, Ratio)>,
    pub floor: Money,
}

/// Largest annual rate: shares that hardly anyone lends have cost several times their price.
const RATE_MAX: f64 = 10.0;

fn annual(what: &str, frac: f64) -> Result<Ratio> {
    let ratio = Ratio::from_f64(frac).filter(|_| (0.0..=RATE_MAX).contains(&frac));
    ratio.ok_or_else(|| range(what, frac, "0 to 10"))
}

impl CarryRates {
    /// `None` where nights cost nothing.
    pub(super) fn check(borrow_frac: f64, interest: Option<&InterestConfig>) -> Result<Option<Self>> {
        let borrow = annual("borrow_frac", borrow_frac)?;
        let Some(interest) = interest else {
            return Ok((borrow != Ratio::ZERO).then(|| Self { borrow, cash: Vec::new(), floor: Money::ZERO }));
        };
        let below = annual("interest.credit_below_frac", interest.credit_below_frac)?;
        let above = annual("interest.debit_above_frac", interest.debit_above_frac)?;
        let mut cash: Vec<(i32, Ratio, Ratio)> = Vec::with_capacity(interest.benchmark.len());
        for (place, step) in interest.benchmark.iter().enumerate() {
            let benchmark = annual("interest.benchmark.annual_frac", step.annual_frac)?;
            let from = match step.from {
                Some(Date(day)) if cash.last().is_none_or(|&(before, ..)| before < day) => day,
                None if place == 0 => i32::MIN,
                found => {
                    let found = found.map_or("no date".to_owned(), |date| date.to_string());
                    return Err(range("interest.benchmark.from", found, "ascending dates; only the first may be open"));
                }
            };
            let credit = Ratio((benchmark.0 - below.0).max(0));
            cash.push((from, credit, Ratio(benchmark.0 + above.0)));
        }
        if cash.is_empty() {
            return Err(range("interest.benchmark", "no rate", "at least one"));
        }
        Ok(Some(Self { borrow, cash, floor: Money(micros("interest.floor_usd", &interest.floor_usd)?) }))
    }

    /// Annual rates on cash and on debt in the night that follows a day.
    pub fn on(&self, date: i32) -> (Ratio, Ratio) {
        let row = self.cash.partition_point(|&(from, ..)| from <= date).saturating_sub(1);
        self.cash.get(row).map_or((Ratio::ZERO, Ratio::ZERO), |&(_, credit, debit)| (credit, debit))
    }
}
