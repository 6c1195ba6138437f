//! An expression's canonical text: single spaces, only the parentheses that are needed. Parsing it gives the same tree.

use super::syntax::{Call, Expr, Literal, Node};
use crate::logic::{Arithmetic, Comparison};
use std::fmt::{self, Write};

/// Binding strengths; a higher one binds tighter.
pub(super) mod power {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const SUM: u8 = 5;
    pub const PRODUCT: u8 = 6;
    pub const NEGATE: u8 = 7;
    pub const POWER: u8 = 8;
    pub const ATOM: u8 = 9;
}

pub const fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::LessEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterEqual => ">=",
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
    }
}

pub const fn arithmetic(operation: Arithmetic) -> &'static str {
    match operation {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Power => "**",
        Arithmetic::Remainder => "%",
    }
}

/// A literal as it is written.
pub fn literal(literal: Literal) -> String {
    match literal {
        Literal::Number(value) => number(value),
        Literal::Percent(value) => format!("{}%", number(value)),
        Literal::BasisPoints(value) => format!("{}bps", number(value)),
        Literal::Days(days) => format!("{days}d"),
        Literal::Sessions(sessions) => format!("{sessions}s"),
        Literal::Truth(value) => value.to_string(),
    }
}

/// The shortest text that reads back as the same number; an exponent where digits would run on.
pub fn number(value: f64) -> String {
    if value != 0.0 && (value.abs() >= 1e16 || value.abs() < 1e-6) { format!("{value:e}") } else { format!("{value}") }
}

/// A fraction as it is written: 0.08 is `8%`.
pub fn percent(fraction: f64) -> String {
    format!("{}%", number(super::literal::shifted(fraction, 2)))
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(out, self, 0)
    }
}

const fn strength(node: &Node) -> u8 {
    match node {
        Node::Or(..) => power::OR,
        Node::And(..) => power::AND,
        Node::Not(_) => power::NOT,
        Node::Compare(..) => power::COMPARE,
        Node::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => power::SUM,
        Node::Arithmetic(Arithmetic::Power, ..) => power::POWER,
        Node::Arithmetic(..) => power::PRODUCT,
        Node::Negate(_) => power::NEGATE,
        _ => power::ATOM,
    }
}

/// Writes `expr`, in parentheses when it binds less tightly than `least`.
fn write(out: &mut fmt::Formatter<'_>, expr: &Expr, least: u8) -> fmt::Result {
    let own = strength(&expr.node);
    if own < least {
        out.write_char('(')?;
        write(out, expr, 0)?;
        return out.write_char(')');
    }
    match &expr.node {
        Node::Literal(value) => out.write_str(&literal(*value)),
        Node::Text(text) => {
            let quote = if text.contains('"') { '\'' } else { '"' };
            write!(out, "{quote}{text}{quote}")
        }
        Node::Name(name) => out.write_str(name),
        Node::Negate(inner) => {
            out.write_char('-')?;
            write(out, inner, own)
        }
        Node::Not(inner) => {
            out.write_str("not ")?;
            write(out, inner, own)
        }
        // A power groups to the right and takes a signed exponent; its base is an atom.
        Node::Arithmetic(Arithmetic::Power, base, exponent) => {
            write(out, base, power::ATOM)?;
            out.write_str(" ** ")?;
            write(out, exponent, power::NEGATE)
        }
        Node::Arithmetic(operation, left, right) => pair(out, left, arithmetic(*operation), right, own),
        Node::And(left, right) => pair(out, left, "and", right, own),
        Node::Or(left, right) => pair(out, left, "or", right, own),
        Node::Compare(first, rest) => {
            write(out, first, power::SUM)?;
            for (operator, operand) in rest {
                write!(out, " {} ", comparison(*operator))?;
                write(out, operand, power::SUM)?;
            }
            Ok(())
        }
        Node::Call(call) => write_call(out, call),
        Node::Member(base, name, _) => {
            write(out, base, power::ATOM)?;
            write!(out, ".{name}")
        }
        Node::Method(base, call) => {
            write(out, base, power::ATOM)?;
            out.write_char('.')?;
            write_call(out, call)
        }
        Node::Broken => out.write_str("?"),
    }
}

/// A binary operator that groups to the left.
fn pair(out: &mut fmt::Formatter<'_>, left: &Expr, operator: &str, right: &Expr, own: u8) -> fmt::Result {
    write(out, left, own)?;
    write!(out, " {operator} ")?;
    write(out, right, own + 1)
}

fn write_call(out: &mut fmt::Formatter<'_>, call: &Call) -> fmt::Result {
    write!(out, "{}(", call.name)?;
    for (index, argument) in call.arguments.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        if let Some((keyword, _)) = &argument.keyword {
            write!(out, "{keyword}=")?;
        }
        write(out, &argument.value, 0)?;
    }
    out.write_char(')')
}
