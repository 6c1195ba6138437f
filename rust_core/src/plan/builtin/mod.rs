//! Functions of one bar, of the universe and of the calendar: their signatures, and the operations they become.
//!
//! Time-series functions stand in `indicators::CATALOG`; a name is one function.

mod calendar;
mod cross_section;
mod elementwise;
mod reduction;

use super::node::{CalendarFunction, CrossSection, Elementwise, Reduction};
use crate::indicators;
use crate::signature::{Kind, Output, Param, Settle, Signature};

/// What a function becomes in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becomes {
    Elementwise(Elementwise),
    CrossSection(CrossSection),
    Reduction(Reduction),
    Calendar(CalendarFunction),
}

/// A signature and its operation.
#[derive(Debug)]
pub struct Builtin {
    pub signature: Signature,
    pub becomes: Becomes,
    /// Takes any number of arguments like its last one.
    pub is_variadic: bool,
}

/// The family of a name, or a time-series function.
pub enum Found {
    Indicator(&'static Signature),
    Builtin(&'static Builtin),
}

/// Functions that are not time series, by family.
pub fn builtins() -> impl Iterator<Item = &'static Builtin> {
    elementwise::ALL.iter().chain(cross_section::ALL).chain(reduction::ALL).chain(calendar::ALL)
}

/// Every function of the language.
pub fn functions() -> impl Iterator<Item = &'static Signature> {
    indicators::CATALOG.iter().map(|entry| &entry.signature).chain(builtins().map(|b| &b.signature))
}

/// The function of a name.
pub fn find(name: &str) -> Option<Found> {
    if let Some(entry) = indicators::find(name) {
        return Some(Found::Indicator(&entry.signature));
    }
    builtins().find(|b| b.signature.name == name).map(Found::Builtin)
}

/// What differs between functions of one family.
struct Page {
    name: &'static str,
    summary: &'static str,
    params: &'static [Param],
    outputs: &'static [Output],
    formula: &'static str,
    edge_cases: &'static str,
    source: &'static str,
}

/// A signature without history.
const fn signature(kind: Kind, family: &'static str, page: Page) -> Signature {
    Signature {
        name: page.name,
        kind,
        family,
        summary: page.summary,
        reads: &[],
        params: page.params,
        outputs: page.outputs,
        warm_up: |_| 0,
        settle: |_| Settle::Bars(0),
        formula: page.formula,
        edge_cases: page.edge_cases,
        source: page.source,
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_is_one_function_and_every_function_has_its_page() {
        let mut seen = BTreeSet::new();
        for function in functions() {
            assert!(seen.insert(function.name), "{} stands twice", function.name);
            for text in [function.summary, function.formula, function.edge_cases, function.source, function.family] {
                assert!(!text.is_empty(), "{} lacks a text", function.name);
            }
            assert!(!function.outputs.is_empty(), "{}", function.name);
        }
    }
}
