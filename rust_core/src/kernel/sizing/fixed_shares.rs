//! The same number of shares in every trade.

use super::MethodDoc;

pub const DOC: MethodDoc = MethodDoc {
    name: "fixed_shares",
    summary: "Every trade has `shares` shares, whatever the price and the equity.",
    formula: "quantity = shares",
    inputs: "shares",
    edge_cases: "Equity plays no part; cash, reserve and leverage limits end the buying.",
    source: "The convention of most backtesting libraries' examples",
};
