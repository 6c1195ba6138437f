//! One limit per file. A check sees one case and answers for that limit alone; it never weighs another one.
//!
//! Conditions are written as "not within", so that a NaN or a missing value is outside every limit.

use super::exposure::Exposure;
use super::inputs::Waived;
use super::policy::Policy;
use super::verdict::Code;
use super::{AccountView, Candidate};
use crate::units::Shares;

pub mod account;
pub mod autonomy;
pub mod cash_account;
pub mod cash_reserve;
pub mod daily_loss;
pub mod dead_man;
pub mod drawdown;
pub mod drift;
pub mod exit_size;
pub mod intraday_margin;
pub mod kill_switch;
pub mod legacy_pdt;
pub mod max_daily_trades;
pub mod max_position;
pub mod max_positions;
pub mod max_sector;
pub mod min_price;
pub mod no_leverage;
pub mod order;
pub mod smallest;
pub mod stale_data;
pub mod stop_loss;
pub mod vix;

pub(super) mod room;

#[cfg(test)]
pub(super) mod setting;

/// What a check is asked about.
pub(super) struct Case<'a> {
    pub policy: &'a Policy,
    pub waived: &'a Waived,
    pub view: &'a AccountView<'a>,
    pub order: &'a Candidate,
    /// The part of the order that opens or adds.
    pub adds: Shares,
    pub exposure: Exposure,
}

/// What a check answers. `limit` and `value` are in the code's measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Finding {
    Pass,
    Deny {
        code: Code,
        limit: f64,
        value: f64,
    },
    /// At most `adds` may be added.
    Cap {
        code: Code,
        limit: f64,
        value: f64,
        adds: Shares,
    },
    /// A person must say yes.
    Ask {
        code: Code,
    },
}

pub(super) type Check = fn(&Case) -> Finding;

impl Case<'_> {
    /// The smallest tradable step; one share where the order does not say.
    pub fn lot(&self) -> Shares {
        if self.order.lot.0 > 0 { self.order.lot } else { Shares::ONE }
    }

    /// A quantity rounded down to what can be traded.
    pub fn whole_lots(&self, quantity: Shares) -> Shares {
        let lot = self.lot().0;
        Shares(quantity.0.max(0) / lot * lot)
    }
}

/// Denies unless `value` is known and at most `limit`.
pub(super) fn at_most(code: Code, limit: f64, value: Option<f64>) -> Finding {
    match value {
        Some(value) if value <= limit => Finding::Pass,
        _ => Finding::Deny { code, limit, value: value.unwrap_or(f64::NAN) },
    }
}
