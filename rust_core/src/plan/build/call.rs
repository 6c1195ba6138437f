//! A call: the function found, its arguments bound to parameters, its compile-time numbers read.

use super::arguments::{is_number, with_series};
use super::{Builder, Place, Value};
use crate::expr::code::Code;
use crate::expr::dimension::describe;
use crate::expr::nearest::nearest;
use crate::expr::syntax::{Call, Expr, Node, Span};
use crate::expr::{Problem, print};
use crate::plan::builtin::{self, Found};
use crate::plan::names::{NOT_YET, known_elsewhere_as};
use crate::signature::{Accepts, Param, Signature};
use crate::units::Unit;

/// Arguments by parameter, and what follows the last one of a variadic function.
pub(super) struct Bound<'e> {
    pub given: Vec<Option<&'e Expr>>,
    pub more: Vec<&'e Expr>,
    /// A needed argument is missing, or one does not belong; reported.
    pub is_broken: bool,
}

impl Builder {
    pub(super) fn call(
        &mut self,
        call: &Call,
        member: Option<(&str, Span)>,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        match call.name.as_str() {
            "symbol" => return self.without_member(member, call, place, |b| b.symbol_call(call, expr, place)),
            "at" => return self.without_member(member, call, place, |b| b.at_call(call, expr, place)),
            name if NOT_YET.contains(&name) => return self.not_yet(name, call.name_span, place),
            _ => {}
        }
        let Some(found) = builtin::find(&call.name) else {
            self.unknown_function(call, place);
            // What stands inside is checked all the same.
            for argument in &call.arguments {
                self.lower(&argument.value, place);
            }
            return None;
        };
        let (signature, is_variadic) = match &found {
            Found::Indicator(signature) => (*signature, false),
            Found::Builtin(builtin) => (&builtin.signature, builtin.is_variadic),
        };
        let whole = Span::new(call.name_span.start, end_of_call(expr));
        let bound = self.bind(signature, is_variadic, (call, whole), place);
        let output = self.output(signature, member, call, place);
        match found {
            Found::Indicator(signature) => self.time_series(signature, (call, whole), &bound, output, expr, place),
            Found::Builtin(builtin) => {
                let value = self.builtin(builtin, &bound, expr, place);
                output.and(value)
            }
        }
    }

    fn without_member(
        &mut self,
        member: Option<(&str, Span)>,
        call: &Call,
        place: Place<'_>,
        lower: impl FnOnce(&mut Self) -> Option<Value>,
    ) -> Option<Value> {
        let value = lower(self);
        let Some((name, span)) = member else { return value };
        let problem = Problem::new(Code::UnknownMember, span, format!("`{}` has no parts", call.name))
            .found(format!("`.{name}`"))
            .expected("the member inside, as in `at(\"1Week\", macd(close).histogram)`");
        self.report(problem, place);
        None
    }

    fn unknown_function(&mut self, call: &Call, place: Place<'_>) {
        let name = call.name.as_str();
        let problem = Problem::new(Code::UnknownFunction, call.name_span, format!("unknown function `{name}`"))
            .found(format!("`{name}`"))
            .expected("a function of the catalogue");
        let is_value = crate::plan::names::bar_field(name).is_some()
            || self.params.contains_key(name)
            || self.definitions.all.contains_key(name);
        let problem = if is_value {
            problem.suggest(name).note(format!("`{name}` is a value; earlier ones are `lag({name}, 1)`."))
        } else {
            let near = known_elsewhere_as(name)
                .or_else(|| nearest(name, builtin::functions().map(|f| f.name).chain(["symbol", "at"])));
            problem.suggest_if(near)
        };
        self.report(problem, place);
    }

    /// Which output is meant.
    fn output(
        &mut self,
        signature: &Signature,
        member: Option<(&str, Span)>,
        call: &Call,
        place: Place<'_>,
    ) -> Option<usize> {
        let names: Vec<&str> = signature.outputs.iter().map(|o| o.name).collect();
        let several = names.len() > 1;
        let problem = match member {
            None if !several => return Some(0),
            None => Problem::new(Code::MemberNeeded, call.name_span, format!("`{}` gives several values", call.name))
                .found(format!("`{}(...)`", call.name))
                .expected(format!("one of {}", names.join(", ")))
                .suggest(format!("{}(...).{}", call.name, names.first().copied().unwrap_or_default())),
            Some((name, _)) if several && names.contains(&name) => return names.iter().position(|n| *n == name),
            Some((name, span)) => {
                let expected = if several { names.join(", ") } else { format!("`{}(...)` itself", call.name) };
                Problem::new(Code::UnknownMember, span, format!("`{}` has no part `{name}`", call.name))
                    .found(format!("`{name}`"))
                    .expected(expected)
                    .suggest_if(nearest(name, names.iter().copied()))
            }
        };
        self.report(problem, place);
        None
    }

