//! From checked expressions to one ordered, hashed graph, and its evaluation on bars.

pub mod evaluate;
pub mod node;

pub use evaluate::{Columns, TrueAt, evaluate};
pub use node::*;

/// Every function of the language.
pub fn functions() -> impl Iterator<Item = &'static crate::signature::Signature> {
    crate::indicators::CATALOG.iter().map(|entry| &entry.signature)
}
