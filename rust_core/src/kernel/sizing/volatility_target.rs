//! Every position contributes the same volatility.

use super::{MethodDoc, SizingInputs, positive, slot};

pub const DOC: MethodDoc = MethodDoc {
    name: "volatility_target",
    summary: "Every position is scaled so that n of them, moving as one, would have the annual volatility `target`.",
    formula: "weight = target / volatility / n, where volatility = sample deviation of the close-to-close changes of \
              the last `lookback` bars x sqrt(252), and n is `max_positions`, or the number of members without it",
    inputs: "target, lookback, max_positions",
    edge_cases: "Unknown or zero volatility gives a weight of 0. Correlations below 1 leave the portfolio under the target.",
    source: "A. Moreira, T. Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017); without its correlations",
};

pub fn weight(target: f64, inputs: &SizingInputs) -> Option<f64> {
    Some(target / positive(inputs.volatility)? * slot(inputs)?)
}
