//! The ranges hold for every function of the catalogue, on bars that try to leave them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::indicators::CATALOG;
use crate::signature::{Accepts, Field};

/// Bars that trend, reverse, stand still and gap, as open, high, low, close, volume.
fn bars() -> Vec<[f64; 5]> {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut close = 50.0;
    let mut bars = Vec::new();
    for bar in 0..3_000 {
        let open = close;
        close *= match bar / 100 % 4 {
            0 => 1.0 + 0.02 * random(),
            1 => 1.0 - 0.019 * random(),
            2 => 1.0,
            _ => 0.9 + 0.2 * random(),
        };
        let (high, low) = (open.max(close) * (1.0 + 0.02 * random()), open.min(close) * (1.0 - 0.02 * random()));
        bars.push([open, high, low, close, (1e6 * random()).floor()]);
    }
    bars
}

#[test]
fn functions_stay_within_the_range_that_lint_assumes() {
    let bars = bars();
    for entry in CATALOG {
        let function = &entry.signature;
        let number = |accepts: Accepts, default: Option<f64>| match accepts {
            Accepts::Length { min, max } => default.unwrap_or(5.0).clamp(f64::from(min), f64::from(max)),
            _ => default.unwrap(),
        };
        let numbers: Vec<f64> = function.constants().map(|p| number(p.accepts, p.default)).collect();
        let ranges: Vec<Range> = (0..function.outputs.len())
            .map(|output| range(&Op::Indicator { function, numbers: numbers.clone(), output }, |_| Range::POSITIVE))
            .collect();
        let mut machine = (entry.build)(&numbers);
        let mut outputs = vec![f64::NAN; ranges.len()];
        for row in &bars {
            let field = |field: &Field| row[*field as usize];
            let mut inputs: Vec<f64> = function.reads.iter().map(field).collect();
            for (index, param) in function.series().enumerate() {
                let is_condition = param.accepts == Accepts::BooleanSeries;
                inputs.push(if is_condition { f64::from(u8::from(row[3] > row[0])) } else { row[3 - index % 2] });
            }
            machine.step(&inputs, &mut outputs);
            for (value, range) in outputs.iter().zip(&ranges) {
                let slack = 1e-9 * value.abs().max(1.0);
                let is_inside = value.is_nan() || (range.low - slack <= *value && *value <= range.high + slack);
                assert!(is_inside, "{} gave {value}, outside of {range:?}", function.name);
            }
        }
    }
}

#[test]
fn ranges_meet_with_open_and_closed_ends() {
    let below = Range::of(Comparison::Less, 5.0).unwrap();
    let from = Range::of(Comparison::GreaterEqual, 5.0).unwrap();
    assert!(below.and(from).is_empty());
    assert!(!Range::of(Comparison::LessEqual, 5.0).unwrap().and(from).is_empty());
    assert!(below.is_within(Range::ANY) && !Range::ANY.is_within(below));
}
