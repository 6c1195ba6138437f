//! Arithmetic and comparison: units that go together, percentages in their neighbour's scale, one common basis.

use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::literal::shifted;
use crate::expr::nearest::nearest;
use crate::expr::print;
use crate::expr::syntax::{Expr, Node};
use crate::logic::{Arithmetic, Comparison, Elementwise};
use crate::plan::node::Op;
use crate::units::{PriceKind, Unit};

impl Builder {
    pub(super) fn negate(&mut self, inner: &Expr, expr: &Expr, place: Place<'_>) -> Option<Value> {
        let value = self.numeric(inner, place)?;
        let op = Op::Elementwise(Elementwise::Negate);
        Some(self.pointwise(op, &[value], dimension::loosen(value.unit), value.is_as_of_day, expr, place))
    }

    pub(super) fn arithmetic(
        &mut self,
        operation: Arithmetic,
        left: &Expr,
        right: &Expr,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let (a, b) = (self.numeric(left, place), self.numeric(right, place));
        let (a, b) = (a?, b?);
        let unit = match operation {
            Arithmetic::Add => dimension::add(a.unit, b.unit),
            Arithmetic::Subtract => dimension::subtract(a.unit, b.unit),
            Arithmetic::Remainder => dimension::unify(a.unit, b.unit),
            Arithmetic::Multiply => self.product(a, b),
            Arithmetic::Divide => self.quotient(a, b),
            Arithmetic::Power => return self.power(a, b, (left, right), expr, place),
        };
        let Some(unit) = unit else {
            self.mismatch((left, a.unit), (right, b.unit), &format!("`{}`", print::arithmetic(operation)), place);
            return None;
        };
        let mut values = [a, b];
        let is_as_of_day = if matches!(operation, Arithmetic::Multiply | Arithmetic::Divide) {
            self.one_basis_of_factors(&mut values, place)
        } else {
            let common = dimension::unify(a.unit, b.unit).unwrap_or(unit);
            self.one_basis(&mut values, common, place)
        };
        Some(self.pointwise(Op::Arithmetic(operation), &values, unit, is_as_of_day, expr, place))
    }

    /// A ratio times the constant 100 is in percent-points.
    fn product(&self, a: Value, b: Value) -> Option<Unit> {
        let hundred = |value: Value| value.unit == Unit::Number && self.constant(value) == Some(100.0);
        if (a.unit == Unit::Ratio && hundred(b)) || (b.unit == Unit::Ratio && hundred(a)) {
            return Some(Unit::PercentPoints);
        }
        dimension::multiply(a.unit, b.unit)
    }

    /// Percent-points over the constant 100 are a ratio; a count over a number is one too.
    fn quotient(&self, a: Value, b: Value) -> Option<Unit> {
        if a.unit == Unit::PercentPoints && b.unit == Unit::Number && self.constant(b) == Some(100.0) {
            return Some(Unit::Ratio);
        }
        dimension::divide(a.unit, b.unit)
    }

    fn power(&mut self, a: Value, b: Value, parts: (&Expr, &Expr), expr: &Expr, place: Place<'_>) -> Option<Value> {
        let (base, exponent) = parts;
        let unit = match (a.unit, self.constant(b)) {
            _ if !dimension::is_plain(b.unit) => None,
            (Unit::Scaled { .. }, Some(constant)) => dimension::power(a.unit, constant),
            (Unit::Scaled { .. }, None) => None,
            (unit, _) => dimension::power(unit, 1.0),
        };
        let Some(mut unit) = unit else {
            let problem = Problem::new(Code::BadPower, expr.span, format!("`{expr}` has no unit"))
                .found(format!("{} to the power of {}", describe(a.unit), describe(b.unit)))
                .expected("a ratio, or a whole power known at compile time")
                .note(format!("`{base}` is {}, `{exponent}` is {}.", describe(a.unit), describe(b.unit)));
            self.report(problem, place);
            return None;
        };
        if unit == Unit::Number && b.unit != Unit::Number {
            unit = Unit::Ratio;
        }
        let is_as_of_day = a.is_as_of_day || b.is_as_of_day;
        Some(self.pointwise(Op::Arithmetic(Arithmetic::Power), &[a, b], unit, is_as_of_day, expr, place))
    }