    fn bind<'e>(
        &mut self,
        signature: &Signature,
        is_variadic: bool,
        (call, whole): (&'e Call, Span),
        place: Place<'_>,
    ) -> Bound<'e> {
        let mut bound = Bound { given: vec![None; signature.params.len()], more: Vec::new(), is_broken: false };
        let mut next = 0;
        for argument in &call.arguments {
            let index = match &argument.keyword {
                Some((name, span)) => {
                    let found = signature.params.iter().position(|p| p.name == name);
                    if found.is_none() {
                        self.unknown_keyword(signature, name, *span, place);
                        bound.is_broken = true;
                        continue;
                    }
                    found.unwrap_or_default()
                }
                None => {
                    next += 1;
                    next - 1
                }
            };
            match bound.given.get_mut(index) {
                Some(slot @ None) => *slot = Some(&argument.value),
                Some(Some(_)) => {
                    let name = signature.params.get(index).map_or("", |p| p.name);
                    let problem =
                        Problem::new(Code::ArgumentTwice, argument.value.span, format!("`{name}` is given twice"))
                            .found(format!("`{}`", argument.value))
                            .expected("each argument once");
                    self.report(problem, place);
                    bound.is_broken = true;
                }
                None if is_variadic => bound.more.push(&argument.value),
                None => {
                    self.too_many(signature, call, argument.value.span, place);
                    bound.is_broken = true;
                    break;
                }
            }
        }
        for (param, given) in signature.params.iter().zip(&bound.given) {
            if given.is_none() && param.default.is_none() && !param.optional {
                self.missing(signature, param, (call, whole), place);
                bound.is_broken = true;
            }
        }
        bound
    }

    fn unknown_keyword(&mut self, signature: &Signature, name: &str, span: Span, place: Place<'_>) {
        let names: Vec<&str> = signature.params.iter().map(|p| p.name).collect();
        let problem =
            Problem::new(Code::UnknownKeyword, span, format!("`{}` has no argument `{name}`", signature.name))
                .found(format!("`{name}`"))
                .expected(if names.is_empty() { "no arguments".into() } else { names.join(", ") })
                .suggest_if(nearest(name, names.iter().copied()));
        self.report(problem, place);
    }

    fn too_many(&mut self, signature: &Signature, call: &Call, span: Span, place: Place<'_>) {
        let message = format!("`{}` takes at most {} arguments", signature.name, signature.params.len());
        let problem = Problem::new(Code::TooManyArguments, span, message)
            .found(format!("{} arguments", call.arguments.len()))
            .expected(usage(signature));
        self.report(problem, place);
    }

    fn missing(&mut self, signature: &Signature, param: &Param, (call, whole): (&Call, Span), place: Place<'_>) {
        let count = call.arguments.len();
        let mut problem = Problem::new(
            Code::MissingArgument,
            call.name_span,
            format!("`{}` needs `{}`: {}", signature.name, param.name, param.doc),
        )
        .found(format!("{count} argument{}", if count == 1 { "" } else { "s" }))
        .expected(usage(signature));
        // A name that exists across symbols as well was perhaps meant so.
        let across = format!("cs_{}", signature.name);
        if builtin::find(&across).is_some() && call.arguments.len() == 1 {
            let inside = call.arguments.first().map_or(String::new(), |a| a.value.to_string());
            problem = problem.suggest(format!("{across}({inside})")).note(format!(
                "`{}` compares with the symbol's own past; `{across}` with the other members.",
                signature.name
            ));
        } else if !param.accepts.is_series() && call.arguments.first().is_some_and(|a| is_number(&a.value)) {
            // The number stands where the series belongs.
            problem = problem.suggest_if(with_series(signature, call));
        }
        // A call is offered in place of the call.
        if problem.suggestion.is_some() {
            problem.span = whole;
        }
        self.report(problem, place);
    }

    /// The compile-time numbers of a call, in order, defaults filled in.
    pub(super) fn numbers(&mut self, signature: &Signature, bound: &Bound<'_>, place: Place<'_>) -> Option<Vec<f64>> {
        let mut numbers = Vec::new();
        let mut is_broken = false;
        for (param, given) in signature.params.iter().zip(&bound.given) {
            if param.accepts.is_series() {
                continue;
            }
            let number = match given {
                Some(expr) => self.compile_time(signature, param, expr, place),
                None => param.default,
            };
            is_broken |= number.is_none();
            numbers.extend(number);
        }
        (!is_broken).then_some(numbers)
    }

    fn compile_time(&mut self, signature: &Signature, param: &Param, expr: &Expr, place: Place<'_>) -> Option<f64> {
        let value = self.lower(expr, place)?;
        let constant = self.constant(value);
        let is_length = matches!(param.accepts, Accepts::Length { .. });
        if let (Some(number), true) = (constant, is_bare(value.unit, is_length))
            && is_within(param.accepts, number)
        {
            return Some(number);
        }
        let what = format!("`{}` of `{}`", param.name, signature.name);
        let problem = match (constant, value.unit) {
            (None, _) => Problem::new(Code::NotConstant, expr.span, format!("{what} must be known at compile time"))
                .found(format!("`{expr}`, which changes from bar to bar"))
                .expected("a number, a param or arithmetic of them"),
            (Some(number), Unit::Duration) => {
                Problem::new(Code::UnitMismatch, expr.span, format!("{what} is a plain number of bars"))
                    .found(format!("`{expr}`"))
                    .expected("a number without a unit")
                    .suggest(print::number(number))
            }
            (Some(_), unit @ (Unit::Boolean | Unit::Group)) => {
                Problem::new(Code::WrongType, expr.span, format!("{what} is a number"))
                    .found(describe(unit))
                    .expected("a number")
            }
            (Some(_), Unit::Percent) if is_length => {
                Problem::new(Code::UnitMismatch, expr.span, format!("{what} is a number of bars"))
                    .found(format!("`{expr}`"))
                    .expected("a whole number")
            }
            (Some(number), _) => beyond(param.accepts, number, &what, expr)?,
        };
        self.report(problem, place);
        None
    }
}

