//! One signal as an order before its verdict: how much, on what reference, of what type.

use crate::kernel::protection::Protection;
use crate::kernel::router::Intent;
use crate::kernel::sizing::{SizingInputs, shares, size};
use crate::kernel::{Order, Reason};
use crate::plan::SizingMethod;
use crate::simulate::queue::{Candidate, Signal};
use crate::simulate::run::Run;
use crate::units::{Price, Shares, Side};

/// An order before its verdict.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub order: Order,
    /// Close times one plus the buffer: what it was sized on.
    pub reference: Price,
    /// Where its stop would stand, were it filled at the reference.
    pub stop: Option<Price>,
    pub close: Price,
}

impl Run<'_> {
    /// Sizes and routes one signal; `None` where nothing is to be ordered.
    pub(super) fn draft(&self, now: usize, signal: Signal) -> Option<Draft> {
        match signal {
            Signal::Exit { symbol, quantity, reason } => self.draft_exit(now, symbol, quantity, reason),
            Signal::Enter(candidate) => self.draft_entry(now, candidate),
            Signal::Add { symbol, side, quantity, weight } => {
                let protection = self.levels.protection(symbol, self.market.bar_at(symbol, now)?, now)?;
                let (reason, priority) = (Reason::Rebalance, weight.abs());
                self.route(
                    now,
                    &Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority, protection },
                )
            }
        }
    }

    fn draft_exit(&self, now: usize, symbol: usize, quantity: Shares, reason: Reason) -> Option<Draft> {
        let is_long = self.state.account.positions[symbol].quantity.0 > 0;
        let side = if is_long { Side::Sell } else { Side::Buy };
        let protection = Protection::default();
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: false, reason, priority: 0.0, protection };
        self.route(now, &intent)
    }

    fn route(&self, now: usize, intent: &Intent) -> Option<Draft> {
        if intent.quantity.0 <= 0 {
            return None;
        }
        let close = self.market.close(intent.symbol, now)?;
        let reference = self.reference(close);
        let order = self.router.route(intent, close, self.market.moment(now).ns, self.market.next_session(now));
        let level = intent.protection.stop_level(intent.side == Side::Buy, reference, reference);
        Some(Draft { order, reference, stop: level.map(|(price, _)| price), close })
    }

    /// The close raised by the buffer: what orders are sized on.
    pub(super) fn reference(&self, close: Price) -> Price {
        close + self.setup.buffer.of_price(close)
    }

    fn draft_entry(&self, now: usize, candidate: Candidate) -> Option<Draft> {
        let Candidate { symbol, side, priority } = candidate;
        let bar = self.market.bar_at(symbol, now)?;
        let reference = self.reference(self.market.close(symbol, now)?);
        let protection = self.levels.protection(symbol, bar, now)?;
        let sizing = self.sizing();
        let quantity = match sizing.method {
            SizingMethod::FixedShares { shares: count } => {
                let count = Shares::from_f64(count).unwrap_or(Shares::ZERO);
                let count = if self.state.fractional { count } else { count.truncated() };
                sizing.max_position_frac.map_or(count, |cap| count.min(self.shares_of(cap, reference)))
            }
            _ => {
                let weight = size(&sizing.method, &self.sizing_inputs(symbol, bar, now, side, reference, &protection));
                self.shares_of(sizing.max_position_frac.map_or(weight, |cap| weight.min(cap)), reference)
            }
        };
        let reason = if side == Side::Buy { Reason::EntryLong } else { Reason::EntryShort };
        self.route(now, &Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority, protection })
    }

    fn sizing_inputs(
        &self,
        symbol: usize,
        bar: usize,
        now: usize,
        side: Side,
        reference: Price,
        protection: &Protection,
    ) -> SizingInputs {
        let stop = protection.stop_level(side == Side::Buy, reference, reference);
        let volatility = self.rules.volatility.as_ref().map(|root| root.value(symbol, bar, now));
        SizingInputs {
            concurrent: self.sizing().max_positions.unwrap_or(self.plan.symbols.len() as u32).max(1),
            stop_distance_frac: stop.map(|(stop, _)| (reference - stop).0.abs() as f64 / reference.0 as f64),
            volatility,
            inverse_volatility_share: volatility.map(|volatility| 1.0 / volatility / self.inverse_sum),
            kelly: self.closed.stats(),
        }
    }

    /// Shares worth that part of equity at a price, the fee per share included; none for a weight that is not above 0.
    pub(super) fn shares_of(&self, weight: f64, reference: Price) -> Shares {
        if weight.is_nan() || weight <= 0.0 {
            return Shares::ZERO;
        }
        let sizing = self.sizing();
        let price = reference + self.setup.commission.per_share_allowance(reference);
        shares(weight, self.equity(), price, self.state.fractional, sizing.round_lot)
    }
}
