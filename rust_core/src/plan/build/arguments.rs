//! The series that a call is given, against what its parameters accept.

use super::call::Bound;
use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::syntax::Expr;
use crate::signature::{Accepts, Kind, Param, Signature};
use crate::units::Unit;

impl Builder {
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
