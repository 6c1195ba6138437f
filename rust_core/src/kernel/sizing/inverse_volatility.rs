//! Calm members get more of equity, wild ones less.

use super::MethodDoc;

pub const DOC: MethodDoc = MethodDoc {
    name: "inverse_volatility",
    summary: "Equity is shared out in proportion to 1 / volatility.",
    formula: "weight = (1 / v) / sum of (1 / v) over the candidates and holdings of the decision, where v = sample \
              deviation of the close-to-close changes of the last `lookback` bars",
    inputs: "lookback",
    edge_cases: "A member of unknown or zero volatility gets a weight of 0 and does not count in the sum. Holdings are \
                 not resized when the sum changes.",
    source: "R. Leote de Carvalho, X. Lu, P. Moulin, Demystifying Equity Risk-Based Strategies, Journal of Portfolio \
             Management 38 (2012)",
};
