//! Tokens to a syntax tree, by binding strength. An error leaves a `Broken` node and reading goes on.
//!
//! Recursion is bounded by [`DEPTH_MAX`] and the height of the tree by [`HEIGHT_MAX`], so that no text can exhaust
//! the stack here or in any later pass.

mod arguments;
mod operators;
mod slips;

use self::operators::{Binary, binary, combine};
use super::code::Code;
use super::diagnostic::Problem;
use super::lexer::{Symbol, Token, lex};
use super::print::power;
use super::syntax::{Call, Expr, Literal, Node, Span};

/// Nested parentheses, calls and signs.
pub const DEPTH_MAX: usize = 64;
/// Operators and calls on one path from the root to a leaf.
pub const HEIGHT_MAX: usize = 128;

/// The expression of a text and everything wrong with it. There is always a tree; parts that could not be read are
/// `Broken`.
pub fn parse(text: &str) -> (Expr, Vec<Problem>) {
    let mut parser = Parser::new(text);
    let expr = parser.whole();
    (expr, parser.problems)
}

/// Reads tokens one after the other; shared with the selection syntax.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    pub problems: Vec<Problem>,
    /// Set once nesting or height ran out: one report is enough.
    exhausted: bool,
}

impl Parser {
    pub fn new(text: &str) -> Self {
        let (tokens, problems) = lex(text);
        // A text cut off at the limit would only produce errors that are none.
        let exhausted = problems.iter().any(|p| p.code == Code::TooLong);
        Self { tokens, at: 0, depth: 0, problems, exhausted }
    }

    pub fn symbol(&self, ahead: usize) -> &Symbol {
        self.tokens.get(self.at + ahead).map_or(&Symbol::End, |token| &token.symbol)
    }

