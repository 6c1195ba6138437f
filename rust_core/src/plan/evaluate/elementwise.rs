//! Loops over a block for the operators of `logic`, each with its operator known to the compiler.

use crate::logic::{self, Arithmetic, Comparison, Elementwise, holds, truth};
use crate::units::exceeds;

/// A run of values, or one value for all bars.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input<'a> {
    Constant(f64),
    Series(&'a [f64]),
}

impl Input<'_> {
    fn at(&self, bar: usize) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Series(values) => values[bar],
        }
    }

    pub(super) fn copy_to(&self, out: &mut [f64]) {
        match self {
            Self::Constant(value) => out.fill(*value),
            Self::Series(values) => out.copy_from_slice(values),
        }
    }
}

#[inline(always)]
fn each(a: Input, out: &mut [f64], f: impl Fn(f64) -> f64) {
    match a {
        Input::Constant(a) => out.fill(f(a)),
        Input::Series(a) => out.iter_mut().zip(a).for_each(|(slot, &a)| *slot = f(a)),
    }
}

#[inline(always)]
fn pairs(a: Input, b: Input, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Input::Series(a), Input::Series(b)) => {
            out.iter_mut().zip(a.iter().zip(b)).for_each(|(slot, (&a, &b))| *slot = f(a, b));
        }
        (Input::Series(a), Input::Constant(b)) => each(Input::Series(a), out, |a| f(a, b)),
        (Input::Constant(a), b) => each(b, out, |b| f(a, b)),
    }
}

/// Folds any number of inputs from left to right.
#[inline(always)]
fn fold(inputs: &[Input], out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    match inputs {
        [] => out.fill(f64::NAN),
        [only] => only.copy_to(out),
        [a, b, rest @ ..] => {
            pairs(*a, *b, out, &f);
            for next in rest {
                match next {
                    Input::Constant(b) => out.iter_mut().for_each(|slot| *slot = f(*slot, *b)),
                    Input::Series(b) => out.iter_mut().zip(*b).for_each(|(slot, &b)| *slot = f(*slot, b)),
                }
            }
        }
    }
}

pub(super) fn arithmetic(operation: Arithmetic, a: Input, b: Input, out: &mut [f64]) {
    use Arithmetic::{Add, Divide, Multiply, Power, Remainder, Subtract};
    match operation {
        Add => pairs(a, b, out, |a, b| logic::arithmetic(Add, a, b)),
        Subtract => pairs(a, b, out, |a, b| logic::arithmetic(Subtract, a, b)),
        Multiply => pairs(a, b, out, |a, b| logic::arithmetic(Multiply, a, b)),
        Divide => pairs(a, b, out, |a, b| logic::arithmetic(Divide, a, b)),
        Power => pairs(a, b, out, |a, b| logic::arithmetic(Power, a, b)),
        Remainder => pairs(a, b, out, |a, b| logic::arithmetic(Remainder, a, b)),
    }
}

pub(super) fn compare(comparison: Comparison, a: Input, b: Input, out: &mut [f64]) {
    match comparison {
        Comparison::Greater => pairs(a, b, out, |a, b| known(a, b, exceeds(a, b))),
        Comparison::Less => pairs(a, b, out, |a, b| known(a, b, exceeds(b, a))),
        Comparison::GreaterEqual => pairs(a, b, out, |a, b| known(a, b, !exceeds(b, a))),
        Comparison::LessEqual => pairs(a, b, out, |a, b| known(a, b, !exceeds(a, b))),
        Comparison::Equal => pairs(a, b, out, |a, b| known(a, b, !(exceeds(a, b) | exceeds(b, a)))),
        Comparison::NotEqual => pairs(a, b, out, |a, b| known(a, b, exceeds(a, b) | exceeds(b, a))),
    }
}

/// A truth about two values, missing when either is; without a branch, so that columns of it take little time.
#[inline(always)]
fn known(a: f64, b: f64, holds: bool) -> f64 {
    let value = if holds { 1.0 } else { 0.0 };
    if a.is_nan() | b.is_nan() { f64::NAN } else { value }
}

