//! Values of settings that are literals: `5%`, `90d`, `20`, `-3`.

use super::syntax::{Expr, Literal, Node};
use crate::units::Unit;

/// The decimal number shifted by a power of ten, rounded once: `0.1%` is the double nearest to 0.001.
pub fn shifted(value: f64, exponent: i32) -> f64 {
    format!("{value}e{exponent}").parse().unwrap_or(f64::NAN)
}

/// Value and unit of a literal; percentages as fractions.
pub fn value(literal: Literal) -> (f64, Unit) {
    match literal {
        Literal::Number(value) => (value, Unit::Number),
        Literal::Percent(value) => (shifted(value, -2), Unit::Percent),
        Literal::BasisPoints(value) => (shifted(value, -4), Unit::Percent),
        Literal::Days(days) => (f64::from(days), Unit::Duration),
        Literal::Sessions(sessions) => (f64::from(sessions), Unit::Duration),
        Literal::Truth(truth) => (crate::logic::truth(truth), Unit::Boolean),
    }
}

/// The fraction that a bare number probably means where a percentage is wanted: 0.08 and 8 are both 8%.
pub fn percent_meant(number: f64) -> f64 {
    if number.abs() < 1.0 { number } else { shifted(number, -2) }
}

/// A literal with an optional sign; `None` for anything else.
pub fn of(expr: &Expr) -> Option<Literal> {
    match &expr.node {
        Node::Literal(literal) => Some(*literal),
        Node::Negate(inner) => match of(inner)? {
            Literal::Number(value) => Some(Literal::Number(-value)),
            Literal::Percent(value) => Some(Literal::Percent(-value)),
            Literal::BasisPoints(value) => Some(Literal::BasisPoints(-value)),
            _ => None,
        },
        _ => None,
    }
}
