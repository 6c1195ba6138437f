//! Equity over the number of positions that may be held at once.

use super::{MethodDoc, SizingInputs, slot};

pub const DOC: MethodDoc = MethodDoc {
    name: "equal_weight",
    summary: "Every position gets the same part of equity.",
    formula: "weight = 1 / n, where n is `max_positions`, or the number of members without it",
    inputs: "max_positions",
    edge_cases: "Slots that stay empty stay in cash.",
    source: "V. DeMiguel, L. Garlappi, R. Uppal, Optimal Versus Naive Diversification, Review of Financial Studies 22 (2009)",
};

pub fn weight(inputs: &SizingInputs) -> Option<f64> {
    slot(inputs)
}
