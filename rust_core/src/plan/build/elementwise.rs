//! Functions of one bar's values: their unit, and the basis their arguments are brought to.

use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::syntax::Expr;
use crate::plan::node::{Elementwise, Op};
use crate::units::Unit;

impl Builder {
    /// One element-wise function of bound arguments.
    pub(super) fn elementwise(
        &mut self,
        function: Elementwise,
        series: &[(&Expr, Value)],
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let op = Op::Elementwise(function);
        let (first_expr, first) = series.first().copied()?;
        match function {
            Elementwise::If => {
                let (condition, branches) = series.split_first()?;
                let (unit, mut values, is_as_of_day) = self.together(branches, "`if`", place)?;
                // Chosen by a condition of the day, a price cannot be restated later either.
                if condition.1.is_as_of_day {
                    values = values.into_iter().map(|v| self.as_of_day(v, place.context)).collect();
                }
                values.insert(0, condition.1);
                let is_as_of_day = is_as_of_day || condition.1.is_as_of_day;
                Some(self.pointwise(op, &values, unit, is_as_of_day, expr, place))
            }
            Elementwise::Clip => {
                let (unit, values, is_as_of_day) = self.together(series, "`clip`", place)?;
                Some(self.pointwise(op, &values, unit, is_as_of_day, expr, place))
            }
            Elementwise::Min | Elementwise::Max | Elementwise::Coalesce => {
                let (unit, values, is_as_of_day) = self.together(series, "the arguments", place)?;
                let (head, rest) = values.split_first()?;
                let start = *head;
                // Two at a time, from left to right.
                Some(rest.iter().fold(start, |all, next| {
                    self.pointwise(op.clone(), &[all, *next], unit, is_as_of_day, expr, place)
                }))
            }
            Elementwise::Sqrt => {
                let Some(unit) = dimension::power(first.unit, 0.5).filter(|_| first.unit != Unit::Boolean) else {
                    let problem = Problem::new(
                        Code::BadPower,
                        expr.span,
                        format!("the root of {} has no unit", describe(first.unit)),
                    )
                    .found(format!("`{first_expr}`"))
                    .expected("a ratio, or a price or volume of even degree");
                    self.report(problem, place);
                    return None;
                };
                Some(self.pointwise(op, &[first], unit, first.is_as_of_day, expr, place))
            }
            Elementwise::Abs => {
                let unit = dimension::loosen(first.unit);
                Some(self.pointwise(op, &[first], unit, first.is_as_of_day, expr, place))
            }
            Elementwise::IsMissing => Some(self.pointwise(op, &[first], Unit::Boolean, false, expr, place)),
            Elementwise::Log | Elementwise::Exp | Elementwise::Sign => {
                Some(self.pointwise(op, &[first], Unit::Ratio, first.is_as_of_day, expr, place))
            }
            Elementwise::Negate | Elementwise::Not | Elementwise::And | Elementwise::Or => None,
        }
    }

    /// Values chosen between: their common unit, scale and basis.
    fn together(
        &mut self,
        series: &[(&Expr, Value)],
        what: &str,
        place: Place<'_>,
    ) -> Option<(Unit, Vec<Value>, bool)> {
        let (first_expr, first) = series.first().copied()?;
        let mut common = first.unit;
        for (expr, value) in series.iter().skip(1) {
            let Some(unit) = dimension::unify(common, value.unit) else {
                self.mismatch((first_expr, common), (expr, value.unit), what, place);
                return None;
            };
            common = unit;
        }
        let mut values: Vec<Value> = series.iter().map(|(_, v)| *v).collect();
        let is_as_of_day = self.one_basis(&mut values, common, place);
        Some((common, values, is_as_of_day))
    }
}
