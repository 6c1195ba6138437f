//! One expression to one typed node. `None` means that the problem is reported and parents stay silent.

use super::{Builder, Place, Value};
use crate::expr::code::Code;
use crate::expr::dimension::describe;
use crate::expr::nearest::nearest;
use crate::expr::syntax::{Expr, Node, Span};
use crate::expr::{Problem, literal};
use crate::logic::Elementwise;
use crate::plan::builtin;
use crate::plan::names::{self, ALWAYS, BAR_FIELDS, NOT_YET, POSITION};
use crate::plan::node::{Op, Scope};
use crate::units::Unit;

impl Builder {
    /// The typed node of an expression.
    pub fn lower(&mut self, expr: &Expr, place: Place<'_>) -> Option<Value> {
        match &expr.node {
            Node::Broken => None,
            Node::Literal(written) => {
                let (value, unit) = literal::value(*written);
                Some(self.number(value, unit, place.context))
            }
            Node::Text(text) => {
                let problem = Problem::new(Code::WrongType, expr.span, "a text is not a value here")
                    .found(format!("\"{text}\""))
                    .expected("a number or a condition; texts name symbols, timeframes and sectors");
                self.report(problem, place);
                None
            }
            Node::Name(name) => self.name(name, expr.span, place),
            Node::Negate(inner) => self.negate(inner, expr, place),
            Node::Not(inner) => {
                let value = self.condition(inner, place)?;
                let op = Op::Elementwise(Elementwise::Not);
                Some(self.pointwise(op, &[value], Unit::Boolean, value.is_as_of_day, expr, place))
            }
            Node::And(left, right) => self.logical(Elementwise::And, left, right, expr, place),
            Node::Or(left, right) => self.logical(Elementwise::Or, left, right, expr, place),
            Node::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right, expr, place),
            Node::Compare(first, rest) => self.comparisons(first, rest, expr, place),
            Node::Call(call) => self.call(call, None, expr, place),
            Node::Member(base, name, span) => self.member(base, name, *span, expr, place),
            Node::Method(base, call) => {
                self.without_data(base, place);
                if !self.is_not_yet(base) {
                    let problem =
                        Problem::new(Code::UnknownMember, call.name_span, "a value has no functions of its own")
                            .found(format!("`{}(...)` after `.`", call.name))
                            .expected(format!("`{}(...)` on its own", call.name));
                    self.report(problem, place);
                }
                None
            }
        }
    }

    /// Adds an operation on one bar's values, with the text of the expression it stands for.
    pub fn pointwise(
        &mut self,
        op: Op,
        inputs: &[Value],
        unit: Unit,
        is_as_of_day: bool,
        expr: &Expr,
        place: Place<'_>,
    ) -> Value {
        let ids = inputs.iter().map(|v| v.node).collect();
        let node = self.graph.pointwise(op, ids, place.context, unit, expr.to_string());
        let is_missing = |id| self.graph.constant_of(id).is_some_and(f64::is_nan);
        if is_missing(node) && !inputs.iter().any(|v| is_missing(v.node)) {
            let problem = Problem::new(Code::NeverKnown, expr.span, format!("`{expr}` has no value"))
                .found("constants without a result")
                .expected("arithmetic with a result");
            self.report(problem, place);
        }
        Value { node, unit, is_as_of_day }
    }

    /// An expression that must be true or false.
    pub fn condition(&mut self, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let value = self.lower(expr, place)?;
        if value.unit == Unit::Boolean {
            return Some(value);
        }
        let problem = Problem::new(Code::WrongType, expr.span, format!("`{expr}` is not a condition"))
            .found(describe(value.unit))
            .expected("a condition, such as a comparison");
        self.report(problem, place);
        None
    }

    /// An expression that can be calculated with.
    pub fn numeric(&mut self, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let value = self.lower(expr, place)?;
        if crate::expr::dimension::is_numeric(value.unit) {
            return Some(value);
        }
        let mut problem = Problem::new(Code::WrongType, expr.span, format!("`{expr}` is not a number"))
            .found(describe(value.unit))
            .expected("a number");
        if value.unit == Unit::Boolean {
            problem = problem.suggest(format!("if({expr}, 1, 0)"));
        }
        self.report(problem, place);
        None
    }

    fn logical(
        &mut self,
        function: Elementwise,
        left: &Expr,
        right: &Expr,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let (left, right) = (self.condition(left, place), self.condition(right, place));
        let (left, right) = (left?, right?);
        let is_as_of_day = left.is_as_of_day || right.is_as_of_day;
        Some(self.pointwise(Op::Elementwise(function), &[left, right], Unit::Boolean, is_as_of_day, expr, place))
    }

    fn name(&mut self, name: &str, span: Span, place: Place<'_>) -> Option<Value> {
        if let Some(field) = names::bar_field(name) {
            let unit = names::field_unit(field);
            let node = self.graph.push(Op::Bar(field), vec![], place.context, Scope::Symbol, unit, name.into());
            return Some(Value { node, unit, is_as_of_day: false });
        }
        if let Some(parameter) = self.params.get(name) {
            let parameter = (*parameter)?;
            return Some(self.number(parameter.value, parameter.unit, place.context));
        }
        if self.definitions.all.contains_key(name) {
            return self.definition(name, span, place);
        }
        match name {
            "vix" => self.vix(span, place),
            "sector" => self.sector(span, place),
            "position" => {
                let problem = Problem::new(Code::MemberNeeded, span, "`position` has several parts")
                    .found("`position`")
                    .expected("one of its parts")
                    .suggest("position.profit");
                self.report(problem, place);
                None
            }
            _ if NOT_YET.contains(&name) => self.not_yet(name, span, place),
            _ => self.unknown_name(name, span, place),
        }
    }

    fn definition(&mut self, name: &str, span: Span, place: Place<'_>) -> Option<Value> {
        // Lowered before, in the order of use; a broken or cyclic one is reported where it stands.
        let value = self.lowered_in(name, place.context)??;
        if self.scope(value) == Scope::Position && !place.allows_position {
            let problem = Problem::new(Code::PositionStage, span, format!("`{name}` depends on the open position"))
                .found(format!("`{name}`, which reads `position.*`"))
                .expected("a value of the market");
            self.report(problem, place);
            return None;
        }
        Some(value)
    }

    fn sector(&mut self, span: Span, place: Place<'_>) -> Option<Value> {
        if !self.in_base_context("sector", span, place) {
            return None;
        }
        let node = self.graph.push(Op::Sector, vec![], place.context, Scope::Symbol, Unit::Group, "sector".into());
        Some(Value { node, unit: Unit::Group, is_as_of_day: false })
    }

    fn unknown_name(&mut self, name: &str, span: Span, place: Place<'_>) -> Option<Value> {
        let problem =
            Problem::new(Code::UnknownName, span, format!("unknown name `{name}`")).found(format!("`{name}`"));
        let problem = if builtin::find(name).is_some() {
            problem.expected("a call").suggest(format!("{name}(...)")).note(format!("`{name}` is a function."))
        } else {
            let near = {
                let own = self.params.keys().chain(self.definitions.all.keys()).map(String::as_str);
                nearest(name, own.chain(BAR_FIELDS).chain(ALWAYS)).map(ToString::to_string)
            };
            problem.expected("a bar field, param, feature or regime").suggest_if(near)
        };
        self.report(problem, place);
        None
    }

    fn member(&mut self, base: &Expr, name: &str, span: Span, expr: &Expr, place: Place<'_>) -> Option<Value> {
        match &base.node {
            Node::Name(position) if position == "position" => self.position(name, span, expr, place),
            Node::Call(call) if call.name == "symbol" => self.symbol_member(call, name, span, expr, place),
            Node::Call(call) if !NOT_YET.contains(&call.name.as_str()) => {
                self.call(call, Some((name, span)), expr, place)
            }
            _ if self.is_not_yet(base) => {
                self.without_data(base, place);
                None
            }
            _ => {
                self.lower(base, place)?;
                let problem = Problem::new(Code::UnknownMember, span, format!("`{base}` has no parts"))
                    .found(format!("`.{name}`"))
                    .expected("a function with several outputs, `symbol(...)` or `position` before `.`");
                self.report(problem, place);
                None
            }
        }
    }

    fn position(&mut self, name: &str, span: Span, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let Some(part) = POSITION.iter().find(|part| part.name == name) else {
            let all: Vec<&str> = POSITION.iter().map(|part| part.name).collect();
            let problem = Problem::new(Code::UnknownMember, span, format!("`position` has no part `{name}`"))
                .found(format!("`{name}`"))
                .expected(all.join(", "))
                .suggest_if(nearest(name, all.iter().copied()).map(|n| format!("position.{n}")));
            self.report(problem, place);
            return None;
        };
        if !self.in_base_context("position", expr.span, place) {
            return None;
        }
        if !place.allows_position {
            let problem = Problem::new(Code::PositionStage, expr.span, format!("`{expr}` is not known here"))
                .found(format!("`{expr}`"))
                .expected("a value of the market; `position.*` stands in conditions of `exit` and `scale_in`, outside of functions that look back or across");
            self.report(problem, place);
            return None;
        }
        let op = Op::Position(part.field);
        let node = self.graph.push(op, vec![], place.context, Scope::Position, part.unit, expr.to_string());
        Some(Value { node, unit: part.unit, is_as_of_day: true })
    }

    /// Whether the expression begins with a name of data that is not there yet.
    pub fn is_not_yet(&self, base: &Expr) -> bool {
        match &base.node {
            Node::Name(name) => NOT_YET.contains(&name.as_str()),
            Node::Call(call) => NOT_YET.contains(&call.name.as_str()),
            Node::Member(base, ..) | Node::Method(base, _) => self.is_not_yet(base),
            _ => false,
        }
    }

    fn without_data(&mut self, base: &Expr, place: Place<'_>) {
        match &base.node {
            Node::Name(name) if NOT_YET.contains(&name.as_str()) => {
                self.not_yet(name, base.span, place);
            }
            Node::Call(call) if NOT_YET.contains(&call.name.as_str()) => {
                self.not_yet(&call.name, call.name_span, place);
            }
            Node::Member(base, ..) | Node::Method(base, _) => self.without_data(base, place),
            _ => {}
        }
    }

    pub fn not_yet(&mut self, name: &str, span: Span, place: Place<'_>) -> Option<Value> {
        let what = match name {
            "fundamental" => "fundamental data are",
            "insider" => "insider trades are",
            "short_interest" => "short interest is",
            _ => "models are",
        };
        let problem = Problem::new(Code::NotYetAvailable, span, format!("{what} not available yet"))
            .found(format!("`{name}`"))
            .expected("bars, params and features")
            .note("The name is reserved, so that files which will use it keep their meaning.");
        self.report(problem, place);
        None
    }
}
