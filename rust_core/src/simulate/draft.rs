//! One signal as an order before its verdict: how much, on what reference, of what type.

use crate::kernel::protection::Protection;
use crate::kernel::router::Intent;
use crate::kernel::sizing::{KellyStats, SizingInputs, size};
use crate::kernel::{Order, Reason};
use crate::plan::SizingMethod;
use crate::simulate::conventions::SizingOn;
use crate::simulate::queue::{Candidate, Signal};
use crate::simulate::run::Run;
use crate::simulate::sizer::{Sizer, inputs_of};
use crate::units::{Price, Shares, Side};

/// LEAN's least order, as a part of equity, in margin at a leverage of two.
const LEAST_MARGIN: f64 = 0.001;

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
    pub(super) fn draft(&self, now: usize, signal: &Signal) -> Option<Draft> {
        match *signal {
            Signal::Exit { symbol, quantity, reason } => self.draft_exit(now, symbol, quantity, reason),
            Signal::Enter(candidate) => self.draft_entry(now, candidate),
            Signal::Add { symbol, side, quantity, weight } => {
                self.draft_addition(now, symbol, side, quantity, (Reason::Rebalance, weight.abs()))
            }
            Signal::ScaleIn { symbol, side, quantity, priority } => {
                self.draft_addition(now, symbol, side, quantity, (Reason::ScaleIn, priority))
            }
        }
    }

    /// What is added is a lot of its own, with the protection that the rules declare at this close.
    #[inline(never)]
    fn draft_addition(
        &self,
        now: usize,
        symbol: usize,
        side: Side,
        quantity: Shares,
        (reason, priority): (Reason, f64),
    ) -> Option<Draft> {
        let protection = self.protection(symbol, self.market.bar_at(symbol, now)?, now)?;
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority };
        self.route(now, &intent, protection.as_ref())
    }

    fn draft_exit(&self, now: usize, symbol: usize, quantity: Shares, reason: Reason) -> Option<Draft> {
        let side = Side::of(self.state.account.positions[symbol].quantity).opposite();
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: false, reason, priority: 0.0 };
        self.route(now, &intent, None)
    }

    /// What is declared for the lot that an entry at this bar opens; `None` where that is missing.
    fn protection(&self, symbol: usize, bar: usize, now: usize) -> Option<Option<Protection>> {
        if self.levels.are_declared() { self.levels.protection(symbol, bar, now).map(Some) } else { Some(None) }
    }

    fn route(&self, now: usize, intent: &Intent, protection: Option<&Protection>) -> Option<Draft> {
        if intent.quantity.0 <= 0 {
            return None;
        }
        let close = self.market.close(intent.symbol, now)?;
        if self.setup.conventions.sizing == SizingOn::FreePortfolio && self.is_too_small(intent, close) {
            return None;
        }
        let reference = self.sizer().reference(close);
        let order = self.router.route(intent, close, self.market.ns(now), self.market.next_session(now));
        let mut draft = Draft { order, reference, stop: None, close };
        if let Some(protection) = protection {
            let level = protection.stop_level(intent.side == Side::Buy, reference, reference);
            (draft.order.protection, draft.stop) = (*protection, level.map(|(price, _)| price));
        }
        Some(draft)
    }

    fn draft_entry(&self, now: usize, candidate: Candidate) -> Option<Draft> {
        let Candidate { symbol, side, priority } = candidate;
        let bar = self.market.bar_at(symbol, now)?;
        let sizer = self.sizer();
        let reference = sizer.reference(self.market.close(symbol, now)?);
        let protection = self.protection(symbol, bar, now)?;
        let quantity = match &sizer.sizing.method {
            SizingMethod::FixedShares { shares: count } => sizer.entry_of(*count, reference),
            method => {
                let inputs = self.sizing_inputs(symbol, bar, now, side, reference, protection.as_ref());
                sizer.entry(size(method, &inputs), reference)
            }
        };
        let reason = if side == Side::Buy { Reason::EntryLong } else { Reason::EntryShort };
        let intent = Intent { strategy: 0, symbol, side, quantity, opens: true, reason, priority };
        self.route(now, &intent, protection.as_ref())
    }

    #[inline(never)]
    fn sizing_inputs(
        &self,
        symbol: usize,
        bar: usize,
        now: usize,
        side: Side,
        reference: Price,
        protection: Option<&Protection>,
    ) -> SizingInputs {
        let method = &self.sizing().method;
        let plain = inputs_of(self.plan);
        if matches!(method, SizingMethod::EqualWeight | SizingMethod::FixedFraction { .. }) {
            return plain;
        }
        let stop = protection.and_then(|declared| declared.stop_level(side == Side::Buy, reference, reference));
        let volatility = self.rules.volatility.as_ref().map(|root| root.value(symbol, bar, now));
        let is_kelly = matches!(method, SizingMethod::HalfKelly { .. });
        SizingInputs {
            stop_distance_frac: stop.map(|(stop, _)| (reference - stop).0.abs() as f64 / reference.0 as f64),
            volatility,
            inverse_volatility_share: volatility.map(|volatility| 1.0 / volatility / self.inverse_sum),
            risk_parity_share: self.parity_share(symbol),
            kelly: if is_kelly { self.closed.stats() } else { KellyStats::default() },
            ..plain
        }
    }

    /// What turns weights into shares at this close.
    #[inline]
    pub(super) fn sizer(&self) -> Sizer<'_> {
        Sizer { setup: &self.setup, sizing: self.sizing(), fractional: self.state.fractional, equity: self.equity() }
    }

    /// Whether an order toward a target is below the least margin that is worth an order.
    #[inline(never)]
    fn is_too_small(&self, intent: &Intent, close: Price) -> bool {
        let held = self.state.account.positions[intent.symbol].quantity.abs();
        let is_toward = intent.opens || (intent.reason == Reason::Rebalance && intent.quantity < held);
        let margin = close.times(intent.quantity).to_f64() / 2.0;
        is_toward && margin < LEAST_MARGIN * self.equity().to_f64()
    }
}
