//! Three-valued truth in columns: 1 is true, 0 is false, NaN is missing; connectives follow Kleene. Nothing here
//! branches on a value, so that a column costs the same whatever it holds.

use crate::units::exceeds;

/// Whether `a` lies above `b`, ties apart.
#[inline(always)]
pub(super) fn above(a: f64, b: f64) -> f64 {
    let truth = if exceeds(a, b) { 1.0 } else { 0.0 };
    if a.is_nan() | b.is_nan() { f64::NAN } else { truth }
}

/// The contrary; what is missing stays so. Anything but zero counts as true.
#[inline(always)]
pub(super) fn not(truth: f64) -> f64 {
    let contrary = if truth == 0.0 { 1.0 } else { 0.0 };
    if truth.is_nan() { f64::NAN } else { contrary }
}

/// `a` and not `b`: one false `a` or true `b` is enough for false.
#[inline(always)]
pub(super) fn and_not(a: f64, b: f64) -> f64 {
    let known = if a.is_nan() | b.is_nan() { f64::NAN } else { 1.0 };
    if (a == 0.0) | ((b != 0.0) & !b.is_nan()) { 0.0 } else { known }
}

/// The conjunction of the last `length` truths. Missing until there have been that many.
pub(super) struct Run {
    length: u64,
    /// Bars still to come before there have been `length`.
    cold: usize,
    /// Bars since the last false and since the last missing one, this bar being 0.
    since_false: u64,
    since_missing: u64,
}

impl Run {
    pub(super) fn new(length: usize) -> Self {
        let never = u64::from(u32::MAX);
        Self { length: length as u64, cold: length.saturating_sub(1), since_false: never, since_missing: never }
    }

    /// Replaces each truth by the conjunction that ends with it.
    pub(super) fn block(&mut self, truths: &mut [f64]) {
        let (mut since_false, mut since_missing) = (self.since_false, self.since_missing);
        for truth in truths.iter_mut() {
            since_false = if *truth == 0.0 { 0 } else { since_false + 1 };
            since_missing = if truth.is_nan() { 0 } else { since_missing + 1 };
            let known = if since_missing < self.length { f64::NAN } else { 1.0 };
            *truth = if since_false < self.length { 0.0 } else { known };
        }
        (self.since_false, self.since_missing) = (since_false, since_missing);
        let blank = self.cold.min(truths.len());
        truths[..blank].fill(f64::NAN);
        self.cold -= blank;
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
    fn connectives_follow_kleene() {
        // Rows: a true, false, missing. Columns: b true, false, missing.
        let table = [[Some(false), Some(true), None], [Some(false); 3], [Some(false), None, None]];
        let values = [1.0, 0.0, f64::NAN];
        for (a, row) in values.into_iter().zip(table) {
            for (b, want) in values.into_iter().zip(row) {
                let got = and_not(a, b);
                assert_eq!((!got.is_nan()).then_some(got != 0.0), want, "{a} and not {b}");
            }
        }
        assert_eq!((not(1.0), not(0.0)), (0.0, 1.0));
        assert!(not(f64::NAN).is_nan());
    }
}