    /// `a < b <= c` holds when each comparison does.
    pub(super) fn comparisons(
        &mut self,
        first: &Expr,
        rest: &[(Comparison, Expr)],
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        if let [(comparison, second)] = rest
            && let (Node::Text(_), _) | (_, Node::Text(_)) = (&first.node, &second.node)
        {
            return self.compare_label(first, *comparison, second, expr, place);
        }
        let mut operands = vec![(first, self.lower(first, place))];
        for (_, operand) in rest {
            operands.push((operand, self.lower(operand, place)));
        }
        let mut all: Option<Value> = None;
        let mut is_broken = false;
        for (pair, (comparison, _)) in operands.windows(2).zip(rest) {
            let [(left, Some(a)), (right, Some(b))] = pair else {
                is_broken = true;
                continue;
            };
            let text = format!("{left} {} {right}", print::comparison(*comparison));
            let Some(one) = self.compare((left, *a), *comparison, (right, *b), text, place) else {
                is_broken = true;
                continue;
            };
            all = Some(match all {
                None => one,
                Some(before) => {
                    let is_as_of_day = before.is_as_of_day || one.is_as_of_day;
                    let op = Op::Elementwise(Elementwise::And);
                    self.pointwise(op, &[before, one], Unit::Boolean, is_as_of_day, expr, place)
                }
            });
        }
        all.filter(|_| !is_broken)
    }

    /// One comparison of two values.
    pub(super) fn compare(
        &mut self,
        (left, a): (&Expr, Value),
        comparison: Comparison,
        (right, b): (&Expr, Value),
        text: String,
        place: Place<'_>,
    ) -> Option<Value> {
        let is_ordering = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let operator = format!("`{}`", print::comparison(comparison));
        let common = dimension::unify(a.unit, b.unit).filter(|unit| dimension::is_numeric(*unit) || !is_ordering);
        let Some(common) = common else {
            self.mismatch((left, a.unit), (right, b.unit), &operator, place);
            return None;
        };
        let mut values = [a, b];
        let is_as_of_day = self.one_basis(&mut values, common, place);
        let inputs = values.iter().map(|v| v.node).collect();
        let node = self.graph.pointwise(Op::Compare(comparison), inputs, place.context, Unit::Boolean, text);
        Some(Value { node, unit: Unit::Boolean, is_as_of_day })
    }

