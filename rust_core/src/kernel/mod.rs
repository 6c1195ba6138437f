//! The trading kernel.

pub mod sizing;
