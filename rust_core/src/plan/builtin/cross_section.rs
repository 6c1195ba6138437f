//! Functions of all members' values in one session, with one value per member.

use super::{Becomes, Builtin, Page, signature};
use crate::plan::node::CrossSection;
use crate::signature::{Accepts, Kind, Param, UnitRule, number, optional_series, output, required_length, series};
use crate::units::Unit;

const fn builtin(becomes: CrossSection, page: Page) -> Builtin {
    Builtin {
        signature: signature(Kind::CrossSection, "cross-section", page),
        becomes: Becomes::CrossSection(becomes),
        is_variadic: false,
    }
}

const VALUE: Param = series("value", Accepts::Series, "what to compare between members");
const MASK: Param = optional_series("mask", Accepts::BooleanSeries, "who counts; others have no value");
const BY: Param = optional_series("by", Accepts::GroupSeries, "compare within each group, such as `sector`");
const MEMBERS: &str = "Members are the symbols that pass `universe.where` with a bar and a value in this session; \
                       others are missing.";

pub static ALL: &[Builtin] = &[
    builtin(
        CrossSection::Rank,
        Page {
            name: "rank",
            summary: "The place among the members: 1 is the largest.",
            params: &[VALUE, MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "1 to the number of members")],
            formula: "1 + members with a larger value",
            edge_cases: "Ties go by symbol name. Members are the symbols that pass `universe.where` with a bar and a value \
                     in this session; others are missing.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        CrossSection::Percentile,
        Page {
            name: "percentile",
            summary: "The place among the members as a ratio from 0 (smallest) to 1 (largest).",
            params: &[VALUE, MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "0 to 1")],
            formula: "(members - rank) / (members - 1)",
            edge_cases: "Ties go by symbol name; 0.5 for a single member.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        CrossSection::ZScore,
        Page {
            name: "cs_zscore",
            summary: "How many standard deviations the value lies from the members' mean.",
            params: &[VALUE, MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Ratio), "deviations")],
            formula: "(x - mean) / sqrt(sum((x - mean)^2) / n)",
            edge_cases: "Missing where all members are equal. Against a symbol's own past: zscore.",
            source: "Textbook definition; population deviation.",
        },
    ),
    builtin(
        CrossSection::Demean,
        Page {
            name: "demean",
            summary: "The value less the members' mean, as a difference.",
            params: &[VALUE, MASK, BY],
            outputs: &[output(UnitRule::Difference, "the difference")],
            formula: "x - mean",
            edge_cases: MEMBERS,
            source: "Textbook definition.",
        },
    ),
    builtin(
        CrossSection::Winsorize,
        Page {
            name: "winsorize",
            summary: "The value held between the members' quantiles at both tails, in its unit.",
            params: &[VALUE, number("fraction", 0.05, 0.0, 0.5, "the share of each tail, such as 5%"), MASK, BY],
            outputs: &[output(UnitRule::Same, "the held value")],
            formula: "clip(x, quantile(fraction), quantile(1 - fraction))",
            edge_cases: MEMBERS,
            source: "Named after C. P. Winsor; J. W. Tukey, The Future of Data Analysis (1962).",
        },
    ),
    builtin(
        CrossSection::Quantile,
        Page {
            name: "cs_quantile",
            summary: "The value below which a fraction of the members lies, in their unit; the same for each of a group.",
            params: &[VALUE, number("fraction", 0.5, 0.0, 1.0, "0 is the smallest, 0.5 the median"), MASK, BY],
            outputs: &[output(UnitRule::Same, "the quantile")],
            formula: "linear between order statistics at fraction * (n - 1)",
            edge_cases: "Of a symbol's own past: quantile.",
            source: "R. J. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages (1996), definition 7.",
        },
    ),
    builtin(
        CrossSection::Bucket,
        Page {
            name: "bucket",
            summary: "Which of n equally large groups the member is in, 1 the smallest values.",
            params: &[VALUE, required_length("n", 2, 1000, "how many buckets"), MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Count), "1 to n")],
            formula: "1 + floor(n * ascending place from 0 / members)",
            edge_cases: "Ties go by symbol name; with fewer members than buckets some are empty.",
            source: "Textbook definition; deciles with n = 10.",
        },
    ),
    builtin(
        CrossSection::Top,
        Page {
            name: "top",
            summary: "Whether the member is among the n with the largest values.",
            params: &[VALUE, required_length("n", 1, 5000, "how many"), MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
            formula: "rank(value) <= n",
            edge_cases: "Ties go by symbol name; with `by`, n of each group.",
            source: "Textbook definition.",
        },
    ),
    builtin(
        CrossSection::Bottom,
        Page {
            name: "bottom",
            summary: "Whether the member is among the n with the smallest values.",
            params: &[VALUE, required_length("n", 1, 5000, "how many"), MASK, BY],
            outputs: &[output(UnitRule::Fixed(Unit::Boolean), "true, false or missing")],
            formula: "ascending place <= n",
            edge_cases: "Ties go by symbol name; with `by`, n of each group.",
            source: "Textbook definition.",
        },
    ),
];
