//! One signal as an order before its verdict: how much, on what reference, of what type.

use crate::kernel::protection::Protection;
use crate::kernel::router::Intent;
use crate::kernel::sizing::{KellyStats, SizingInputs, shares, size};
use crate::kernel::{Order, Reason};
use crate::plan::SizingMethod;
use crate::simulate::conventions::SizingOn;
use crate::simulate::queue::{Candidate, Signal};
use crate::simulate::run::Run;
use crate::units::{MICRO, Money, Price, Shares, Side};

/// What LEAN invests of a target: all but its free portfolio value.
const INVESTED: f64 = 0.9975;
/// Its least order, as a part of equity, in margin at a leverage of two.
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
        let is_long = self.state.account.positions[symbol].quantity.0 > 0;
        let side = if is_long { Side::Sell } else { Side::Buy };
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
        let reference = self.reference(close);
        let order = self.router.route(intent, close, self.market.ns(now), self.market.next_session(now));
        let mut draft = Draft { order, reference, stop: None, close };
        if let Some(protection) = protection {
            let level = protection.stop_level(intent.side == Side::Buy, reference, reference);
            (draft.order.protection, draft.stop) = (*protection, level.map(|(price, _)| price));
        }
        Some(draft)
    }

    /// The close raised by the buffer: what orders are sized on.
    pub(super) fn reference(&self, close: Price) -> Price {
        close + self.setup.buffer.of_price(close)
    }

    fn draft_entry(&self, now: usize, candidate: Candidate) -> Option<Draft> {
        let Candidate { symbol, side, priority } = candidate;
        let bar = self.market.bar_at(symbol, now)?;
        let reference = self.reference(self.market.close(symbol, now)?);
        let protection = self.protection(symbol, bar, now)?;
        let sizing = self.sizing();
        let quantity = match sizing.method {
            SizingMethod::FixedShares { shares: count } => {
                let count = Shares::from_f64(count).unwrap_or(Shares::ZERO);
                let count = if self.state.fractional { count } else { count.truncated() };
                sizing.max_position_frac.map_or(count, |cap| count.min(self.shares_of(cap, reference, Shares::ZERO)))
            }
            _ => {
                let weight =
                    size(&sizing.method, &self.sizing_inputs(symbol, bar, now, side, reference, protection.as_ref()));
                self.shares_of(sizing.max_position_frac.map_or(weight, |cap| weight.min(cap)), reference, Shares::ZERO)
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
        let concurrent = self.sizing().max_positions.unwrap_or(self.plan.symbols.len() as u32).max(1);
        let plain = SizingInputs { concurrent, ..SizingInputs::default() };
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

    /// Shares worth that part of equity at a price, the fee per share included; none for a weight that is not above 0.
    /// `held` is what an order leads there from, on the same side.
    pub(super) fn shares_of(&self, weight: f64, reference: Price, held: Shares) -> Shares {
        if weight.is_nan() || weight <= 0.0 {
            return Shares::ZERO;
        }
        let sizing = self.sizing();
        if self.setup.conventions.sizing == SizingOn::FreePortfolio {
            return self.free_portfolio_shares(weight * INVESTED, reference, held);
        }
        if self.setup.conventions.sizing == SizingOn::Close {
            return shares(weight, self.equity(), reference, self.state.fractional, sizing.round_lot);
        }
        let price = reference + self.setup.commission.per_share_allowance(reference);
        shares(weight, self.equity(), price, self.state.fractional, sizing.round_lot)
    }

    /// The most shares of a target, towards zero, whose value leaves the fee of the order to them free.
    #[inline(never)]
    fn free_portfolio_shares(&self, weight: f64, close: Price, held: Shares) -> Shares {
        let sizing = self.sizing();
        let mut target = shares(weight, self.equity(), close, self.state.fractional, sizing.round_lot);
        let step = if self.state.fractional { Shares(1) } else { Shares(i64::from(sizing.round_lot.max(1)) * MICRO) };
        while target.0 > 0 {
            let fee = self.setup.commission.of_shares((target - held).abs(), close);
            let allowed = Money::from_f64(weight * (self.equity() - fee).to_f64()).unwrap_or_default();
            if close.times(target) <= allowed {
                break;
            }
            target -= step;
        }
        target
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
