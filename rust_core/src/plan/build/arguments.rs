//! The series that a call is given, against what its parameters accept.

use super::call::Bound;
use super::{Builder, Place, Value};
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::syntax::{Argument, Call, Expr, Literal, Span};
use crate::expr::{Problem, literal, print};
use crate::signature::{Accepts, Kind, Param, Signature};
use crate::units::Unit;

impl Builder {
    /// Reports a number where the function looks back at a series. One side of a crossing may be a number.
    pub(super) fn reports_constant(
        &mut self,
        signature: &Signature,
        (call, span): (&Call, Span),
        series: &[(&Expr, Value)],
        place: Place<'_>,
    ) -> bool {
        let is_number = |v: &Value| dimension::is_numeric(v.unit) && self.constant(*v).is_some();
        let has_threshold = signature.series().any(|p| p.accepts == Accepts::SameSeries);
        if has_threshold && !series.iter().all(|(_, v)| is_number(v)) {
            return false;
        }
        let Some(index) = series.iter().position(|(_, v)| is_number(v)) else { return false };
        let Some((argument, value)) = series.get(index).copied() else { return false };
        let number = print::number(self.constant(value).unwrap_or(f64::NAN));
        let found = match literal::of(argument) {
            Some(Literal::Number(_)) => format!("the number {argument}"),
            Some(_) => format!("the percentage {argument}"),
            None => format!("`{argument}`, which is the number {number}"),
        };
        let (message, suggestion) = if index == 0 {
            (format!("`{}` needs a series first", signature.name), with_series(signature, call))
        } else {
            let name = signature.series().nth(index).map_or("", |p| p.name);
            (format!("`{name}` of `{}` must be a series", signature.name), None)
        };
        let problem = Problem::new(Code::ConstantSeries, span, message)
            .found(found)
            .expected("a value that changes from bar to bar, such as close")
            .suggest_if(suggestion);
        self.report(problem, place);
        true
    }

    /// Series arguments, checked against what the parameters accept.
    pub(super) fn series<'e>(
        &mut self,
        signature: &Signature,
        bound: &Bound<'e>,
        place: Place<'_>,
    ) -> Option<Vec<(&'e Expr, Value)>> {
        let mut found: Vec<(&Expr, Value)> = Vec::new();
        let mut is_broken = false;
        for (param, given) in signature.params.iter().zip(&bound.given) {
            let (true, Some(expr)) = (param.accepts.is_series(), given) else { continue };
            let first = found.first().copied();
            match self.argument(signature, param, expr, first, place) {
                Some(value) => found.push((expr, value)),
                None => is_broken = true,
            }
        }
        (!is_broken).then_some(found)
    }

    fn argument(
        &mut self,
        signature: &Signature,
        param: &Param,
        expr: &Expr,
        first: Option<(&Expr, Value)>,
        place: Place<'_>,
    ) -> Option<Value> {
        let value = self.lower(expr, place)?;
        let unit = value.unit;
        // `if`, `coalesce` and `is_missing` take conditions as well.
        let takes_conditions =
            signature.kind == Kind::Elementwise && matches!(signature.name, "if" | "coalesce" | "is_missing");
        let expected = match param.accepts {
            Accepts::BooleanSeries if unit != Unit::Boolean => "a condition",
            Accepts::GroupSeries if unit != Unit::Group => "a label such as `sector`",
            Accepts::PriceSeries if unit.degrees() != (1, 0) => "a price",
            Accepts::VolumeSeries if unit.degrees() != (0, 1) => "a volume",
            Accepts::PlainSeries if matches!(unit, Unit::Scaled { .. }) => {
                self.not_dimensionless(signature, expr, unit, place);
                return None;
            }
            Accepts::PlainSeries if !dimension::is_plain(unit) => "a number without price or volume",
            Accepts::Series | Accepts::SameSeries
                if !(dimension::is_numeric(unit) || takes_conditions && unit == Unit::Boolean) =>
            {
                "a number"
            }
            Accepts::SameSeries => return self.same_series(signature, expr, value, first, place),
            _ => return Some(value),
        };
        let message = format!("`{}` of `{}` must be {expected}", param.name, signature.name);
        let mut problem = Problem::new(Code::WrongType, expr.span, message)
            .found(format!("`{expr}`, {}", describe(unit)))
            .expected(expected);
        if unit == Unit::Boolean && expected == "a number" {
            problem = problem.suggest(format!("if({expr}, 1, 0)"));
        }
        self.report(problem, place);
        None
    }

    fn not_dimensionless(&mut self, signature: &Signature, expr: &Expr, unit: Unit, place: Place<'_>) {
        let problem = Problem::new(
            Code::NotDimensionless,
            expr.span,
            format!("`{}` needs a value without price or volume", signature.name),
        )
        .found(format!("`{expr}`, {}", describe(unit)))
        .expected("a ratio")
        .suggest(format!("{}({expr} / lag({expr}, 1))", signature.name));
        self.report(problem, place);
    }

    fn same_series(
        &mut self,
        signature: &Signature,
        expr: &Expr,
        value: Value,
        first: Option<(&Expr, Value)>,
        place: Place<'_>,
    ) -> Option<Value> {
        // Of a family of one bar, values are brought together later; a broken first argument is reported already.
        let Some((first_expr, first)) = first else { return Some(value) };
        if signature.kind == Kind::Elementwise {
            return Some(value);
        }
        let Some(common) = dimension::unify(first.unit, value.unit) else {
            self.mismatch((first_expr, first.unit), (expr, value.unit), &format!("`{}`", signature.name), place);
            return None;
        };
        Some(self.in_scale_of(value, common, place))
    }
}

/// Whether a literal number or percentage was written.
pub(super) fn is_number(expr: &Expr) -> bool {
    literal::of(expr).is_some()
}

/// The call with `close` as its series, where a number was written first: beside the number if there is room for it,
/// else in its stead.
pub(super) fn with_series(signature: &Signature, call: &Call) -> Option<String> {
    let takes =
        |index: usize, accepts: bool| signature.params.get(index).is_some_and(|p| p.accepts.is_series() == accepts);
    let first = call.arguments.first().filter(|first| first.keyword.is_none())?;
    if !takes(0, true) || takes(1, true) {
        return None;
    }
    let shown = |argument: &Argument| match &argument.keyword {
        Some((name, _)) => format!("{name}={}", argument.value),
        None => argument.value.to_string(),
    };
    // A keyword may take the place to which the number would move.
    let second = signature.params.get(1).map(|p| p.name);
    let is_taken =
        call.arguments.iter().any(|a| a.keyword.as_ref().is_some_and(|(name, _)| Some(name.as_str()) == second));
    let has_room = call.arguments.len() < signature.params.len() && !is_taken;
    let mut arguments = vec!["close".to_string()];
    arguments.extend(has_room.then(|| shown(first)));
    arguments.extend(call.arguments.iter().skip(1).map(shown));
    Some(format!("{}({})", signature.name, arguments.join(", ")))
}
