//! From checked expressions to one ordered, hashed graph, and its evaluation on bars.

mod build;
pub mod builtin;
mod compile;
pub mod evaluate;
pub mod explain;
pub mod family;
mod finish;
mod hash;
mod interval;
pub mod invariants;
mod lint;
pub mod names;
pub mod node;
mod portfolio;
pub mod position;
mod reason;
mod roots;
mod settings;
pub mod spec;

pub use builtin::functions;
pub use compile::compile;
pub use evaluate::{Columns, Kept, TrueAt, evaluate, evaluate_given, evaluate_watched};
pub use finish::roots;
pub use hash::Digest;
pub use lint::{lint_history, lint_limits};
pub use node::*;
pub use spec::Spec;