/// Whether a compile-time number may have this unit.
fn is_bare(unit: Unit, is_length: bool) -> bool {
    match unit {
        Unit::Duration | Unit::Boolean | Unit::Group => false,
        Unit::Percent => !is_length,
        _ => true,
    }
}

/// The least and the greatest number that a parameter accepts, and whether it must be whole.
fn bounds(accepts: Accepts) -> Option<(f64, f64, bool)> {
    match accepts {
        Accepts::Length { min, max } => Some((f64::from(min), f64::from(max), true)),
        Accepts::Number { min, max } => Some((min, max, false)),
        _ => None,
    }
}

fn is_within(accepts: Accepts, number: f64) -> bool {
    bounds(accepts)
        .is_some_and(|(min, max, is_whole)| (min..=max).contains(&number) && (!is_whole || number.fract() == 0.0))
}

/// What is wrong with a number that is not within.
fn beyond(accepts: Accepts, number: f64, what: &str, expr: &Expr) -> Option<Problem> {
    let (min, max, is_whole) = bounds(accepts)?;
    let found = if expr.to_string() == print::number(number) {
        format!("`{expr}`")
    } else {
        format!("`{expr}`, which is {}", print::number(number))
    };
    Some(if is_whole && number.fract() != 0.0 {
        Problem::new(Code::NotWhole, expr.span, format!("{what} must be a whole number"))
            .found(found)
            .expected("a whole number")
            .suggest(print::number(number.round().clamp(min, max)))
    } else {
        Problem::new(Code::OutOfRange, expr.span, format!("{what} is out of range")).found(found).expected(format!(
            "{} to {}",
            print::number(min),
            print::number(max)
        ))
    })
}

/// Where a call ends, whether or not one of its outputs is taken.
fn end_of_call(expr: &Expr) -> usize {
    match &expr.node {
        Node::Member(base, ..) => base.span.end,
        _ => expr.span.end,
    }
}

/// How a function is called.
pub fn usage(signature: &Signature) -> String {
    let params: Vec<String> = signature
        .params
        .iter()
        .map(|p| match p.default {
            Some(default) => format!("{}={}", p.name, print::number(default)),
            None if p.optional => format!("{}=...", p.name),
            None => p.name.to_string(),
        })
        .collect();
    format!("{}({})", signature.name, params.join(", "))
}
