//! Which day-trading rule holds for which account on which date.
//!
//! The rule changed on 2026-06-04 (SR-FINRA-2025-017, Regulatory Notice 26-10) and brokers may hold accounts to the
//! old one until 2027-10-20, so a profile is an entry in a dated list and a run of 2024 is judged by 2024's rule.

use crate::calendar::{Civil, civil_from_days, days_from_civil, days_in_month};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A calendar date as days since 1970-01-01, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// `None` for a date that does not exist.
    pub const fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self(days_from_civil(year, month, day)))
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day } = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no date of the form YYYY-MM-DD")))
    }
}

/// A day-trading rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// FINRA Rule 4210(f)(8)(B) as it stood from 2001-09-28: day trades are counted. Margin accounts.
    LegacyPdt,
    /// FINRA Rule 4210(d)(2) from 2026-06-04: the intraday margin level is watched. Margin accounts.
    IntradayMargin,
    /// Regulation T: purchases with settled cash only. Cash accounts.
    CashAccount,
    /// No rule.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    Margin,
    Cash,
}

impl Profile {
    /// Whether the rule concerns accounts of this type.
    pub const fn concerns(self, account: AccountType) -> bool {
        match self {
            Self::LegacyPdt | Self::IntradayMargin => matches!(account, AccountType::Margin),
            Self::CashAccount => matches!(account, AccountType::Cash),
            Self::Off => true,
        }
    }
}

/// A profile and the days on which it is in force, both ends included; `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedProfile {
    #[serde(deserialize_with = "Option::deserialize")]
    pub from: Option<Date>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub to: Option<Date>,
    pub profile: Profile,
}

impl DatedProfile {
    pub fn is_in_force(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    /// Whether some day lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_in_time = |a: &Self, b: &Self| a.from.is_none_or(|from| b.to.is_none_or(|to| from <= to));
        starts_in_time(self, other) && starts_in_time(other, self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_count_from_1970() {
        // 2000-03-01 is day 11,017: 30 years of 365 days, 7 leap days (1972..1996) and 60 days of 2000 (31 + 29).
        assert_eq!(Date::parse("1970-01-01"), Some(Date(0)));
        assert_eq!(Date::parse("1969-12-31"), Some(Date(-1)));
        assert_eq!(Date::parse("2000-03-01"), Some(Date(30 * 365 + 7 + 60)));
        for text in ["2001-09-28", "2027-10-20", "2024-02-29", "1900-02-28", "0001-01-01", "9999-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "24-01-01", "2024-1-1", "2024-01-01-", ""]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn both_ends_of_a_profile_are_in_force() {
        let dated = DatedProfile {
            from: Date::parse("2001-09-28"),
            to: Date::parse("2027-10-20"),
            profile: Profile::LegacyPdt,
        };
        let on = |text| dated.is_in_force(Date::parse(text).unwrap());
        assert_eq!(["2001-09-27", "2001-09-28", "2027-10-20", "2027-10-21"].map(on), [false, true, true, false]);
    }
}
