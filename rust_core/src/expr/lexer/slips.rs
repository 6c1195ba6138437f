//! Operators and numbers as other languages write them: read as what they mean, and reported.

use super::{Lexer, Symbol};
use crate::expr::code::Code;
use crate::expr::diagnostic::Problem;
use crate::expr::syntax::Span;

impl Lexer {
    /// Takes an operator of another language for the one that is meant, and says so.
    pub(super) fn foreign(&mut self, symbol: Symbol, characters: usize, found: &str, meant: &str) {
        let span = Span::new(self.at, self.at + characters);
        let problem = Problem::new(Code::ForeignOperator, span, format!("`{found}` is not an operator here"))
            .found(format!("`{found}`"))
            .expected(format!("`{meant}`"))
            .suggest(meant);
        self.problems.push(problem);
        self.push(symbol, characters);
    }

    /// `!trend`: reported with the name behind it, so that what is offered can stand in its place.
    pub(super) fn negation(&mut self) {
        let length = self.word_length(1);
        let name: String = self.text.iter().skip(self.at + 1).take(length).collect();
        let separator = if name.is_empty() { "" } else { " " };
        let span = Span::new(self.at, self.at + 1 + length);
        let problem = Problem::new(Code::ForeignOperator, span, "`!` is not an operator here")
            .found(format!("`!{name}`"))
            .expected("`not`")
            .suggest(format!("not{separator}{name}"));
        self.problems.push(problem);
        self.push(Symbol::Not, 1);
    }

    /// Characters of `,000` behind up to three digits, which are reported. Between parentheses a comma parts arguments,
    /// unless what follows it is no number of its own.
    pub(super) fn thousands(&mut self, length: usize) -> usize {
        let digit = |lexer: &Self, ahead: usize| lexer.peek(ahead).is_ascii_digit();
        let group = |lexer: &Self, at: usize| {
            lexer.peek(at) == ',' && (1..=3).all(|i| digit(lexer, at + i)) && !lexer.is_numeric(at + 4)
        };
        let count = |symbol: &Symbol| self.tokens.iter().filter(|token| token.symbol == *symbol).count();
        let mut groups = 0;
        while group(self, length + 4 * groups) {
            groups += 1;
        }
        let is_meant = groups > 0 && length <= 3 && (0..length).all(|i| digit(self, i)) && self.peek(0) != '0';
        let is_outside = || count(&Symbol::Open) <= count(&Symbol::Close);
        if !is_meant || !(self.peek(length + 1) == '0' || is_outside()) {
            return 0;
        }
        let whole: String = self.text.iter().skip(self.at).take(length + 4 * groups).collect();
        let span = Span::new(self.at, self.at + length + 4 * groups);
        let problem = Problem::new(Code::BadNumber, span, "a comma does not set off thousands")
            .found(format!("`{whole}`"))
            .expected("a number such as 5, 0.5 or 100_000")
            .suggest(whole.replace(',', "_"));
        self.problems.push(problem);
        4 * groups
    }
}
