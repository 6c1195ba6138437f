//! What can go wrong with a computation, with a stable code; what a user got wrong in a file is a `Diagnostic`.

use thiserror::Error;

/// A failed call into the engine. `code()` is stable; the text is for people.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EngineError {
    #[error("{what}: found {found}; expected {expected}")]
    Range { what: String, found: String, expected: String },
    #[error("{what} at index {index}: {problem}")]
    Data { what: String, index: usize, problem: String },
    #[error("{what}: {problem}")]
    Shape { what: String, problem: String },
    #[error("the run lacks {what}, which {needed_by} needs; {remedy}")]
    MissingInput { what: String, needed_by: String, remedy: String },
    #[error("{0}")]
    Config(String),
    #[error("interrupted")]
    Interrupted,
}

impl EngineError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Range { .. } => "R101",
            Self::Shape { .. } => "D101",
            Self::Data { .. } => "D102",
            Self::MissingInput { .. } => "D103",
            Self::Config(_) => "C101",
            Self::Interrupted => "I101",
        }
    }
}

pub type Result<T> = std::result::Result<T, EngineError>;
