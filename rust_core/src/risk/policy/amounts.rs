//! Amounts that stand in dollars in the text and in millionths in the policy.

use crate::units::{Money, Price};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fixed-point amount that is written in dollars.
pub trait Usd: Copy {
    fn from_usd(usd: f64) -> Option<Self>;
    fn to_usd(self) -> f64;
}

impl Usd for Price {
    fn from_usd(usd: f64) -> Option<Self> {
        Self::from_f64(usd)
    }

    fn to_usd(self) -> f64 {
        self.to_f64()
    }
}

impl Usd for Money {
    fn from_usd(usd: f64) -> Option<Self> {
        Self::from_f64(usd)
    }

    fn to_usd(self) -> f64 {
        self.to_f64()
    }
}

pub fn optional_usd<'de, D: Deserializer<'de>, T: Usd>(deserializer: D) -> Result<Option<T>, D::Error> {
    let usd = Option::<f64>::deserialize(deserializer)?;
    usd.map(|usd| T::from_usd(usd).ok_or_else(|| serde::de::Error::custom(format!("{usd} is no amount")))).transpose()
}

// serde hands a field over by reference.
#[allow(clippy::ref_option)]
pub fn write_optional_usd<S: Serializer, T: Usd>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(T::to_usd).serialize(serializer)
}
