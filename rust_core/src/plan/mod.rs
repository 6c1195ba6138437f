//! From checked expressions to one ordered, hashed graph, and its evaluation on bars.

pub mod evaluate;
pub mod node;

pub use evaluate::{Columns, TrueAt, evaluate};
pub use node::*;