pub(super) fn elementwise(function: Elementwise, inputs: &[Input], out: &mut [f64]) {
    let input = |index: usize| inputs.get(index).copied().unwrap_or(Input::Constant(f64::NAN));
    match function {
        Elementwise::Negate => each(input(0), out, |x| -x),
        Elementwise::Not => each(input(0), out, logic::not),
        Elementwise::Abs => each(input(0), out, f64::abs),
        Elementwise::Sign => each(input(0), out, logic::sign),
        Elementwise::IsMissing => each(input(0), out, |x| truth(x.is_nan())),
        Elementwise::And => fold(inputs, out, logic::and),
        Elementwise::Or => fold(inputs, out, logic::or),
        Elementwise::Min => fold(inputs, out, logic::smaller),
        Elementwise::Max => fold(inputs, out, logic::larger),
        Elementwise::Coalesce => fold(inputs, out, logic::coalesce),
        Elementwise::Log => each(input(0), out, logic::log),
        Elementwise::Exp | Elementwise::Sqrt => each(input(0), out, |x| logic::elementwise(function, &[x])),
        Elementwise::If | Elementwise::Clip => {
            let (a, b, c) = (input(0), input(1), input(2));
            for (bar, slot) in out.iter_mut().enumerate() {
                let (a, b, c) = (a.at(bar), b.at(bar), c.at(bar));
                *slot = if function == Elementwise::If { logic::select(a, b, c) } else { logic::clip(a, b, c) };
            }
        }
    }
}

/// `x / price^p * split^v` with each bar's own factors.
pub(super) fn as_of_day(price: i8, volume: i8, x: Input, factors: Option<(&[f64], &[f64])>, out: &mut [f64]) {
    x.copy_to(out);
    let Some((prices, splits)) = factors else { return };
    let scale = |out: &mut [f64], factors: &[f64], divide: bool| {
        for (slot, factor) in out.iter_mut().zip(factors) {
            *slot = if divide { *slot / factor } else { *slot * factor };
        }
    };
    (0..price.unsigned_abs()).for_each(|_| scale(out, prices, price > 0));
    (0..volume.unsigned_abs()).for_each(|_| scale(out, splits, volume < 0));
}

/// A latch with hysteresis, from the state before the block to the state after it: while on it waits for `exit`, while
/// off for `enter`, and turns on only where `exit` does not hold at the same time.
pub(super) fn regime(mut on: bool, enter: Input, exit: Input, out: &mut [f64]) -> bool {
    for (bar, slot) in out.iter_mut().enumerate() {
        on = !holds(exit.at(bar)) && (on || holds(enter.at(bar)));
        *slot = truth(on);
    }
    on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparing_columns_is_comparing_values() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let values = [nan, -inf, -1e308, -1.0, -0.0, 0.0, 1e-300, 0.3, 0.1 + 0.2, 1.0, 1.0 + 1e-11, 1e308, inf];
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        for comparison in [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual] {
            for a in values {
                let mut out = [0.0; 13];
                compare(comparison, Input::Constant(a), Input::Series(&values), &mut out);
                for (b, found) in values.into_iter().zip(out) {
                    let expected = logic::compare(a, b, comparison);
                    assert_eq!(found.to_bits(), expected.to_bits(), "{a} {comparison:?} {b}");
                }
            }
        }
    }

    #[test]
    fn a_latch_waits_for_the_other_condition() {
        let nan = f64::NAN;
        let enter = [0.0, 1.0, 0.0, nan, 0.0, 1.0, 1.0, 1.0];
        let exit = [0.0, 0.0, nan, 0.0, 1.0, 1.0, nan, 1.0];
        let mut out = [0.0; 8];
        assert!(!regime(false, Input::Series(&enter), Input::Series(&exit), &mut out));
        assert_eq!(out, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn as_of_day_divides_prices_and_multiplies_volumes() {
        // After a 2:1 split the forward price of a $50 share is $100, the forward volume of 200 shares is 100.
        let factors = Some(([1.0, 2.0].as_slice(), [1.0, 2.0].as_slice()));
        let mut out = [0.0; 2];
        as_of_day(1, 0, Input::Series(&[100.0, 100.0]), factors, &mut out);
        assert_eq!(out, [100.0, 50.0]);
        as_of_day(0, 1, Input::Series(&[100.0, 100.0]), factors, &mut out);
        assert_eq!(out, [100.0, 200.0]);
        as_of_day(-2, 0, Input::Constant(1.0), factors, &mut out);
        assert_eq!(out, [1.0, 4.0]);
    }
}
