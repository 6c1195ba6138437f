//! What the market does with an order in one bar: when it fills, at what price, and what that costs.
//!
//! Pure functions of an order and a bar. Which orders meet which bar, and in what order, is `simulate`'s business.

pub mod commission;
pub mod model;
pub mod per_share;
mod regulatory;
pub mod slippage;

pub use commission::{Charge, Commission, Part, Schedule};
pub use model::{BarPrices, Outcome, at_open, at_open_past, may_meet, within, within_past};
pub use per_share::{PassThrough, PerShare, Tier};
pub use slippage::{Slippage, Taken};
