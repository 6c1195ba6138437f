//! Other bars: `symbol("SPY", ...)`, `vix`, `at("1Week", ...)`. An expression is computed there and brought back.
//!
//! A named symbol has its own splits, so what comes from it is as of the day. A higher timeframe of the same symbol
//! shares its factors, so its values stay homogeneous.

use super::definitions::names;
use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::nearest::nearest;
use crate::expr::syntax::{Call, Expr, Node, Span};
use crate::plan::names::{BAR_FIELDS, bar_field};
use crate::plan::node::{Context, Op, Scope, Timeframe};
use crate::signature::Field;
use crate::units::Unit;
use std::rc::Rc;

const TIMEFRAMES: [(&str, Timeframe); 4] = [
    ("1Day", Timeframe::Day),
    ("1Week", Timeframe::Week),
    ("1Month", Timeframe::Month),
    ("1Quarter", Timeframe::Quarter),
];

impl Builder {
    /// Reports a use outside of the strategy's own bars.
    pub(super) fn in_base_context(&mut self, what: &str, span: Span, place: Place<'_>) -> bool {
        if place.context == 0 {
            return true;
        }
        let problem =
            Problem::new(Code::WrongContext, span, format!("`{what}` is not known inside `symbol(...)` or `at(...)`"))
                .found(format!("`{what}`"))
                .expected("bars and functions of history")
                .note("Take it outside: `rank(at(\"1Week\", close))`, `symbol(\"SPY\", at(\"1Week\", close))`.");
        self.report(problem, place);
        false
    }

    /// The VIX close, an index in percent-points that never splits.
    pub(super) fn vix(&mut self, span: Span, place: Place<'_>) -> Option<Value> {
        if !self.in_base_context("vix", span, place) {
            return None;
        }
        let context = self.graph.context(Context { symbol: Some("VIX".into()), timeframe: None });
        let op = Op::Bar(Field::Close);
        let close = self.graph.push(op, vec![], context, Scope::Symbol, Unit::LEVEL, "close".into());
        let node = self.graph.push(Op::Bridge, vec![close], 0, Scope::Market, Unit::PercentPoints, "vix".into());
        Some(Value { node, unit: Unit::PercentPoints, is_as_of_day: false })
    }

    /// `symbol("SPY").close`.
    pub(super) fn symbol_member(
        &mut self,
        call: &Call,
        name: &str,
        span: Span,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        if bar_field(name).is_none() {
            let problem = Problem::new(Code::UnknownMember, span, format!("a symbol has no part `{name}`"))
                .found(format!("`{name}`"))
                .expected(BAR_FIELDS.join(", "))
                .suggest_if(nearest(name, BAR_FIELDS))
                .note(format!("Any expression can be computed there: `symbol(\"SPY\", {name})`."));
            self.report(problem, place);
            return None;
        }
        let [argument] = call.arguments.as_slice() else {
            let problem =
                Problem::new(Code::TooManyArguments, expr.span, "`symbol(...)` before `.` takes a name alone")
                    .found(format!("{} arguments", call.arguments.len()))
                    .expected(format!("`symbol(\"SPY\").{name}`"));
            self.report(problem, place);
            return None;
        };
        let field = Expr::new(Node::Name(name.to_string()), span);
        self.in_symbol(&argument.value, &field, expr, place)
    }

    /// `symbol("SPY", expression)`.
    pub(super) fn symbol_call(&mut self, call: &Call, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let (symbol, inner) = self.text_and_expression(call, "symbol", "\"SPY\", close", expr, place)?;
        self.in_symbol(symbol, inner, expr, place)
    }

    fn in_symbol(&mut self, symbol: &Expr, inner: &Expr, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let symbol = self.text(symbol, "a symbol", "\"SPY\"", place)?;
        if !self.in_base_context("symbol", expr.span, place) {
            return None;
        }
        if symbol.trim().is_empty() {
            let problem =
                Problem::new(Code::BadChoice, expr.span, "the symbol has no name").expected("a symbol such as \"SPY\"");
            self.report(problem, place);
            return None;
        }
        let context = self.graph.context(Context { symbol: Some(symbol), timeframe: None });
        let inside = Place { context, allows_position: false, ..place };
        self.prepare(inner, inside);
        let value = self.lower(inner, inside)?;
        if let Some(constant) = self.constant(value) {
            return Some(self.number(constant, value.unit, place.context));
        }
        let value = self.as_of_day(value, context);
        let text = expr.to_string();
        let node = self.graph.push(Op::Bridge, vec![value.node], place.context, Scope::Market, value.unit, text);
        Some(Value { node, ..value })
    }