    pub fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(Span::default(), |token| token.span)
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |token| token.span.end)
    }

    pub fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    pub fn report(&mut self, problem: Problem) {
        if !self.exhausted {
            self.problems.push(problem);
        }
    }

    /// Takes the word if it is next.
    pub fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.symbol(0), Symbol::Name(name) if name == word);
        if found {
            self.advance();
        }
        found
    }

    /// One expression and nothing after it.
    pub fn whole(&mut self) -> Expr {
        if *self.symbol(0) == Symbol::End {
            let span = self.span();
            if self.problems.is_empty() {
                self.report(Problem::new(Code::Empty, span, "the expression is empty").expected("an expression"));
            }
            return Expr::new(Node::Broken, span);
        }
        let expr = self.bounded();
        let expr = self.choice(expr);
        self.ends();
        expr
    }

    /// An expression whose tree is no higher than any later pass can walk.
    pub fn bounded(&mut self) -> Expr {
        let expr = self.expression(0);
        if height(&expr) <= HEIGHT_MAX {
            return expr;
        }
        let broken = self.too_deep();
        Expr::new(broken.node, expr.span)
    }

    /// Reports what stands after a complete expression.
    pub fn ends(&mut self) {
        let (span, symbol) = (self.span(), self.symbol(0).clone());
        match symbol {
            Symbol::End => {}
            Symbol::Close => self
                .report(Problem::new(Code::Unbalanced, span, "`)` without its `(`").found("`)`").expected("the end")),
            Symbol::Assign => self.report(
                Problem::new(Code::ForeignOperator, span, "`=` does not compare")
                    .found("`=`")
                    .expected("`==`")
                    .suggest("=="),
            ),
            other => {
                let mut problem =
                    Problem::new(Code::Trailing, span, format!("{} follows a complete expression", other.describe()))
                        .found(other.describe())
                        .expected("an operator or the end");
                let after_percent = matches!(
                    self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map(|t| &t.symbol),
                    Some(Symbol::Literal(Literal::Percent(_)))
                );
                if after_percent {
                    problem = problem.note("A remainder needs spaces: `7 % 3`.");
                }
                self.report(problem);
            }
        }
    }

    /// An expression of operators that bind at least as tightly as `least`.
    pub fn expression(&mut self, least: u8) -> Expr {
        self.climb(least)
    }

    /// As `expression`, one level further in. Operators of rising strength need no level: there are eight of them.
    fn nested(&mut self, least: u8) -> Expr {
        if self.depth >= DEPTH_MAX {
            return self.too_deep();
        }
        self.depth += 1;
        let expr = self.climb(least);
        self.depth -= 1;
        expr
    }

    fn too_deep(&mut self) -> Expr {
        let span = self.span();
        let problem = Problem::new(Code::TooDeep, span, "the expression is nested too deeply")
            .expected(format!("at most {DEPTH_MAX} nested parentheses and {HEIGHT_MAX} chained operators"))
            .note("Name the inner parts as features.");
        self.report(problem);
        self.exhausted = true;
        self.at = self.tokens.len().saturating_sub(1);
        Expr::new(Node::Broken, span)
    }

    fn climb(&mut self, least: u8) -> Expr {
        let mut left = self.prefix();
        let mut height = 0;
        loop {
            let Some((strength, operator)) = binary(self.symbol(0)) else { return left };
            if strength < least {
                return left;
            }
            height += 1;
            if height > HEIGHT_MAX {
                return self.too_deep();
            }
            left = match operator {
                Binary::Compare => self.comparisons(left),
                operator => {
                    self.advance();
                    // A power groups to the right and takes a signed exponent.
                    let right = match strength {
                        power::POWER => self.nested(power::NEGATE),
                        _ => self.expression(strength + 1),
                    };
                    combine(operator, left, right)
                }
            };
        }
    }

    fn comparisons(&mut self, first: Expr) -> Expr {
        let mut rest = Vec::new();
        let mut span = first.span;
        while let Symbol::Compare(comparison) = *self.symbol(0) {
            self.advance();
            let operand = self.expression(power::SUM);
            span = span.to(operand.span);
            rest.push((comparison, operand));
        }
        Expr::new(Node::Compare(Box::new(first), rest), span)
    }

    fn prefix(&mut self) -> Expr {
        let start = self.span();
        match self.symbol(0) {
            Symbol::Not => {
                self.advance();
                let inner = self.nested(power::NOT);
                let span = start.to(inner.span);
                Expr::new(Node::Not(Box::new(inner)), span)
            }
            Symbol::Minus => {
                self.advance();
                let inner = self.nested(power::NEGATE);
                let span = start.to(inner.span);
                Expr::new(Node::Negate(Box::new(inner)), span)
            }
            Symbol::Plus => {
                self.advance();
                self.nested(power::NEGATE)
            }
            _ => self.postfix(),
        }
    }

    fn postfix(&mut self) -> Expr {
        let mut expr = self.primary();
        let mut links = 0;
        while *self.symbol(0) == Symbol::Dot {
            links += 1;
            if links > 8 {
                return self.too_deep();
            }
            self.advance();
            let span = self.span();
            let Symbol::Name(name) = self.symbol(0).clone() else {
                self.expected("a member name after `.`");
                return expr;
            };
            self.advance();
            if *self.symbol(0) == Symbol::Open {
                let arguments = self.arguments();
                let whole = Span::new(expr.span.start, self.last_end());
                expr = Expr::new(Node::Method(Box::new(expr), Call { name, name_span: span, arguments }), whole);
            } else {
                let whole = expr.span.to(span);
                expr = Expr::new(Node::Member(Box::new(expr), name, span), whole);
            }
        }
        expr
    }

    fn primary(&mut self) -> Expr {
        let span = self.span();
        match self.symbol(0).clone() {
            Symbol::Literal(literal) => {
                self.advance();
                let broken = matches!(literal, Literal::Number(value) if value.is_nan());
                Expr::new(if broken { Node::Broken } else { Node::Literal(literal) }, span)
            }
            Symbol::Text(text) => {
                self.advance();
                Expr::new(Node::Text(text), span)
            }
            Symbol::Name(name) => {
                self.advance();
                if *self.symbol(0) != Symbol::Open {
                    return Expr::new(Node::Name(name), span);
                }
                let arguments = self.arguments();
                let whole = Span::new(span.start, self.last_end());
                Expr::new(Node::Call(Call { name, name_span: span, arguments }), whole)
            }
            Symbol::Open => {
                self.advance();
                let inner = self.nested(0);
                let inner = self.choice(inner);
                self.closes(span);
                Expr::new(inner.node, Span::new(span.start, self.last_end().max(inner.span.end)))
            }
            _ => {
                self.expected("a value");
                // What can go on after a value is left for whoever waits for it; anything else is skipped.
                if matches!(self.symbol(0), Symbol::Dot | Symbol::Assign) {
                    self.advance();
                }
                Expr::new(Node::Broken, span)
            }
        }
    }

    fn expected(&mut self, what: &str) {
        // Where a character was skipped, the value it was part of is missing as well: one report is enough.
        let gap = Span::new(self.last_end(), self.span().start);
        let skipped =
            |p: &Problem| p.code == Code::UnexpectedCharacter && gap.start <= p.span.start && p.span.end <= gap.end;
        if self.problems.iter().any(skipped) {
            return;
        }
        if let Some(problem) = self.apart_from_its_percent() {
            return self.report(problem);
        }
        let found = self.symbol(0).describe();
        let problem = Problem::new(Code::ExpressionExpected, self.span(), format!("expected {what}, found {found}"))
            .found(found)
            .expected(what);
        self.report(problem);
    }
}

/// Nodes on the longest path from the root, counted without recursion.
fn height(expr: &Expr) -> usize {
    let (mut open, mut highest) = (vec![(expr, 1)], 0);
    while let Some((expr, height)) = open.pop() {
        highest = highest.max(height);
        open.extend(expr.children().into_iter().map(|child| (child, height + 1)));
    }
    highest
}
