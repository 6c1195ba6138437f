//! One bound call to a node, by the kind of the function.

use super::call::Bound;
use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::syntax::{Call, Expr, Span};
use crate::plan::builtin::{Becomes, Builtin};
use crate::plan::node::{CrossSection, Elementwise, Op, Scope};
use crate::signature::{Accepts, Kind, Param, Signature, UnitRule};
use crate::units::{PriceKind, Unit};

/// A cross-section and its settings; mask and group say whether such a value follows the first.
pub(crate) struct Across {
    pub function: CrossSection,
    pub numbers: Vec<f64>,
    pub mask: bool,
    pub group: bool,
}

/// A time-series function, its compile-time numbers and the output that is meant.
pub(super) struct Machine {
    pub function: &'static Signature,
    pub numbers: Vec<f64>,
    pub output: usize,
}

impl Builder {
    /// A function of a symbol's own past.
    pub(super) fn time_series(
        &mut self,
        signature: &'static Signature,
        (call, span): (&Call, Span),
        bound: &Bound<'_>,
        output: Option<usize>,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let inside = Place { allows_position: false, ..place };
        let series = self.series(signature, bound, inside);
        let numbers = self.numbers(signature, bound, inside);
        let (series, numbers, output) = (series?, numbers?, output?);
        if bound.is_broken || self.reports_constant(signature, (call, span), &series, place) {
            return None;
        }
        if matches!(signature.name, "cross_above" | "cross_below")
            && let [a, b] = series.as_slice()
            && let Some(value) = self.crossing(signature, *a, *b, expr, place)
        {
            return value;
        }
        if self.reports_absolute(signature, &series, place) {
            return None;
        }
        let values: Vec<Value> = series.iter().map(|(_, v)| *v).collect();
        let first =
            values.first().map(|v| v.unit).or(signature.reads.first().map(|f| crate::plan::names::field_unit(*f)));
        let rule = signature.outputs.get(output)?.unit;
        let Some(unit) = unit_of(rule, first.unwrap_or(Unit::Ratio), values.get(1).map(|v| v.unit)) else {
            let problem = Problem::new(Code::BadPower, expr.span, format!("`{expr}` has no unit"))
                .found(values.iter().map(|v| describe(v.unit)).collect::<Vec<_>>().join(", "))
                .expected("values whose powers stay small");
            self.report(problem, place);
            return None;
        };
        let machine = Machine { function: signature, numbers, output };
        Some(self.indicator(machine, &values, unit, expr.to_string(), place.context))
    }

