//! Operators between two operands: how tightly each binds, and the node it makes.

use crate::expr::lexer::Symbol;
use crate::expr::print::power;
use crate::expr::syntax::{Expr, Node};
use crate::logic::Arithmetic;

/// What stands between two operands.
#[derive(Clone, Copy)]
pub(super) enum Binary {
    Arithmetic(Arithmetic),
    Compare,
    And,
    Or,
}

/// The strength and meaning of a symbol between two operands.
pub(super) fn binary(symbol: &Symbol) -> Option<(u8, Binary)> {
    Some(match symbol {
        Symbol::Or => (power::OR, Binary::Or),
        Symbol::And => (power::AND, Binary::And),
        Symbol::Compare(_) => (power::COMPARE, Binary::Compare),
        Symbol::Plus => (power::SUM, Binary::Arithmetic(Arithmetic::Add)),
        Symbol::Minus => (power::SUM, Binary::Arithmetic(Arithmetic::Subtract)),
        Symbol::Times => (power::PRODUCT, Binary::Arithmetic(Arithmetic::Multiply)),
        Symbol::Over => (power::PRODUCT, Binary::Arithmetic(Arithmetic::Divide)),
        Symbol::Percent => (power::PRODUCT, Binary::Arithmetic(Arithmetic::Remainder)),
        Symbol::Power => (power::POWER, Binary::Arithmetic(Arithmetic::Power)),
        _ => return None,
    })
}

/// Two operands as one expression.
pub(super) fn combine(operator: Binary, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    let node = match operator {
        Binary::Arithmetic(operation) => Node::Arithmetic(operation, left, right),
        Binary::And => Node::And(left, right),
        Binary::Or => Node::Or(left, right),
        Binary::Compare => Node::Broken,
    };
    Expr::new(node, span)
}
