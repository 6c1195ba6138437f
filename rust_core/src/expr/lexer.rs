//! Text to tokens. Unknown characters are reported and skipped, so that the rest is still read.

mod slips;

use super::code::Code;
use super::diagnostic::Problem;
use super::syntax::{Literal, Span};
use crate::logic::Comparison;

/// Tokens in one expression.
pub const TOKENS_MAX: usize = 4_000;
/// Characters in one expression; a token has 16 on average at most.
pub const CHARACTERS_MAX: usize = 64_000;

#[derive(Debug, Clone, PartialEq)]
pub enum Symbol {
    Literal(Literal),
    Text(String),
    Name(String),
    And,
    Or,
    Not,
    Plus,
    Minus,
    Times,
    Over,
    Percent,
    Power,
    Compare(Comparison),
    Open,
    Close,
    Comma,
    Dot,
    /// A single `=`, between the name and the value of an argument.
    Assign,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub symbol: Symbol,
    pub span: Span,
}

impl Symbol {
    /// How the token is named in an error.
    pub fn describe(&self) -> String {
        match self {
            Self::Literal(literal) => format!("`{}`", super::print::literal(*literal)),
            Self::Text(text) => format!("the text \"{text}\""),
            Self::Name(name) => format!("`{name}`"),
            Self::And => "`and`".into(),
            Self::Or => "`or`".into(),
            Self::Not => "`not`".into(),
            Self::Plus => "`+`".into(),
            Self::Minus => "`-`".into(),
            Self::Times => "`*`".into(),
            Self::Over => "`/`".into(),
            Self::Percent => "`%`".into(),
            Self::Power => "`**`".into(),
            Self::Compare(comparison) => format!("`{}`", super::print::comparison(*comparison)),
            Self::Open => "`(`".into(),
            Self::Close => "`)`".into(),
            Self::Comma => "`,`".into(),
            Self::Dot => "`.`".into(),
            Self::Assign => "`=`".into(),
            Self::End => "the end".into(),
        }
    }
}

