//! What a run must have for its limits to be testable, and what a person has waived.

use super::policy::Policy;
use crate::error::{EngineError, Result};

/// Something a limit reads that not every run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input {
    /// A daily series of the CBOE volatility index, as the symbol `VIX`.
    Vix,
    /// The sector of every symbol.
    Sector,
    /// Prices as traded; a floor means nothing on adjusted ones.
    RawPrices,
}

impl Input {
    pub const ALL: [Self; 3] = [Self::Vix, Self::Sector, Self::RawPrices];

    /// The name by which it is waived.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vix => "vix",
            Self::Sector => "sector",
            Self::RawPrices => "raw_prices",
        }
    }

    /// The limit that needs it.
    pub const fn needed_by(self) -> &'static str {
        match self {
            Self::Vix => "circuit_breakers.vix_threshold",
            Self::Sector => "position_limits.max_sector",
            Self::RawPrices => "position_limits.min_price",
        }
    }

    /// The error of a run that lacks it.
    pub fn missing(self) -> EngineError {
        let (what, remedy) = match self {
            Self::Vix => ("the VIX", "import a symbol VIX, or waive vix"),
            Self::Sector => ("a sector for every symbol", "declare universe.sectors, or waive sector"),
            Self::RawPrices => ("raw prices", "import prices as traded, or waive raw_prices"),
        };
        EngineError::MissingInput { what: what.into(), needed_by: self.needed_by().into(), remedy: remedy.into() }
    }
}

/// Inputs that a person has declared dispensable for a run; the limits that need them are not tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waived {
    pub vix: bool,
    pub sector: bool,
    pub raw_prices: bool,
}

impl Waived {
    /// Reads the names of waived inputs.
    ///
    /// # Errors
    /// `Config` for a name that is no input.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        let mut waived = Self::default();
        for name in names {
            match name.as_ref() {
                "vix" => waived.vix = true,
                "sector" => waived.sector = true,
                "raw_prices" => waived.raw_prices = true,
                other => {
                    let problem = format!("`{other}` cannot be waived; expected one of vix, sector, raw_prices");
                    return Err(EngineError::Config(problem));
                }
            }
        }
        Ok(waived)
    }

    pub const fn contains(self, input: Input) -> bool {
        match input {
            Input::Vix => self.vix,
            Input::Sector => self.sector,
            Input::RawPrices => self.raw_prices,
        }
    }
}

impl Policy {
    /// What a run must have, unless it is waived.
    pub fn required_inputs(&self) -> Vec<Input> {
        let needs = |input: &Input| match input {
            Input::Vix => self.circuit_breakers.vix_threshold.is_some(),
            Input::Sector => self.position_limits.max_sector_frac.is_some(),
            Input::RawPrices => self.position_limits.min_price_usd.is_some(),
        };
        Input::ALL.into_iter().filter(needs).collect()
    }
}