    /// Reports a number where the function looks back at a series. One side of a crossing may be a number.
    fn reports_constant(
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
        let number = crate::expr::print::number(self.constant(value).unwrap_or(f64::NAN));
        let found = match crate::expr::literal::of(argument) {
            Some(crate::expr::syntax::Literal::Number(_)) => format!("the number {argument}"),
            Some(_) => format!("the percentage {argument}"),
            None => format!("`{argument}`, which is the number {number}"),
        };
        let (message, suggestion) = if index == 0 {
            (format!("`{}` needs a series first", signature.name), super::call::with_series(signature, call))
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

    /// Reports arguments that are bound to their day: those that say so, else a number beside prices.
    fn reports_absolute(&mut self, signature: &Signature, series: &[(&Expr, Value)], place: Place<'_>) -> bool {
        let mut absolute: Vec<&Expr> = series.iter().filter(|(_, v)| v.is_as_of_day).map(|(e, _)| *e).collect();
        let meets_prices = signature.series().any(|p| p.accepts == Accepts::SameSeries)
            && series.iter().any(|(_, v)| v.unit.degrees() != (0, 0));
        if absolute.is_empty() && meets_prices {
            absolute.extend(series.iter().filter(|(_, v)| self.is_absolute_number(*v)).map(|(e, _)| *e));
        }
        for argument in &absolute {
            self.absolute_in_history(argument, signature.name, place);
        }
        !absolute.is_empty()
    }

    /// A crossing of a price and an absolute number, which is not looked back at; `None` where it is an ordinary one.
    fn crossing(
        &mut self,
        signature: &Signature,
        (left, a): (&Expr, Value),
        (right, b): (&Expr, Value),
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Option<Value>> {
        let has_price = [a, b].iter().any(|v| v.unit.degrees() != (0, 0));
        let has_number = [a, b].iter().any(|v| self.is_absolute_number(*v) && self.constant(*v).is_some());
        let is_homogeneous = [a, b].iter().all(|v| !v.is_as_of_day);
        (has_price && has_number && is_homogeneous)
            .then(|| self.crossing_of_a_number(signature, (left, a), (right, b), expr, place))
    }

    /// Series arguments, checked against what the parameters accept.
    fn series<'e>(
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

    /// A function of one bar, of the universe or of the calendar.
    pub(super) fn builtin(
        &mut self,
        builtin: &'static Builtin,
        bound: &Bound<'_>,
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let signature = &builtin.signature;
        let is_local = matches!(builtin.becomes, Becomes::Elementwise(_));
        if !is_local && !self.in_base_context(signature.name, expr.span, place) {
            return None;
        }
        let inside = Place { allows_position: place.allows_position && is_local, ..place };
        let series = self.series(signature, bound, inside);
        let more: Vec<Option<(&Expr, Value)>> =
            bound.more.iter().map(|e| self.lower(e, inside).map(|v| (*e, v))).collect();
        let numbers = self.numbers(signature, bound, inside);
        let (mut series, numbers) = (series?, numbers?);
        if bound.is_broken {
            return None;
        }
        for argument in more {
            series.push(argument?);
        }
        match builtin.becomes {
            Becomes::Elementwise(function) => self.elementwise(function, &series, expr, place),
            Becomes::CrossSection(function) => {
                let (argument, value) = series.first().copied()?;
                self.per_member(argument, value, signature.name, place)?;
                let given = |name: &str| {
                    signature.params.iter().zip(&bound.given).any(|(p, given)| p.name == name && given.is_some())
                };
                let across = Across { function, numbers, mask: given("mask"), group: given("by") };
                let values: Vec<Value> = series.iter().map(|(_, v)| *v).collect();
                Some(self.across(across, &values, expr.to_string(), place))
            }
            Becomes::Reduction(function) => {
                let (argument, value) = series.first().copied()?;
                self.per_member(argument, value, signature.name, place)?;
                let value = self.as_of_day(value, place.context);
                let unit = unit_of(signature.outputs.first()?.unit, value.unit, None)?;
                let op = Op::Reduction(function);
                let text = expr.to_string();
                let node = self.graph.push(op, vec![value.node], place.context, Scope::Market, unit, text);
                Some(Value { node, unit, is_as_of_day: value.is_as_of_day })
            }
            Becomes::Calendar(function) => {
                let unit = unit_of(signature.outputs.first()?.unit, Unit::Count, None)?;
                let op = Op::Calendar(function);
                let node = self.graph.push(op, vec![], place.context, Scope::Market, unit, expr.to_string());
                Some(Value { node, unit, is_as_of_day: false })
            }
        }
    }

    /// A cross-section of a value, then mask and group where given.
    pub(crate) fn across(&mut self, across: Across, values: &[Value], text: String, place: Place<'_>) -> Value {
        let Across { function, numbers, mask, group } = across;
        let values: Vec<Value> = values.iter().map(|v| self.as_of_day(*v, place.context)).collect();
        let unit = match function {
            CrossSection::Rank | CrossSection::Bucket => Unit::Count,
            CrossSection::Percentile | CrossSection::ZScore => Unit::Ratio,
            CrossSection::Top | CrossSection::Bottom => Unit::Boolean,
            CrossSection::Demean => values.first().map_or(Unit::Ratio, |v| dimension::difference(v.unit)),
            CrossSection::Winsorize | CrossSection::Quantile => values.first().map_or(Unit::Ratio, |v| v.unit),
        };
        let inputs = values.iter().map(|v| v.node).collect();
        let op = Op::CrossSection { function, numbers, mask, group };
        let node = self.graph.push(op, inputs, place.context, Scope::Symbol, unit, text);
        Value { node, unit, is_as_of_day: values.iter().any(|v| v.is_as_of_day) }
    }

    /// Reports a value that all members share.
    pub(crate) fn per_member(&mut self, argument: &Expr, value: Value, function: &str, place: Place<'_>) -> Option<()> {
        if self.scope(value) == Scope::Symbol {
            return Some(());
        }
        let message = format!("`{function}` compares members, and `{argument}` is the same for all");
        let problem = Problem::new(Code::OneForAll, argument.span, message)
            .found(format!("`{argument}`, one value for the market"))
            .expected("a value per member");
        self.report(problem, place);
        None
    }

    fn elementwise(
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

/// The unit of an output from the units of the first two series.
fn unit_of(rule: UnitRule, first: Unit, second: Option<Unit>) -> Option<Unit> {
    match rule {
        UnitRule::Fixed(unit) => Some(unit),
        UnitRule::Same => Some(first),
        UnitRule::Difference => Some(dimension::difference(first)),
        UnitRule::Quotient => dimension::divide(first, second?),
        UnitRule::Square => match first {
            Unit::Scaled { price, volume, .. } => {
                dimension::scaled(2 * i32::from(price), 2 * i32::from(volume), PriceKind::Either)
            }
            other => Some(if other == Unit::Number { other } else { Unit::Ratio }),
        },
    }
}