/// Tokens of `text`, the last one `End`, and what could not be read.
pub fn lex(text: &str) -> (Vec<Token>, Vec<Problem>) {
    let mut lexer =
        Lexer { text: text.chars().take(CHARACTERS_MAX).collect(), at: 0, tokens: Vec::new(), problems: Vec::new() };
    while lexer.at < lexer.text.len() && lexer.tokens.len() < TOKENS_MAX {
        lexer.token();
    }
    if lexer.at < lexer.text.len() || text.chars().nth(CHARACTERS_MAX).is_some() {
        let problem = Problem::new(Code::TooLong, Span::new(lexer.at, lexer.at + 1), "the expression is too long")
            .found(format!("more than {TOKENS_MAX} tokens or {CHARACTERS_MAX} characters"))
            .expected(format!("at most {TOKENS_MAX} tokens"))
            .note("Name its parts as features.");
        lexer.problems.push(problem);
    }
    let end = lexer.at;
    lexer.tokens.push(Token { symbol: Symbol::End, span: Span::new(end, end) });
    (lexer.tokens, lexer.problems)
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Problem>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.text.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn push(&mut self, symbol: Symbol, characters: usize) {
        let span = Span::new(self.at, self.at + characters);
        self.at += characters;
        self.tokens.push(Token { symbol, span });
    }

    fn token(&mut self) {
        let here = self.peek(0);
        match here {
            c if c.is_whitespace() => self.at += 1,
            c if c.is_ascii_digit() || (c == '.' && self.peek(1).is_ascii_digit()) => self.number(),
            c if c.is_ascii_alphabetic() || c == '_' => self.word(),
            '"' | '\'' => self.string(here),
            _ => self.operator(here),
        }
    }

    fn operator(&mut self, here: char) {
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        match (here, self.peek(1)) {
            ('*', '*') => self.push(Symbol::Power, 2),
            ('<', '=') => self.push(Symbol::Compare(LessEqual), 2),
            ('>', '=') => self.push(Symbol::Compare(GreaterEqual), 2),
            ('=', '=') => self.push(Symbol::Compare(Equal), 2),
            ('!', '=') => self.push(Symbol::Compare(NotEqual), 2),
            ('<', '>') => self.foreign(Symbol::Compare(NotEqual), 2, "<>", "!="),
            ('&', '&') => self.foreign(Symbol::And, 2, "&&", "and"),
            ('|', '|') => self.foreign(Symbol::Or, 2, "||", "or"),
            ('&', _) => self.foreign(Symbol::And, 1, "&", "and"),
            ('|', _) => self.foreign(Symbol::Or, 1, "|", "or"),
            ('!', _) => self.negation(),
            ('^', _) => self.foreign(Symbol::Power, 1, "^", "**"),
            ('<', _) => self.push(Symbol::Compare(Less), 1),
            ('>', _) => self.push(Symbol::Compare(Greater), 1),
            ('=', _) => self.push(Symbol::Assign, 1),
            ('+', _) => self.push(Symbol::Plus, 1),
            ('-', _) => self.push(Symbol::Minus, 1),
            ('*', _) => self.push(Symbol::Times, 1),
            ('/', _) => self.push(Symbol::Over, 1),
            ('%', _) => self.push(Symbol::Percent, 1),
            ('(', _) => self.push(Symbol::Open, 1),
            (')', _) => self.push(Symbol::Close, 1),
            (',', _) => self.push(Symbol::Comma, 1),
            ('.', _) => self.push(Symbol::Dot, 1),
            _ => self.unexpected(here),
        }
    }

    /// One report for a run of characters that mean nothing.
    fn unexpected(&mut self, here: char) {
        let start = self.at;
        let known = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || "_\"'*<>=!&|^+-/%(),.".contains(c);
        while self.at < self.text.len() && !known(self.peek(0)) {
            self.at += 1;
        }
        let found: String = self.text.iter().skip(start).take((self.at - start).min(12)).collect();
        let mut problem =
            Problem::new(Code::UnexpectedCharacter, Span::new(start, self.at), format!("unexpected `{found}`"))
                .found(format!("`{found}`"))
                .expected("letters, digits, quotes, parentheses, commas or operators");
        problem = match here {
            '$' => problem.note("Prices are plain numbers: `close > 5`."),
            '[' | ']' | '{' | '}' => problem.note("Earlier values are written `lag(x, 1)`; arguments stand in `( )`."),
            '?' => problem.note("A choice is written `if(condition, then, else)`."),
            '≤' => problem.suggest("<="),
            '≥' => problem.suggest(">="),
            '≠' => problem.suggest("!="),
            '×' => problem.suggest("*"),
            '÷' => problem.suggest("/"),
            '−' | '–' => problem.suggest("-"),
            _ => problem,
        };
        self.problems.push(problem);
    }

    fn word_length(&self, ahead: usize) -> usize {
        let mut length = 0;
        while self.peek(ahead + length).is_ascii_alphanumeric() || self.peek(ahead + length) == '_' {
            length += 1;
        }
        length
    }

    /// Whether a value ends here, so that an operator could follow.
    fn is_after_value(&self) -> bool {
        matches!(
            self.tokens.last().map(|token| &token.symbol),
            Some(Symbol::Literal(_) | Symbol::Text(_) | Symbol::Name(_) | Symbol::Close)
        )
    }

    fn word(&mut self) {
        let length = self.word_length(0);
        let word: String = self.text.iter().skip(self.at).take(length).collect();
        match (word.as_str(), self.is_after_value()) {
            ("AND" | "And", true) => return self.foreign(Symbol::And, length, &word, "and"),
            ("OR" | "Or", true) => return self.foreign(Symbol::Or, length, &word, "or"),
            ("NOT" | "Not", false) => return self.foreign(Symbol::Not, length, &word, "not"),
            _ => {}
        }
        let symbol = match word.as_str() {
            "and" => Symbol::And,
            "or" => Symbol::Or,
            "not" => Symbol::Not,
            "true" => Symbol::Literal(Literal::Truth(true)),
            "false" => Symbol::Literal(Literal::Truth(false)),
            _ => Symbol::Name(word),
        };
        self.push(symbol, length);
    }

    fn string(&mut self, quote: char) {
        let mut length = 1;
        while self.at + length < self.text.len() && self.peek(length) != quote && self.peek(length) != '\n' {
            length += 1;
        }
        let closed = self.at + length < self.text.len() && self.peek(length) == quote;
        let text: String = self.text.iter().skip(self.at + 1).take(length - 1).collect();
        if !closed {
            let span = Span::new(self.at, self.at + length);
            let problem = Problem::new(Code::OpenString, span, "the string has no end")
                .found(format!("{quote}{}", text.chars().take(20).collect::<String>()))
                .expected(format!("a closing {quote}"));
            self.problems.push(problem);
        }
        self.push(Symbol::Text(text), length + usize::from(closed));
    }

    /// Digits, `_`, a fraction and an exponent, then the unit that touches them.
    fn number(&mut self) {
        let mut length = 0;
        while self.is_numeric(length) {
            length += 1;
        }
        length += self.thousands(length);
        let digits: String = self.text.iter().skip(self.at).take(length).filter(|c| !matches!(c, '_' | ',')).collect();
        let mut suffix = self.word_length(length);
        let unit: String = self.text.iter().skip(self.at + length).take(suffix).collect();
        if unit.is_empty() && self.peek(length) == '%' {
            suffix = 1;
        }
        let value = digits.parse::<f64>().ok().filter(|value| value.is_finite());
        let whole = digits.parse::<u32>().ok();
        let literal = match (unit.as_str(), value, whole) {
            ("", Some(value), _) if suffix == 1 => Some(Literal::Percent(value)),
            ("", Some(value), _) => Some(Literal::Number(value)),
            ("bps", Some(value), _) => Some(Literal::BasisPoints(value)),
            ("d", _, Some(days)) => Some(Literal::Days(days)),
            ("s", _, Some(sessions)) => Some(Literal::Sessions(sessions)),
            _ => None,
        };
        if literal.is_none() {
            let text: String = self.text.iter().skip(self.at).take((length + suffix).min(32)).collect();
            let span = Span::new(self.at, self.at + length + suffix);
            let problem = Problem::new(Code::BadNumber, span, format!("`{text}` is not a number"))
                .found(format!("`{text}`"))
                .expected("a number such as 5, 0.5, 100_000, 5%, 5bps, 90d or 20s");
            self.problems.push(problem);
        }
        self.push(Symbol::Literal(literal.unwrap_or(Literal::Number(f64::NAN))), length + suffix);
    }

    /// Whether the character belongs to the digits of a number: an exponent needs a digit behind its `e`.
    fn is_numeric(&self, ahead: usize) -> bool {
        let (c, next) = (self.peek(ahead), self.peek(ahead + 1));
        match c {
            '0'..='9' | '_' | '.' => true,
            'e' | 'E' => next.is_ascii_digit() || (matches!(next, '+' | '-') && self.peek(ahead + 2).is_ascii_digit()),
            '+' | '-' => ahead > 0 && matches!(self.peek(ahead - 1), 'e' | 'E'),
            _ => false,
        }
    }
}
