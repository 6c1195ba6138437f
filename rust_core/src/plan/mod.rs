//! From checked expressions to one ordered, hashed graph, and its evaluation on bars.

pub mod node;

pub use node::*;
