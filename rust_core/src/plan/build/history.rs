//! Functions that look back, and what may not enter them.
//!
//! Past values are kept on the basis of the first bar and restated by one factor at the end. A value that has met an
//! absolute price cannot be restated, so it may not be looked back at. Crossing an absolute number is the one
//! question that can be asked otherwise: the lagged price is restated first, then compared.

use super::function::Machine;
use super::{Builder, Place, Value};
use crate::expr::Problem;
use crate::expr::code::Code;
use crate::expr::syntax::Expr;
use crate::indicators;
use crate::logic::{Comparison, Elementwise};
use crate::plan::node::{Op, Scope};
use crate::signature::Signature;
use crate::units::Unit;

impl Builder {
    /// Reports an absolute price or volume inside of a function that looks back.
    pub(super) fn absolute_in_history(&mut self, argument: &Expr, function: &str, place: Place<'_>) {
        let text = argument.to_string();
        let message = format!("`{function}` looks back, and `{argument}` holds on its own day only");
        let mut problem = Problem::new(Code::AbsoluteInHistory, argument.span, message)
            .found(format!("`{argument}`, which has met an absolute price, volume or another symbol's price"))
            .expected("a ratio, or a price that has met no absolute number");
        problem = if text.contains("symbol(") {
            problem.note(format!("Look back inside of the other symbol, as in `symbol(\"SPY\", {function}(close, ...))`, or compare returns, as in `change_ratio(close, 1)`."))
        } else {
            problem.note("A later split restates past prices but not the number. Compare a ratio (`close / sma(close, 200) > 1.1`) or move the number outside (`lowest(close, 20) > 5`).")
        };
        self.report(problem, place);
    }

    /// A time-series function of checked inputs, bar fields first.
    pub(super) fn indicator(
        &mut self,
        machine: Machine,
        series: &[Value],
        unit: Unit,
        text: String,
        context: usize,
    ) -> Value {
        let Machine { function, numbers, output } = machine;
        let mut inputs = Vec::with_capacity(function.reads.len() + series.len());
        for &field in function.reads {
            let unit = crate::plan::names::field_unit(field);
            let name = format!("{field:?}").to_lowercase();
            inputs.push(self.graph.push(Op::Bar(field), vec![], context, Scope::Symbol, unit, name));
        }
        inputs.extend(series.iter().map(|v| v.node));
        let scope = self.graph.widest(&inputs);
        let op = Op::Indicator { function, numbers, output };
        let node = self.graph.push(op, inputs, context, scope, unit, text);
        Value { node, unit, is_as_of_day: false }
    }

    /// `cross_above(close, 50)`: on this day's basis, the price is above now and was not a bar ago.
    pub(super) fn crossing_of_a_number(
        &mut self,
        function: &Signature,
        (left, a): (&Expr, Value),
        (right, b): (&Expr, Value),
        expr: &Expr,
        place: Place<'_>,
    ) -> Option<Value> {
        let (now, before) = match function.name {
            "cross_above" => (Comparison::Greater, Comparison::LessEqual),
            _ => (Comparison::Less, Comparison::GreaterEqual),
        };
        let (earlier_a, earlier_b) = (self.lagged(a, place)?, self.lagged(b, place)?);
        let text = |operator: &str| format!("{left} {operator} {right}");
        let is_now = self.compare((left, a), now, (right, b), text(crate::expr::print::comparison(now)), place)?;
        let was_text = format!("lag({left}, 1) {} {right}", crate::expr::print::comparison(before));
        let was_not = self.compare((left, earlier_a), before, (right, earlier_b), was_text, place)?;
        let op = Op::Elementwise(Elementwise::And);
        Some(self.pointwise(op, &[is_now, was_not], Unit::Boolean, true, expr, place))
    }

    /// The value one bar ago; a constant is the same then.
    fn lagged(&mut self, value: Value, place: Place<'_>) -> Option<Value> {
        if self.constant(value).is_some() {
            return Some(value);
        }
        let function = &indicators::find("lag")?.signature;
        let text = format!("lag({}, 1)", self.graph.nodes.get(value.node).map_or("", |n| n.text.as_str()));
        Some(self.indicator(
            Machine { function, numbers: vec![1.0], output: 0 },
            &[value],
            value.unit,
            text,
            place.context,
        ))
    }
}