    /// `sector == "tech"`.
    fn compare_label(
        &mut self,
        first: &Expr,
        comparison: Comparison,
        second: &Expr,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let (other, text, span) = match (&first.node, &second.node) {
            (_, Node::Text(text)) => (first, text, second.span),
            (Node::Text(text), _) => (second, text, first.span),
            _ => return None,
        };
        let label = self.lower(other, place)?;
        if label.unit != Unit::Group || !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            let problem = Problem::new(Code::WrongType, expr.span, "a text can only be compared with a label")
                .found(format!("{} and a text", describe(label.unit)))
                .expected("`sector == \"...\"` or `sector != \"...\"`");
            self.report(problem, place);
            return None;
        }
        let Ok(index) = self.groups.binary_search(text) else {
            let problem = Problem::new(Code::UnknownSector, span, format!("no symbol is in the sector \"{text}\""))
                .found(format!("\"{text}\""))
                .expected(if self.groups.is_empty() { "declared sectors".into() } else { self.groups.join(", ") })
                .suggest_if(nearest(text, self.groups.iter().map(String::as_str)).map(|n| format!("\"{n}\"")));
            self.report(problem, place);
            return None;
        };
        let wanted = self.number(index as f64, Unit::Group, place.context);
        Some(self.pointwise(Op::Compare(comparison), &[label, wanted], Unit::Boolean, false, expr, place))
    }

    /// Brings values of one unit to one scale and one basis; whether the result is as of its day.
    pub(super) fn one_basis(&mut self, values: &mut [Value], common: Unit, place: Place<'_>) -> bool {
        if common.degrees() == (0, 0) {
            for value in values.iter_mut() {
                *value = self.in_scale_of(*value, common, place);
            }
            return values.iter().any(|v| v.is_as_of_day);
        }
        let is_absolute = values.iter().any(|v| v.is_as_of_day || self.is_absolute_number(*v));
        if is_absolute {
            for value in values.iter_mut() {
                *value = self.as_of_day(*value, place.context);
            }
        }
        is_absolute
    }

    /// A bare number beside prices means dollars of its own day. Zero is the same on every basis.
    pub(super) fn is_absolute_number(&self, value: Value) -> bool {
        value.unit == Unit::Number && self.constant(value) != Some(0.0)
    }

    /// Factors need one basis only when one of them is bound to its day.
    pub(super) fn one_basis_of_factors(&mut self, values: &mut [Value], place: Place<'_>) -> bool {
        let is_absolute = values.iter().any(|v| v.is_as_of_day);
        if is_absolute {
            for value in values.iter_mut() {
                *value = self.as_of_day(*value, place.context);
            }
        }
        is_absolute
    }

    /// A percentage beside percent-points counts in hundredths: `5%` is 5.
    pub(super) fn in_scale_of(&mut self, value: Value, common: Unit, place: Place<'_>) -> Value {
        if value.unit != Unit::Percent || common != Unit::PercentPoints {
            return value;
        }
        if let Some(constant) = self.constant(value) {
            return self.number(shifted(constant, 2), common, place.context);
        }
        let hundred = self.number(100.0, Unit::Number, place.context);
        let text = format!("100 * ({})", self.graph.nodes.get(value.node).map_or("", |n| n.text.as_str()));
        let inputs = vec![value.node, hundred.node];
        let node = self.graph.pointwise(Op::Arithmetic(Arithmetic::Multiply), inputs, place.context, common, text);
        Value { node, unit: common, ..value }
    }

    /// Reports two values that do not go together, with what was probably meant.
    pub(super) fn mismatch(
        &mut self,
        (left, a): (&Expr, Unit),
        (right, b): (&Expr, Unit),
        operator: &str,
        place: Place<'_>,
    ) {
        let measures = |unit: Unit| dimension::is_numeric(unit) || unit == Unit::Duration;
        let is_typed = measures(a) && measures(b);
        let code = if is_typed { Code::UnitMismatch } else { Code::WrongType };
        let message = format!("{} and {} do not go together", describe(a), describe(b));
        let mut problem = Problem::new(code, left.span.to(right.span), message)
            .found(format!("`{left}` is {}, `{right}` is {}", describe(a), describe(b)))
            .expected(format!("two values of one unit around {operator}"));
        problem = match (a, b) {
            (Unit::Scaled { price: 1, volume: 0, .. }, Unit::Percent) => problem.suggest(format!("{left} * (1 + {right})")),
            (Unit::Percent, Unit::Scaled { price: 1, volume: 0, .. }) => problem.suggest(format!("{left} * {right}")),
            (Unit::Ratio, Unit::PercentPoints) => problem.suggest_if(joined(&hundredfold(left), operator, &grouped(right))),
            (Unit::PercentPoints, Unit::Ratio) => problem.suggest_if(joined(&grouped(left), operator, &hundredfold(right))),
            (Unit::Count, Unit::Percent) | (Unit::Percent, Unit::Count) => {
                problem.note("A count is compared with a plain number; a share of members is `percentile(...)`.")
            }
            (Unit::Scaled { kind: PriceKind::Level, .. }, Unit::Scaled { kind: PriceKind::Distance, .. })
            | (Unit::Scaled { kind: PriceKind::Distance, .. }, Unit::Scaled { kind: PriceKind::Level, .. }) => {
                problem.note("A level is a place (`close`), a difference is a length (`atr(14)`): add the length to a level first, as in `close > open + atr(14)`.")
            }
            (Unit::Duration, other) | (other, Unit::Duration) if dimension::is_numeric(other) => {
                problem.note("Durations are for holding times; bars are counted with plain numbers.")
            }
            _ => problem,
        };
        self.report(problem, place);
    }
}

/// The two sides and the operator between them, where an operator stands there.
fn joined(left: &str, operator: &str, right: &str) -> Option<String> {
    let operator = operator.trim_matches('`');
    let stands_between = operator.chars().all(|c| "<>=!+-".contains(c));
    stands_between.then(|| format!("{left} {operator} {right}"))
}

fn hundredfold(expr: &Expr) -> String {
    format!("100 * {}", grouped(expr))
}

/// The expression as a factor: in parentheses where an operator would reach into it.
fn grouped(expr: &Expr) -> String {
    let is_atom = matches!(expr.node, Node::Name(_) | Node::Literal(_) | Node::Call(_) | Node::Member(..));
    if is_atom { expr.to_string() } else { format!("({expr})") }
}
