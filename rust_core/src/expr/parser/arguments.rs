//! What stands between the parentheses of a call. A broken argument does not hide the next.

use super::Parser;
use crate::expr::code::Code;
use crate::expr::diagnostic::Problem;
use crate::expr::lexer::Symbol;
use crate::expr::syntax::{Argument, Span};

impl Parser {
    /// Takes the `)` that belongs to the `(` at `open`; skips what stands before it.
    pub(super) fn closes(&mut self, open: Span) {
        if *self.symbol(0) == Symbol::Close {
            self.advance();
            return;
        }
        let found = self.symbol(0).describe();
        if *self.symbol(0) == Symbol::End {
            let problem = Problem::new(Code::Unbalanced, open, "`(` is never closed").found(found).expected("`)`");
            return self.report(problem);
        }
        self.ends();
        let mut depth = 0_usize;
        loop {
            match self.symbol(0) {
                Symbol::End => return,
                Symbol::Open => depth += 1,
                Symbol::Close if depth == 0 => return self.advance(),
                Symbol::Close => depth -= 1,
                _ => {}
            }
            self.advance();
        }
    }

    /// The arguments from `(` to `)`; a broken one does not hide the next.
    pub(super) fn arguments(&mut self) -> Vec<Argument> {
        let open = self.span();
        self.advance();
        let mut arguments: Vec<Argument> = Vec::new();
        while !matches!(self.symbol(0), Symbol::Close | Symbol::End) {
            let argument = self.argument();
            if argument.keyword.is_none() && arguments.last().is_some_and(|last| last.keyword.is_some()) {
                let problem = Problem::new(
                    Code::PositionalAfterKeyword,
                    argument.value.span,
                    "an argument without a name follows one with a name",
                )
                .expected("arguments without a name first");
                self.report(problem);
            }
            arguments.push(argument);
            if *self.symbol(0) == Symbol::Comma {
                self.advance();
                if *self.symbol(0) == Symbol::Close {
                    self.expected("an argument after `,`");
                }
            } else if !matches!(self.symbol(0), Symbol::Close | Symbol::End) {
                self.ends();
                self.skip_to_argument();
            }
        }
        self.closes(open);
        arguments
    }

    fn argument(&mut self) -> Argument {
        if let (Symbol::Name(name), Symbol::Assign) = (self.symbol(0).clone(), self.symbol(1)) {
            let span = self.span();
            self.advance();
            self.advance();
            return Argument { keyword: Some((name, span)), value: self.nested(0) };
        }
        let value = self.nested(0);
        Argument { keyword: None, value: self.choice(value) }
    }

    /// Skips to the comma or parenthesis that ends this argument.
    fn skip_to_argument(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.symbol(0) {
                Symbol::End => return,
                Symbol::Close if depth == 0 => return,
                Symbol::Comma if depth == 0 => return self.advance(),
                Symbol::Open => depth += 1,
                Symbol::Close => depth -= 1,
                _ => {}
            }
            self.advance();
        }
    }
}
