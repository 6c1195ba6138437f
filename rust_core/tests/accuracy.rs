//! Windows neither drift nor cancel: worked by hand where plain running sums go wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use oracle_core::indicators::find;

fn answers(name: &str, numbers: &[f64], values: &[f64]) -> Vec<f64> {
    let mut answers = vec![0.0; values.len()];
    (find(name).unwrap().build)(numbers).block(&[values], &mut [&mut answers]);
    answers
}

/// Half of any four neighbours lie half a unit above the mean, half as much below: the deviation is 0.5 at any height.
#[test]
fn deviations_do_not_cancel_at_a_great_height() {
    let values: Vec<f64> = (0..1000).map(|bar| 1e12 + f64::from(bar % 2)).collect();
    assert!(answers("stddev", &[4.0], &values)[3..].iter().all(|deviation| *deviation == 0.5));
}

/// The same four: variance 0.25, no skew, each value one deviation from the mean, so that m4 / m2^2 - 3 = 1 - 3.
#[test]
fn shapes_do_not_cancel_at_a_great_height() {
    let values: Vec<f64> = (0..1000).map(|bar| 1e9 + f64::from(bar % 2)).collect();
    for (name, expected) in [("variance", 0.25), ("skew", 0.0), ("kurtosis", -2.0)] {
        assert!(answers(name, &[4.0], &values)[3..].iter().all(|answer| *answer == expected), "{name}");
    }
    let scores = answers("zscore", &[4.0], &values);
    assert!((3..1000).all(|bar| scores[bar] == if bar % 2 == 1 { 1.0 } else { -1.0 }));
}

/// Of values that rise by one from bar to bar the slope is 1, at any height.
#[test]
fn slopes_do_not_cancel_at_a_great_height() {
    let values: Vec<f64> = (0..1000).map(|bar| 1e12 + f64::from(bar)).collect();
    let slopes = answers("linreg_slope", &[14.0], &values);
    assert!(slopes[13..].iter().all(|slope| (slope - 1.0).abs() < 1e-12));
    // The line runs through the values.
    let ends = answers("linreg", &[14.0], &values);
    assert!((13..1000).all(|bar| (ends[bar] - values[bar]).abs() < 1e-3));
    assert!(answers("linreg_r2", &[14.0], &values)[13..].iter().all(|share| (share - 1.0).abs() < 1e-12));
}

#[test]
fn a_spike_leaves_no_trace() {
    let mut values = vec![0.1; 200];
    values[50] = 1e15;
    for (name, expected) in
        [("sma", 0.1), ("wma", 0.1), ("stddev", 0.0), ("linreg_slope", 0.0), ("linreg", 0.1), ("variance", 0.0)]
    {
        let answers = answers(name, &[20.0], &values);
        assert_ne!(answers[69], expected, "{name} on the last bar with the spike");
        assert!(answers[70..].iter().all(|answer| *answer == expected), "{name} after the spike");
    }
}

#[test]
fn equal_values_give_exactly_that_value() {
    let values = vec![0.1; 3000];
    for length in [1.0, 3.0, 7.0, 20.0, 600.0] {
        for name in ["sma", "wma", "trima"] {
            let warm_up = length as usize - 1;
            assert!(answers(name, &[length], &values)[warm_up..].iter().all(|mean| *mean == 0.1), "{name}({length})");
        }
    }
}

/// Any five neighbours are 0, 0.25, 0.5, 0.75 and 1 in some order: a million bars later their mean is still 0.5.
#[test]
fn sums_do_not_drift() {
    let values: Vec<f64> = (0..1_000_000).map(|bar| f64::from(bar % 5) * 0.25).collect();
    assert!(answers("sma", &[5.0], &values)[4..].iter().all(|mean| (mean - 0.5).abs() < 1e-15));
}
