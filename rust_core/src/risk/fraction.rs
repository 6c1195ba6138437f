//! A share of something as an integer: parts per billion, so that limits on money are compared exactly.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fraction in parts per billion; 5% is 50,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(pub i64);

impl Fraction {
    pub const ONE: Self = Self(1_000_000_000);

    /// The nearest part per billion; `None` for a value that is not finite or whose size is above a million.
    pub fn from_f64(value: f64) -> Option<Self> {
        (value.abs() <= 1e6).then(|| Self((value * 1e9).round_ties_even() as i64))
    }

    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// Written as the decimal fraction it was read from.
impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_f64())
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::from_f64(value).ok_or_else(|| serde::de::Error::custom(format!("{value} is no fraction")))
    }
}
