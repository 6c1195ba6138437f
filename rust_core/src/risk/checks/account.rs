//! The account's figures are known: equity above zero, and a price for everything held or about to be.

use super::{Case, Finding};
use crate::risk::verdict::Code;

pub fn check(case: &Case) -> Finding {
    if case.view.equity.0 <= 0 {
        return Finding::Deny { code: Code::NoEquity, limit: 0.0, value: case.view.equity.to_f64() };
    }
    match case.exposure.mark_missing {
        true => Finding::Deny { code: Code::MarkMissing, limit: 0.0, value: 0.0 },
        false => Finding::Pass,
    }
}
