//! Three-valued truth in columns: 1 is true, 0 is false, NaN is missing; connectives follow Kleene.

use crate::units::compare;
use std::cmp::Ordering;

/// A truth value as it stands in a column.
pub(super) fn column(truth: Option<bool>) -> f64 {
    truth.map_or(f64::NAN, |truth| if truth { 1.0 } else { 0.0 })
}

/// What a column says: anything but zero is true.
pub(super) fn read(value: f64) -> Option<bool> {
    if value.is_nan() { None } else { Some(value != 0.0) }
}

/// Whether `a` lies above `b`, ties apart.
pub(super) fn above(a: f64, b: f64) -> Option<bool> {
    compare(a, b).map(|order| order == Ordering::Greater)
}

/// Kleene's conjunction: one false is enough for false.
pub(super) fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The conjunction of the last `length` truths. Missing until there have been that many.
pub(super) struct Run {
    length: u64,
    seen: u64,
    /// Bars since the last false and since the last missing one, this bar being 0.
    since_false: u64,
    since_missing: u64,
}

impl Run {
    pub(super) fn new(length: usize) -> Self {
        Self { length: length as u64, seen: 0, since_false: u64::MAX, since_missing: u64::MAX }
    }

    pub(super) fn push(&mut self, truth: Option<bool>) -> Option<bool> {
        self.seen += 1;
        self.since_false = self.since_false.saturating_add(1);
        self.since_missing = self.since_missing.saturating_add(1);
        match truth {
            Some(true) => {}
            Some(false) => self.since_false = 0,
            None => self.since_missing = 0,
        }
        if self.seen < self.length {
            None
        } else if self.since_false < self.length {
            Some(false)
        } else if self.since_missing < self.length {
            None
        } else {
            Some(true)
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Series as a person writes them: `T`, `F` and `_` for truths, numbers and `_` for values.
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use crate::indicators::find;

    pub(in crate::indicators) fn values(text: &str) -> Vec<f64> {
        text.split_whitespace()
            .map(|word| match word {
                "T" => 1.0,
                "F" => 0.0,
                "_" => f64::NAN,
                number => number.parse().unwrap(),
            })
            .collect()
    }

    /// Runs a catalogued function over the series and compares its first output with what was worked out by hand.
    pub(in crate::indicators) fn expect(name: &str, numbers: &[f64], inputs: &[&str], expected: &str) {
        let entry = find(name).unwrap();
        let columns: Vec<Vec<f64>> = inputs.iter().map(|text| values(text)).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let expected = values(expected);
        let mut outputs = vec![vec![0.0; expected.len()]; entry.signature.outputs.len()];
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        (entry.build)(numbers).block(&columns, &mut slices);
        for (bar, (got, want)) in outputs[0].iter().zip(&expected).enumerate() {
            let same = (got.is_nan() && want.is_nan()) || (got - want).abs() <= 1e-12 * want.abs().max(1.0);
            assert!(same, "{name}{numbers:?} at bar {bar}: found {got}; expected {want}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conjunction_follows_kleene() {
        let values = [Some(true), Some(false), None];
        let table = values.map(|a| values.map(|b| and(a, b)));
        assert_eq!(table[0], [Some(true), Some(false), None]);
        assert_eq!(table[1], [Some(false), Some(false), Some(false)]);
        assert_eq!(table[2], [None, Some(false), None]);
    }
}
