//! The selection of a target portfolio: `top 5 by momentum where trend`, `all where trend`, or a condition.

use super::code::Code;
use super::diagnostic::Problem;
use super::lexer::Symbol;
use super::parser::Parser;
use super::syntax::Expr;

/// Which end of the order is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Top,
    Bottom,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// `top COUNT by VALUE where CONDITION`.
    Ordered { end: End, count: Expr, by: Expr, condition: Option<Expr> },
    /// `all where CONDITION`.
    All { condition: Option<Expr> },
    /// Any condition.
    Condition(Expr),
}

/// The selection of a text and everything wrong with it.
pub fn parse(text: &str) -> (Selection, Vec<Problem>) {
    let mut parser = Parser::new(text);
    let called = *parser.symbol(1) == Symbol::Open;
    let selection = match parser.symbol(0).clone() {
        Symbol::Name(word) if word == "top" && !called => ordered(&mut parser, End::Top),
        Symbol::Name(word) if word == "bottom" && !called => ordered(&mut parser, End::Bottom),
        Symbol::Name(word) if word == "all" && !called => {
            parser.advance();
            Selection::All { condition: condition(&mut parser) }
        }
        _ => Selection::Condition(parser.whole()),
    };
    (selection, parser.problems)
}

fn ordered(parser: &mut Parser, end: End) -> Selection {
    parser.advance();
    let count = parser.expression(super::print::power::SUM);
    if !parser.takes_word("by") {
        let found = parser.symbol(0).describe();
        let problem = Problem::new(Code::BadSelect, parser.span(), format!("expected `by`, found {found}"))
            .found(found)
            .expected("`top N by VALUE where CONDITION`");
        parser.report(problem);
    }
    let by = parser.bounded();
    Selection::Ordered { end, count, by, condition: condition(parser) }
}

fn condition(parser: &mut Parser) -> Option<Expr> {
    let condition = parser.takes_word("where").then(|| parser.bounded());
    if *parser.symbol(0) != Symbol::End {
        let found = parser.symbol(0).describe();
        let problem = Problem::new(Code::BadSelect, parser.span(), format!("{found} does not belong to a selection"))
            .found(found)
            .expected(if condition.is_some() { "the end" } else { "`where CONDITION` or the end" });
        parser.report(problem);
    }
    condition
}
