//! The same fraction of equity for every position.

use super::MethodDoc;

pub const DOC: MethodDoc = MethodDoc {
    name: "fixed_fraction",
    summary: "Every position gets `fraction` of equity.",
    formula: "weight = fraction",
    inputs: "fraction",
    edge_cases: "The number of positions does not matter; cash, reserve and leverage limits end the buying.",
    source: "R. Vince, Portfolio Management Formulas (1990), fixed fractional trading",
};
