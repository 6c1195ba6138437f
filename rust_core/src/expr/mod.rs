//! The strategy language as text: tokens, syntax tree with spans, canonical printing, units, diagnostics.
//!
//! What a name means and what is computed is decided in `plan`; this room never looks at bars.

pub mod code;
pub mod diagnostic;
pub mod dimension;
pub mod lexer;
pub mod literal;
pub mod nearest;
pub mod parser;
pub mod print;
pub mod select;
pub mod syntax;

pub use code::Code;
pub use diagnostic::{Diagnostic, Problem, Severity};
pub use parser::parse;
pub use syntax::{Expr, Node, Span};
