//! One simulation path: from columns of signals to orders, verdicts, fills, ledger and equity.
//!
//! `step.rs` is the path of data in one screen; `run.rs` repeats it with the kernel, and `plain.rs` with cash and one lot
//! where a run needs no more. Every backtest, strategy test, benchmark and sweep enters here. Nothing in this room
//! computes an indicator or knows how a strategy was written.

mod additions;
mod book;
mod carry;
mod conditions;
pub mod config;
pub mod conventions;
pub mod coverage;
mod cues;
pub mod definitions;
mod draft;
pub mod driven;
mod entries;
mod exits;
pub mod given;
mod keeper;
mod liquidity;
mod lone;
mod market;
mod matching;
pub mod output;
mod parity;
mod plain;
mod pricing;
pub mod profiles;
mod protect;
mod queue;
mod run;
mod schedule;
mod sending;
mod series;
pub mod signals;
mod sizer;
mod skip;
mod sleeves;
mod split;
mod step;
pub mod summary;
mod targets;
mod turns;
mod verdicts;

pub use config::SimulationConfig;
pub use conventions::Conventions;
pub use driven::Driven;
pub use given::Decided;
pub use output::RunOutput;
pub use run::{run, run_every_step, run_given, run_on, run_watched};
pub use series::Series;
pub use signals::Signals;

#[cfg(test)]
mod tests;
