//! The risk cascade: kill switch, circuit breakers, day-trading guard, position limits, portfolio limits, autonomy.
//!
//! Pure: a verdict follows from the policy, the account as it stands and the order. It keeps nothing, trades nothing
//! and never trusts a missing input: what is unknown refuses an order that adds risk. An order that only reduces risk
//! passes everything but the kill switch.
//!
//! Limits hold in the worst case: every working order that opens or adds counts as filled, and no exit does, except
//! an exit that is booked before any purchase.

mod cascade;
mod checks;
mod day_trades;
mod exposure;
mod fraction;
mod inputs;
pub mod intraday_margin;
mod policy;
mod profile;
pub mod settlement;
mod stop;
mod verdict;

#[cfg(test)]
mod laws;

pub use cascade::{admit, assess};
pub use day_trades::{Counts, DayTrades};
pub use fraction::Fraction;
pub use inputs::{Input, Waived};
pub use policy::{
    AutonomyMode, CircuitBreakers, Counting, KillSwitch, PdtGuard, Policy, PortfolioLimits, PositionLimits,
};
pub use profile::{AccountType, Date, DatedProfile, Profile};
pub use stop::default_stop;
pub use verdict::{Action, Code, Measure, Step, Verdict};

use crate::units::{Money, Price, Shares, Side};

/// An order that asks to be admitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub symbol: usize,
    pub side: Side,
    pub quantity: Shares,
    /// What a share is reckoned to cost: the decision close with its buffer.
    pub price: Price,
    /// The stop that protects the position; `None` where it gets the policy's own (see [`default_stop`]).
    pub stop_price: Option<Price>,
    /// Whether the order may open or add. False: it is an exit, and never more than the holding is admitted.
    pub opens: bool,
    pub sector: Option<usize>,
    /// Raw close of the decision, for the price floor.
    pub close: Price,
    /// The strategy's own cap of a position; the smaller of it and the account's holds.
    pub strategy_cap_frac: Option<f64>,
    /// The smallest tradable step: a reduced quantity is a multiple of it. One share, a round lot, or a millionth.
    pub lot: Shares,
}

/// A position as it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding {
    pub symbol: usize,
    /// Signed.
    pub quantity: Shares,
    pub mark: Price,
    pub sector: Option<usize>,
    pub opened_session: u32,
}

/// An order that may still be filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Working {
    pub symbol: usize,
    pub side: Side,
    /// What is left to be filled.
    pub quantity: Shares,
    pub price: Price,
    /// Whether it opens or adds. Exits never count as filled, unless `books_first`.
    pub opens: bool,
    /// An exit that is certain to be booked before any purchase decided with it: a market order for the next open.
    /// Its shares leave the exposure and its proceeds may be spent. A resting stop, target or limit is not.
    pub books_first: bool,
    pub sector: Option<usize>,
}

/// The account at the moment of a decision.
#[derive(Debug, Clone, Copy)]
pub struct AccountView<'a> {
    /// Exchange date of `session`, days since 1970-01-01: it selects the day-trading profiles.
    pub date: i32,
    /// The session in which the order would be filled: after a decision at the close, the next one.
    pub session: u32,
    pub equity: Money,
    pub cash: Money,
    /// Proceeds of sales that have not settled by `session`, part of `cash`; only cash accounts need it.
    pub unsettled: Option<Money>,
    pub previous_close_equity: Money,
    pub high_water: Money,
    /// At most one per symbol.
    pub holdings: &'a [Holding],
    pub working: &'a [Working],
    pub orders_today: u32,
    pub vix: Option<f64>,
    pub data_age_s: Option<f64>,
    pub drift_frac: Option<f64>,
    pub operator_age_h: Option<f64>,
    /// A breach of the drawdown limit that has not been reset.
    pub drawdown_halt: bool,
    pub killed: bool,
    pub day_trades: &'a DayTrades,
}
