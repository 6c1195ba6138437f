//! What operators mean on single values: three-valued logic, comparison, arithmetic where missing is NaN.
//!
//! True is 1, false is 0, missing is NaN. The column evaluator, the position evaluator and the constant folder all
//! answer through this file, so that an expression means the same wherever it is computed. Nothing here knows of
//! units, bars or plans.

use crate::{maths, units};

/// The four operations, power and remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Remainder,
}

/// Comparisons between floats treat a relative difference of 1e-12 as equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

/// Element-wise functions of one bar's values. Booleans are 1, 0 and NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Elementwise {
    Negate,
    Not,
    And,
    Or,
    If,
    Abs,
    Log,
    Exp,
    Sqrt,
    Sign,
    Min,
    Max,
    Clip,
    Coalesce,
    IsMissing,
}

/// 1 or 0.
#[inline]
pub const fn truth(value: bool) -> f64 {
    if value { 1.0 } else { 0.0 }
}

/// Whether a condition is known to hold: missing is not.
#[inline]
pub fn holds(value: f64) -> bool {
    value == 1.0
}

/// Compares; missing when either side is.
#[inline]
pub fn compare(a: f64, b: f64, comparison: Comparison) -> f64 {
    let Some(order) = units::compare(a, b) else { return f64::NAN };
    truth(match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
    })
}

/// False when either is false, else missing when either is missing.
#[inline]
pub fn and(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        0.0
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        1.0
    }
}

/// True when either is true, else missing when either is missing.
#[inline]
pub fn or(a: f64, b: f64) -> f64 {
    let known = |x: f64| !x.is_nan() && x != 0.0;
    if known(a) || known(b) {
        1.0
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        0.0
    }
}

/// The other truth; missing stays missing.
#[inline]
pub fn not(a: f64) -> f64 {
    if a.is_nan() { f64::NAN } else { truth(a == 0.0) }
}

/// `then` or `otherwise`; missing when the condition is missing, as `(c and a) or (not c and b)` would be.
#[inline]
pub fn select(condition: f64, then: f64, otherwise: f64) -> f64 {
    if condition.is_nan() {
        f64::NAN
    } else if condition != 0.0 {
        then
    } else {
        otherwise
    }
}

/// A finite value, or missing.
#[inline]
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// `x / 0`, `x % 0` and what overflows are missing. The remainder takes the divisor's sign.
#[inline]
pub fn arithmetic(operation: Arithmetic, a: f64, b: f64) -> f64 {
    match operation {
        Arithmetic::Add => finite(a + b),
        Arithmetic::Subtract => finite(a - b),
        Arithmetic::Multiply => finite(a * b),
        Arithmetic::Divide => finite(a / b),
        Arithmetic::Power => finite(maths::pow(a, b)),
        Arithmetic::Remainder => {
            let remainder = a % b;
            finite(if remainder != 0.0 && (remainder < 0.0) != (b < 0.0) { remainder + b } else { remainder })
        }
    }
}

