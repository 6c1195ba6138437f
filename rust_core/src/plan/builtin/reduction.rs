//! Functions of all members' values in one session, with one value for the market.

use super::{Becomes, Builtin, Page, signature};
use crate::plan::node::Reduction;
use crate::signature::{Accepts, Kind, Param, UnitRule, output, series};
use crate::units::Unit;

const fn builtin(becomes: Reduction, page: Page) -> Builtin {
    Builtin {
        signature: signature(Kind::Reduction, "cross-section", page),
        becomes: Becomes::Reduction(becomes),
        is_variadic: false,
    }
}

const VALUE: Param = series("value", Accepts::Series, "the members' values");
const CONDITION: Param = series("condition", Accepts::BooleanSeries, "what to ask of each member");
const MEMBERS: &str = "Members without a bar, without a value or outside `universe.where` do not count; missing when \
                       nobody counts.";

pub static ALL: &[Builtin] = &[
    builtin(
        Reduction::Breadth,
        Page {
            name: "breadth",
            summary: "The share of members for whom the condition holds, a ratio.",
            params: &[CONDITION],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "0 to 1")],
            formula: "members with true / members with true or false",
            edge_cases: MEMBERS,
            source: "Textbook definition of market breadth.",
        },
    ),
    builtin(
        Reduction::Mean,
        Page {
            name: "cs_mean",
            summary: "The members' mean, in their unit.",
            params: &[VALUE],
            outputs: &[output(UnitRule::Same, "the mean")],
            formula: "sum(x) / n",
            edge_cases: MEMBERS,
            source: "Textbook definition.",
        },
    ),
    builtin(
        Reduction::Median,
        Page {
            name: "cs_median",
            summary: "The members' median, in their unit.",
            params: &[VALUE],
            outputs: &[output(UnitRule::Same, "the median")],
            formula: "the middle value, or the mean of the two in the middle",
            edge_cases: MEMBERS,
            source: "Textbook definition.",
        },
    ),
    builtin(
        Reduction::Sum,
        Page {
            name: "cs_sum",
            summary: "The members' sum, in their unit.",
            params: &[VALUE],
            outputs: &[output(UnitRule::Same, "the sum")],
            formula: "sum(x), in the order of symbol names",
            edge_cases: MEMBERS,
            source: "Textbook definition.",
        },
    ),
    builtin(
        Reduction::CountTrue,
        Page {
            name: "count_members",
            summary: "How many members the condition holds for.",
            params: &[CONDITION],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "0 to the number of members")],
            formula: "members with true",
            edge_cases: "Members for whom the condition is missing do not count.",
            source: "Textbook definition.",
        },
    ),
];
