//! Slips of other languages, read as what they mean so that one report is enough and says what to write.

use super::{DEPTH_MAX, Parser};
use crate::expr::code::Code;
use crate::expr::diagnostic::Problem;
use crate::expr::lexer::Symbol;
use crate::expr::print;
use crate::expr::syntax::{Expr, Literal, Node};

impl Parser {
    /// Reads `x if condition else y` behind its `x`, and says how it is written here.
    pub(super) fn choice(&mut self, then: Expr) -> Expr {
        if !matches!(self.symbol(0), Symbol::Name(name) if name == "if") || self.depth >= DEPTH_MAX {
            return then;
        }
        let (start, known) = (self.at, self.problems.len());
        self.advance();
        self.depth += 1;
        let condition = self.bounded();
        let has_else = self.takes_word("else");
        let other = if has_else { Some(self.bounded()) } else { None };
        self.depth -= 1;
        if self.exhausted {
            return then;
        }
        let Some(other) = other.filter(|_| self.problems.len() == known) else {
            // Not such a choice after all, or broken inside: what follows the value is reported.
            self.problems.truncate(known);
            self.at = start;
            return then;
        };
        let span = then.span.to(other.span);
        let problem = Problem::new(Code::ForeignOperator, span, "`if` does not stand between values")
            .found("`... if ... else ...`")
            .expected("`if(condition, then, else)`")
            .suggest(format!("if({condition}, {then}, {other})"));
        self.report(problem);
        Expr::new(Node::Broken, span)
    }

    /// `8 %`, a number with a space before its unit, where no value follows.
    pub(super) fn apart_from_its_percent(&self) -> Option<Problem> {
        let (number, percent) = (self.tokens.get(self.at.checked_sub(2)?)?, self.tokens.get(self.at - 1)?);
        let (Symbol::Literal(Literal::Number(value)), Symbol::Percent) = (&number.symbol, &percent.symbol) else {
            return None;
        };
        let written = print::literal(Literal::Percent(*value));
        let problem = Problem::new(Code::BadNumber, number.span.to(percent.span), "a space stands before `%`")
            .found(format!("`{} %`", print::number(*value)))
            .expected("the unit right behind the number")
            .suggest(written);
        Some(problem)
    }
}
