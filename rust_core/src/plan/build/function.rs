//! One bound call to a node, by the kind of the function.

use super::call::Bound;
use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::dimension::{self, describe};
use crate::expr::syntax::{Call, Expr, Span};
use crate::plan::builtin::{Becomes, Builtin};
use crate::plan::node::{CrossSection, Op, Scope};
use crate::signature::{Accepts, Signature, UnitRule};
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

    /// Reports arguments that are bound to their day: those that say so, else a number beside prices.
    fn reports_absolute(&mut self, signature: &Signature, series: &[(&Expr, Value)], place: Place<'_>) -> bool {
        let mut absolute = Vec::new();
        absolute.extend(series.iter().filter(|(_, v)| v.is_as_of_day).map(|(e, _)| *e));
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
