//! The part of oracle that computes: expressions, plan, indicators, trading kernel, risk, simulation.
//!
//! Nothing here reads a clock, a file or a random number. Inner order, each seeing only what stands further right, and
//! none its neighbours at a comma:
//! `python` → `sweep` → `simulate` → `risk`, `fill` → `kernel` → `plan` → `cross_section`, `indicators`, `expr`, `metrics`
//! → `bars` → `signature`, `logic`, `calendar` → `units`, `maths`, `parallel`, `watch`
//! → `error`.

pub mod bars;
pub mod calendar;
pub mod cross_section;
pub mod error;
pub mod expr;
pub mod fill;
pub mod indicators;
pub mod kernel;
pub mod logic;
pub mod maths;
pub mod metrics;
pub mod parallel;
pub mod plan;
pub mod risk;
pub mod signature;
pub mod simulate;
pub mod sweep;
pub mod units;
pub mod watch;

#[cfg(feature = "python")]
mod python;
