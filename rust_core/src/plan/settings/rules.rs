//! What rules do beyond opening and closing a position once: additions, partial exits, rest after an exit.

use super::{Wanted, duration, number, report};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::syntax::Span;
use crate::plan::node::{Hold, PartialExit, ScaleIn};
use crate::plan::roots::Roots;
use crate::plan::spec::{EntrySpec, PartialSpec, ScaleInSpec};

/// Partial exits of one strategy: each has a bit of its own in what a position remembers.
pub const PARTIALS_MAX: usize = 16;
/// Shares of an addition, when the file does not say: as many as the first entry's.
const SIZE: f64 = 1.0;

/// `Some(None)` when left out, `None` when wrong.
pub(in crate::plan) fn scale_in(spec: Option<&EntrySpec>, roots: &mut Roots<'_>) -> Option<Option<ScaleIn>> {
    let Some(ScaleInSpec { when, times, size }) = spec.and_then(|entry| entry.scale_in.as_ref()) else {
        return Some(None);
    };
    let path = |key| ["entry", "scale_in", key];
    let when = roots.condition(when, &path("when"), true);
    let times = match times.as_deref() {
        None => Some(1.0),
        Some(text) => number(text, Wanted::Whole(1, 1_000), &path("times"), roots.builder),
    };
    let size = match size.as_deref() {
        None => Some(SIZE),
        Some(text) => number(text, Wanted::Fraction(0.001, 1.0), &path("size"), roots.builder),
    };
    Some(Some(ScaleIn { when: when?, times: times? as u32, size_frac: size? }))
}

/// The partial exits in the order of the file; `None` where one is wrong.
pub(in crate::plan) fn partials(specs: &[PartialSpec], roots: &mut Roots<'_>) -> Option<Vec<PartialExit>> {
    if specs.len() > PARTIALS_MAX {
        let problem = Problem::new(Code::OutOfRange, Span::default(), "there are too many partial exits")
            .found(specs.len().to_string())
            .expected(format!("at most {PARTIALS_MAX}"));
        report(problem, &["exit", "partial"], roots.builder);
        return None;
    }
    let each = specs.iter().enumerate().map(|(index, spec)| {
        let index = index.to_string();
        let when = roots.condition(&spec.when, &["exit", "partial", &index, "when"], true);
        let path = ["exit", "partial", &index, "close"];
        let close = number(&spec.close, Wanted::Fraction(0.001, 0.999), &path, roots.builder);
        Some(PartialExit { when: when?, close_frac: close? })
    });
    // Each is looked at, so that all problems are found.
    let found: Vec<Option<PartialExit>> = each.collect();
    found.into_iter().collect()
}

/// `Some(None)` when left out, `None` when wrong.
pub(in crate::plan) fn cooldown(spec: Option<&EntrySpec>, roots: &mut Roots<'_>) -> Option<Option<Hold>> {
    let Some(text) = spec.and_then(|entry| entry.cooldown.as_deref()) else { return Some(None) };
    duration(text, &["entry", "cooldown"], "`14d` calendar days or `10s` sessions", roots.builder).map(Some)
}
