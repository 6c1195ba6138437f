//! What is wrong with a strategy, where, and what would be right.

use super::code::Code;
use super::syntax::Span;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// A problem within one text, not yet placed in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub span: Span,
    pub message: String,
    pub found: String,
    pub expected: String,
    pub suggestion: Option<String>,
    pub notes: Vec<String>,
}

impl Problem {
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            found: String::new(),
            expected: String::new(),
            suggestion: None,
            notes: Vec::new(),
        }
    }

    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// What to write instead.
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// What to write instead, if anything is near.
    pub fn suggest_if(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Places the problem at a key of the strategy file.
    pub fn at<S: AsRef<str>>(self, path: &[S]) -> Diagnostic {
        let severity = if self.code.id().starts_with('W') { Severity::Warning } else { Severity::Error };
        Diagnostic {
            code: self.code.id(),
            severity,
            path: path.iter().map(|key| key.as_ref().to_owned()).collect(),
            start: self.span.start,
            end: self.span.end,
            message: self.message,
            found: self.found,
            expected: self.expected,
            suggestion: self.suggestion,
            notes: self.notes,
        }
    }
}

/// A problem of a strategy. `start` and `end` count characters within the text of the key at `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub code: &'static str,
    pub severity: Severity,
    /// Keys from the top of the spec, such as `["entry", "long"]`.
    pub path: Vec<String>,
    pub start: usize,
    pub end: usize,
    pub message: String,
    pub found: String,
    pub expected: String,
    pub suggestion: Option<String>,
    pub notes: Vec<String>,
}
