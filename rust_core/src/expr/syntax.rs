//! The syntax tree. Every node keeps the characters it came from.

use crate::logic::{Arithmetic, Comparison};

/// Characters `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span over both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A number as written, with the unit that stands in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    Number(f64),
    /// `5%` is 5.
    Percent(f64),
    /// `5bps` is 5.
    BasisPoints(f64),
    /// `90d`.
    Days(u32),
    /// `20s`.
    Sessions(u32),
    Truth(bool),
}

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub struct Expr {
    pub node: Node,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Node {
    Literal(Literal),
    Text(String),
    Name(String),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `a < b <= c`: the first operand, then each comparison with the next one.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Call(Call),
    /// `base.name`.
    Member(Box<Expr>, String, Span),
    /// `base.name(...)`.
    Method(Box<Expr>, Call),
    /// What could not be read; reported already.
    Broken,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    pub name_span: Span,
    pub arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
pub struct Argument {
    pub keyword: Option<(String, Span)>,
    pub value: Expr,
}

impl Expr {
    pub fn new(node: Node, span: Span) -> Self {
        Self { node, span }
    }

    /// The parts directly within.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Literal(_) | Node::Text(_) | Node::Name(_) | Node::Broken => Vec::new(),
            Node::Negate(a) | Node::Not(a) | Node::Member(a, ..) => vec![a],
            Node::Arithmetic(_, a, b) | Node::And(a, b) | Node::Or(a, b) => vec![a, b],
            Node::Compare(first, rest) => std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e)).collect(),
            Node::Call(call) => call.arguments.iter().map(|a| &a.value).collect(),
            Node::Method(base, call) => {
                std::iter::once(&**base).chain(call.arguments.iter().map(|a| &a.value)).collect()
            }
        }
    }
}

/// Equality of meaning: spans do not count.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        match (&self.node, &other.node) {
            (Node::Literal(a), Node::Literal(b)) => a == b,
            (Node::Text(a), Node::Text(b)) | (Node::Name(a), Node::Name(b)) => a == b,
            (Node::Negate(a), Node::Negate(b)) | (Node::Not(a), Node::Not(b)) => a == b,
            (Node::Arithmetic(o, a, b), Node::Arithmetic(p, c, d)) => o == p && a == c && b == d,
            (Node::Compare(a, b), Node::Compare(c, d)) => a == c && b == d,
            (Node::And(a, b), Node::And(c, d)) | (Node::Or(a, b), Node::Or(c, d)) => a == c && b == d,
            (Node::Call(a), Node::Call(b)) => a == b,
            (Node::Member(a, n, _), Node::Member(b, m, _)) => a == b && n == m,
            (Node::Method(a, c), Node::Method(b, d)) => a == b && c == d,
            (Node::Broken, Node::Broken) => true,
            _ => false,
        }
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments == other.arguments
    }
}

impl PartialEq for Argument {
    fn eq(&self, other: &Self) -> bool {
        let keyword = |a: &Self| a.keyword.as_ref().map(|(name, _)| name.clone());
        keyword(self) == keyword(other) && self.value == other.value
    }
}
