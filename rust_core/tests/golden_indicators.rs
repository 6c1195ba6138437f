//! Every time-series function against reference values that our own code did not make (see tests/golden/README.md).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::indicators::{CATALOG, Entry, find};
use oracle_core::signature::Field;
use std::path::{Path, PathBuf};

/// A difference is allowed up to this part of the column's largest value.
const TOLERANCE: f64 = 1e-9;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden")
}

/// Columns of a CSV; an empty field is NaN.
fn columns(text: &str) -> Vec<(String, Vec<f64>)> {
    let mut lines = text.lines();
    let names = lines.next().unwrap().split(',').map(str::to_owned);
    let mut columns: Vec<(String, Vec<f64>)> = names.map(|name| (name, Vec::new())).collect();
    for line in lines {
        for ((_, column), field) in columns.iter_mut().zip(line.split(',')) {
            column.push(field.parse().unwrap_or(f64::NAN));
        }
    }
    columns
}

struct Bars(Vec<(String, Vec<f64>)>);

impl Bars {
    fn read() -> Self {
        Self(columns(&std::fs::read_to_string(golden().join("bars.csv")).unwrap()))
    }

    fn column(&self, name: &str) -> &[f64] {
        &self.0.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("no column {name}")).1
    }

    fn field(&self, field: Field) -> &[f64] {
        self.column(&format!("{field:?}").to_lowercase())
    }

    /// A series argument: a column, or `a > b` of two columns as 1 and 0.
    fn series(&self, argument: &str) -> Vec<f64> {
        match argument.split_once(" > ") {
            None => self.column(argument).to_vec(),
            Some((a, b)) => self.column(a).iter().zip(self.column(b)).map(|(a, b)| f64::from(a > b)).collect(),
        }
    }
}

/// One file: the call in its first line, and a column per output.
struct Case {
    entry: &'static Entry,
    call: String,
    series: Vec<String>,
    numbers: Vec<f64>,
    expected: Vec<(String, Vec<f64>)>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let (first, rest) = text.split_once('\n').unwrap();
        let call = first.strip_prefix("# function: ").unwrap().to_owned();
        let (name, arguments) = call.strip_suffix(')').unwrap().split_once('(').unwrap();
        let (mut series, mut numbers) = (Vec::new(), Vec::new());
        for argument in arguments.split(", ").filter(|argument| !argument.is_empty()) {
            match argument.parse() {
                Ok(number) => numbers.push(number),
                Err(_) => series.push(argument.to_owned()),
            }
        }
        let entry = find(name).unwrap_or_else(|| panic!("{call}: no such function"));
        assert_eq!(numbers.len(), entry.signature.constants().count(), "{call}: give every number");
        Self { entry, series, numbers, expected: columns(rest), call }
    }

    fn check(&self, bars: &Bars) {
        let signature = &self.entry.signature;
        let given: Vec<Vec<f64>> = self.series.iter().map(|argument| bars.series(argument)).collect();
        let mut inputs: Vec<&[f64]> = signature.reads.iter().map(|&field| bars.field(field)).collect();
        inputs.extend(given.iter().map(Vec::as_slice));
        let length = bars.0[0].1.len();
        let mut outputs = vec![vec![f64::NAN; length]; signature.outputs.len()];
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        (self.entry.build)(&self.numbers).block(&inputs, &mut slices);
        let names: Vec<&str> =
            signature.outputs.iter().map(|o| if o.name.is_empty() { "value" } else { o.name }).collect();
        let found: Vec<&str> = self.expected.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, found, "{}: outputs", self.call);
        for ((name, expected), answers) in self.expected.iter().zip(&outputs) {
            assert_eq!(expected.len(), length, "{}: rows", self.call);
            let scale = expected.iter().filter(|x| !x.is_nan()).fold(0.0_f64, |scale, x| scale.max(x.abs()));
            assert!(scale > 0.0, "{}: {name} is empty", self.call);
            for (bar, (expected, answer)) in expected.iter().zip(answers).enumerate() {
                assert!(
                    expected.is_nan() && answer.is_nan() || (expected - answer).abs() <= TOLERANCE * scale,
                    "{} {name} at bar {bar}: expected {expected}, found {answer}",
                    self.call
                );
            }
        }
    }
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(golden().join("indicators")).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Case::parse(&std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn functions_agree_with_their_references() {
    let (bars, mut failures) = (Bars::read(), Vec::new());
    for case in cases() {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.check(&bars))).is_err() {
            failures.push(case.call);
        }
    }
    assert!(failures.is_empty(), "these differ: {failures:?}");
}

#[test]
fn every_function_has_a_reference() {
    let cases = cases();
    for entry in CATALOG {
        let name = entry.signature.name;
        assert!(cases.iter().any(|case| case.entry.signature.name == name), "no file in tests/golden for {name}");
    }
}
