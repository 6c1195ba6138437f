//! Each limit of the policy by itself changes the ledger: a strategy goes from its text through `plan::compile` and
//! `simulate::run`, once without limits and once with that limit alone, and both ledgers are worked out by hand beside it.
//!
//! Everywhere: $100,000, no costs, orders decided at a close and filled at the next open. An order is reckoned at its
//! close raised by 1%, so 100 shares at 100 ask for $10,100.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod breakers;
mod day_trading;
mod market;
mod portfolio;
mod position;