/// The smaller; missing when either is.
#[inline]
pub fn smaller(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// The larger; missing when either is.
#[inline]
pub fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// `value` held within `[low, high]`; missing when any is, or when the bounds cross.
#[inline]
pub fn clip(value: f64, low: f64, high: f64) -> f64 {
    if low <= high { smaller(larger(value, low), high) } else { f64::NAN }
}

/// -1, 0 or 1.
#[inline]
pub fn sign(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// Natural logarithm; missing for nothing positive.
#[inline]
pub fn log(value: f64) -> f64 {
    if value > 0.0 { finite(maths::ln(value)) } else { f64::NAN }
}

/// The first value that is known; missing when none is.
#[inline]
pub fn coalesce(a: f64, b: f64) -> f64 {
    if a.is_nan() { b } else { a }
}

/// One element-wise function of its inputs, in the order of the call. `Min`, `Max`, `And`, `Or` and `Coalesce` take
/// two or more, from left to right; a missing argument (which `compile` never leaves out) counts as missing.
#[inline]
pub fn elementwise(function: Elementwise, inputs: &[f64]) -> f64 {
    let input = |index: usize| inputs.get(index).copied().unwrap_or(f64::NAN);
    let fold = |step: fn(f64, f64) -> f64| inputs.iter().copied().reduce(step).unwrap_or(f64::NAN);
    match function {
        Elementwise::Negate => -input(0),
        Elementwise::Not => not(input(0)),
        Elementwise::And => fold(and),
        Elementwise::Or => fold(or),
        Elementwise::If => select(input(0), input(1), input(2)),
        Elementwise::Abs => input(0).abs(),
        Elementwise::Log => log(input(0)),
        Elementwise::Exp => finite(maths::exp(input(0))),
        Elementwise::Sqrt => finite(input(0).sqrt()),
        Elementwise::Sign => sign(input(0)),
        Elementwise::Min => fold(smaller),
        Elementwise::Max => fold(larger),
        Elementwise::Clip => clip(input(0), input(1), input(2)),
        Elementwise::Coalesce => fold(coalesce),
        Elementwise::IsMissing => truth(input(0).is_nan()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: f64 = f64::NAN;

    fn is(found: f64, expected: f64) -> bool {
        found == expected || (found.is_nan() && expected.is_nan())
    }

    /// Kleene's strong tables, written out: rows and columns in the order false, missing, true.
    #[test]
    fn logic_follows_kleenes_tables() {
        let values = [0.0, MISSING, 1.0];
        let and_table = [[0.0, 0.0, 0.0], [0.0, MISSING, MISSING], [0.0, MISSING, 1.0]];
        let or_table = [[0.0, MISSING, 1.0], [MISSING, MISSING, 1.0], [1.0, 1.0, 1.0]];
        let not_table = [1.0, MISSING, 0.0];
        for (i, &a) in values.iter().enumerate() {
            assert!(is(not(a), not_table[i]));
            for (j, &b) in values.iter().enumerate() {
                assert!(is(and(a, b), and_table[i][j]), "{a} and {b}");
                assert!(is(or(a, b), or_table[i][j]), "{a} or {b}");
            }
        }
    }

    #[test]
    fn values_within_a_relative_trillionth_are_equal() {
        assert!(holds(compare(0.1 + 0.2, 0.3, Comparison::Equal)));
        assert!(!holds(compare(0.1 + 0.2, 0.3, Comparison::Greater)));
        assert!(holds(compare(1.0 + 1e-11, 1.0, Comparison::Greater)));
        assert!(holds(compare(1e-20, 0.0, Comparison::Greater)), "the tolerance is relative, never absolute");
        assert!(holds(compare(f64::INFINITY, 1.0, Comparison::Greater)));
        assert!(holds(compare(f64::INFINITY, f64::INFINITY, Comparison::GreaterEqual)));
        assert!(compare(MISSING, 1.0, Comparison::NotEqual).is_nan());
    }

    #[test]
    fn what_has_no_value_is_missing() {
        assert!(arithmetic(Arithmetic::Divide, 1.0, 0.0).is_nan());
        assert!(arithmetic(Arithmetic::Remainder, 1.0, 0.0).is_nan());
        assert!(arithmetic(Arithmetic::Power, -8.0, 1.0 / 3.0).is_nan());
        assert!(arithmetic(Arithmetic::Multiply, 1e200, 1e200).is_nan());
        assert!(log(0.0).is_nan() && log(-1.0).is_nan());
        assert!(clip(1.0, 3.0, 2.0).is_nan());
        assert!(elementwise(Elementwise::Sqrt, &[-1.0]).is_nan());
        assert!(elementwise(Elementwise::Min, &[1.0, MISSING, 0.0]).is_nan());
        assert!(select(MISSING, 1.0, 1.0).is_nan());
    }

    #[test]
    fn remainder_takes_the_sign_of_the_divisor() {
        // 7 = 2*3 + 1; -7 = -3*3 + 2; 7 = -3*-3 - 2.
        assert_eq!(arithmetic(Arithmetic::Remainder, 7.0, 3.0), 1.0);
        assert_eq!(arithmetic(Arithmetic::Remainder, -7.0, 3.0), 2.0);
        assert_eq!(arithmetic(Arithmetic::Remainder, 7.0, -3.0), -2.0);
    }

    #[test]
    fn functions_of_many_values_go_from_left_to_right() {
        assert_eq!(elementwise(Elementwise::Max, &[1.0, 5.0, 3.0]), 5.0);
        assert_eq!(elementwise(Elementwise::Coalesce, &[MISSING, MISSING, 3.0, 4.0]), 3.0);
        assert_eq!(elementwise(Elementwise::Clip, &[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(elementwise(Elementwise::IsMissing, &[MISSING]), 1.0);
        assert_eq!(elementwise(Elementwise::Sign, &[-0.0]), 0.0);
    }
}