    /// `at("1Week", expression)`.
    pub(super) fn at_call(&mut self, call: &Call, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let (timeframe, inner) = self.text_and_expression(call, "at", "\"1Week\", sma(close, 10)", expr, place)?;
        let timeframe = self.timeframe(timeframe, place)?;
        let around = self.graph.contexts.get(place.context).cloned()?;
        if around.timeframe.is_some() {
            let problem = Problem::new(Code::WrongContext, expr.span, "`at(...)` stands inside `at(...)`")
                .found(format!("`{expr}`"))
                .expected("one timeframe at a time");
            self.report(problem, place);
            return None;
        }
        let context = self.graph.context(Context { symbol: around.symbol, timeframe: Some(timeframe) });
        let inside = Place { context, allows_position: false, ..place };
        self.prepare(inner, inside);
        let value = self.lower(inner, inside)?;
        if let Some(constant) = self.constant(value) {
            return Some(self.number(constant, value.unit, place.context));
        }
        if value.is_as_of_day {
            self.absolute_in_history(inner, "at", place);
            return None;
        }
        let scope = self.scope(value);
        let node = self.graph.push(Op::Bridge, vec![value.node], place.context, scope, value.unit, expr.to_string());
        Some(Value { node, ..value })
    }

    fn timeframe(&mut self, expr: &Expr, place: Place<'_>) -> Option<Timeframe> {
        let text = self.text(expr, "a timeframe", "\"1Week\"", place)?;
        let found = TIMEFRAMES.iter().find(|(name, _)| *name == text).map(|(_, timeframe)| *timeframe);
        let higher: Vec<&str> =
            TIMEFRAMES.iter().filter(|(_, t)| *t != Timeframe::Day || !self.is_daily).map(|(name, _)| *name).collect();
        match found {
            Some(timeframe) if timeframe != Timeframe::Day || !self.is_daily => Some(timeframe),
            _ => {
                let problem = Problem::new(Code::BadChoice, expr.span, format!("\"{text}\" is not a higher timeframe"))
                    .found(format!("\"{text}\""))
                    .expected(higher.join(", "))
                    .suggest_if(nearest(&text, higher.iter().copied()).map(|n| format!("\"{n}\"")));
                self.report(problem, place);
                None
            }
        }
    }

    fn text(&mut self, expr: &Expr, what: &str, example: &str, place: Place<'_>) -> Option<String> {
        if let Node::Text(text) = &expr.node {
            return Some(text.clone());
        }
        if !matches!(expr.node, Node::Broken) {
            let problem = Problem::new(Code::WrongType, expr.span, format!("{what} is written in quotes"))
                .found(format!("`{expr}`"))
                .expected(format!("{what} such as {example}"));
            let problem = match &expr.node {
                Node::Name(name) => problem.suggest(format!("\"{name}\"")),
                _ => problem,
            };
            self.report(problem, place);
        }
        None
    }

    fn text_and_expression<'e>(
        &mut self,
        call: &'e Call,
        name: &str,
        example: &str,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<(&'e Expr, &'e Expr)> {
        if let [first, second] = call.arguments.as_slice()
            && first.keyword.is_none()
            && second.keyword.is_none()
        {
            return Some((&first.value, &second.value));
        }
        let code = if call.arguments.len() < 2 { Code::MissingArgument } else { Code::TooManyArguments };
        let problem = Problem::new(code, expr.span, format!("`{name}` takes a text and an expression"))
            .found(format!("{} arguments", call.arguments.len()))
            .expected(format!("`{name}({example})`"));
        self.report(problem, place);
        None
    }

    /// Computes in another context the definitions that an expression leads to, in their order.
    fn prepare(&mut self, expr: &Expr, inside: Place<'_>) {
        let definitions = Rc::clone(&self.definitions);
        let reached = definitions.closure(names(expr).into_iter().map(|(name, _)| name));
        if reached.is_empty() {
            return;
        }
        for name in &definitions.order {
            if reached.contains(name.as_str()) {
                self.define(name, inside.context);
            }
        }
    }
}
