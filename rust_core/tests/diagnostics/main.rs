//! Every diagnostic of the language: produced by a strategy, pointing at the right characters, offering what works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codes;
mod groups;
mod offers;
mod settings;
mod strategy;
mod units;
mod warnings;
