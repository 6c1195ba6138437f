//! Functions of one bar's values.

use super::{Becomes, Builtin, Page, signature};
use crate::plan::node::Elementwise;
use crate::signature::{Accepts, Kind, UnitRule, output, series};
use crate::units::Unit;

const fn builtin(becomes: Elementwise, is_variadic: bool, page: Page) -> Builtin {
    Builtin {
        signature: signature(Kind::Elementwise, "arithmetic", page),
        becomes: Becomes::Elementwise(becomes),
        is_variadic,
    }
}

pub static ALL: &[Builtin] = &[
    builtin(
        Elementwise::If,
        false,
        Page {
            name: "if",
            summary: "`then` where the condition holds, else `otherwise`, in their common unit.",
            params: &[
                series("condition", Accepts::BooleanSeries, "what decides"),
                series("then", Accepts::Series, "the value where it is true; a number or a condition"),
                series("otherwise", Accepts::SameSeries, "the value where it is false, of the same kind"),
            ],
            outputs: &[output(UnitRule::Same, "the chosen value")],
            formula: "condition ? then : otherwise",
            edge_cases: "Missing where the condition is missing, and where the chosen value is.",
            source: "Kleene's strong three-valued logic (1952).",
        },
    ),
    builtin(
        Elementwise::Clip,
        false,
        Page {
            name: "clip",
            summary: "The value held between two bounds, in their common unit.",
            params: &[
                series("value", Accepts::Series, "what to hold"),
                series("low", Accepts::SameSeries, "the smallest result"),
                series("high", Accepts::SameSeries, "the largest result"),
            ],
            outputs: &[output(UnitRule::Same, "the held value")],
            formula: "min(max(value, low), high)",
            edge_cases: "Missing when any of the three is missing or the bounds cross.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Abs,
        false,
        Page {
            name: "abs",
            summary: "The size of the value without its sign, in its unit.",
            params: &[series("value", Accepts::Series, "any number")],
            outputs: &[output(UnitRule::Same, "the size")],
            formula: "|x|",
            edge_cases: "Missing stays missing.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Log,
        false,
        Page {
            name: "log",
            summary: "The natural logarithm of a dimensionless value.",
            params: &[series("value", Accepts::PlainSeries, "a ratio above 0")],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the logarithm")],
            formula: "ln(x)",
            edge_cases: "Missing for 0 and below. A price has no logarithm: write log(close / lag(close, 1)).",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Exp,
        false,
        Page {
            name: "exp",
            summary: "e raised to a dimensionless value.",
            params: &[series("value", Accepts::PlainSeries, "the exponent")],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the power")],
            formula: "e^x",
            edge_cases: "Missing where the result is too large for a double.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Sqrt,
        false,
        Page {
            name: "sqrt",
            summary: "The square root; a squared unit is halved, a ratio stays one.",
            params: &[series("value", Accepts::Series, "0 or more, of even degree")],
            outputs: &[output(UnitRule::Same, "the root")],
            formula: "x^(1/2)",
            edge_cases: "Missing below 0. The root of a plain price has no unit and is an error.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Sign,
        false,
        Page {
            name: "sign",
            summary: "-1, 0 or 1 as the value is negative, zero or positive.",
            params: &[series("value", Accepts::Series, "any number")],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "the sign")],
            formula: "x / |x|, 0 for 0",
            edge_cases: "Missing stays missing.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Min,
        true,
        Page {
            name: "min",
            summary: "The smallest of two or more values of this bar, in their common unit.",
            params: &[
                series("a", Accepts::Series, "one value"),
                series("b", Accepts::SameSeries, "another; more may follow"),
            ],
            outputs: &[output(UnitRule::Same, "the smallest")],
            formula: "min(a, b, ...)",
            edge_cases: "Missing when any is missing. Over past bars: lowest.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Max,
        true,
        Page {
            name: "max",
            summary: "The largest of two or more values of this bar, in their common unit.",
            params: &[
                series("a", Accepts::Series, "one value"),
                series("b", Accepts::SameSeries, "another; more may follow"),
            ],
            outputs: &[output(UnitRule::Same, "the largest")],
            formula: "max(a, b, ...)",
            edge_cases: "Missing when any is missing. Over past bars: highest.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        Elementwise::Coalesce,
        true,
        Page {
            name: "coalesce",
            summary: "The first of the values that is known, in their common unit.",
            params: &[
                series("value", Accepts::Series, "the first choice; a number or a condition"),
                series("otherwise", Accepts::SameSeries, "what stands in for it; more may follow"),
            ],
            outputs: &[output(UnitRule::Same, "the first known value")],
            formula: "value where known, else otherwise",
            edge_cases: "Missing when all are missing.",
            source: "SQL COALESCE.",
        },
    ),
    builtin(
        Elementwise::IsMissing,
        false,
        Page {
            name: "is_missing",
            summary: "Whether the value is unknown on this bar.",
            params: &[series("value", Accepts::Series, "any number or condition")],
            outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true or false")],
            formula: "x is missing",
            edge_cases: "Never missing itself.",
            source: "SQL IS NULL.",
        },
    ),
];
