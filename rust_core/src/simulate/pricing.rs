//! What a fill costs: its price with slippage, its fee, how much of it the bar's volume and the account's cash allow.

use crate::fill::{Charge, Part as PartOfOrder, Slippage, Taken};
use crate::kernel::{FillReport, Moment, OrderId, OrderType, Progress};
use crate::risk::{Code, Verdict};
use crate::simulate::conventions::{Cash, FeeParts, Participation, SlippageBounds};
use crate::simulate::matching::{Part, Prospect};
use crate::simulate::output::VerdictRow;
use crate::simulate::run::Run;
use crate::units::{MICRO, Money, Price, Shares, Side};

impl Run<'_> {
    /// What a quantity fills at.
    pub(super) fn price_of(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let &Prospect { price, side, symbol, taker, part, .. } = prospect;
        match self.setup.conventions.slippage_bounds {
            SlippageBounds::Takers if taker => self.taken(step, prospect, quantity),
            SlippageBounds::Takers => price,
            SlippageBounds::WithinBar => {
                let order = &self.state.orders[prospect.order as usize - 1];
                let is_touched = order.order_type == OrderType::StopLimit && !order.triggered && part == Part::Within;
                let Some(bar) = self.bar(symbol, step) else { return price };
                if !taker && !is_touched && part == Part::Within {
                    return price;
                }
                let limit = order.limit_price.filter(|_| !taker && !is_touched);
                let slipped = self.taken(step, prospect, quantity);
                // A price that lies beyond the bound already stays where it is.
                match side {
                    Side::Buy => slipped.min(limit.map_or(bar.high, |limit| limit.min(bar.high)).max(price)),
                    Side::Sell => slipped.max(limit.unwrap_or(bar.low).min(price)),
                }
            }
        }
    }

    /// Worse than the bar shows.
    fn taken(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let &Prospect { symbol, side, price: reference, .. } = prospect;
        let figures = self.liquidity.as_ref().map(|liquidity| liquidity.before(&self.market, symbol, step));
        let (volatility, average_volume) = figures.unwrap_or((f64::NAN, f64::NAN));
        let (at, used) = self.used[symbol];
        // Nothing else needs the column of volumes at a fill, so it is left alone where it does not count.
        let counts_volume = matches!(self.setup.slippage, Slippage::VolumeShare { .. });
        let bar_volume = if counts_volume { self.market.volume(symbol, step) } else { f64::NAN };
        self.setup.slippage.apply(&Taken {
            reference,
            side,
            quantity,
            before: if at == step { used } else { Shares::ZERO },
            bar_volume,
            average_volume,
            volatility,
        })
    }

    /// The execution of a quantity at a price.
    pub(super) fn report_of(&self, at: Moment, prospect: &Prospect, quantity: Shares, price: Price) -> FillReport {
        let Charge { fee, by_schedule } = self.charge(at, prospect.order, prospect.taker, quantity, price);
        let slippage = Money((price - prospect.price).times(quantity).0.abs());
        FillReport { order: prospect.order, quantity, price, fee, by_schedule, slippage }
    }

    /// The fee on the next part of an order.
    pub(super) fn charge(&self, at: Moment, id: OrderId, is_taker: bool, quantity: Shares, price: Price) -> Charge {
        let order = &self.state.orders[id as usize - 1];
        let month_shares = self.state.account.volume.on(at.date);
        let part = PartOfOrder { side: order.side, is_taker, date: at.date, month_shares, quantity, price };
        let before = match self.setup.conventions.fee_parts {
            FeeParts::Together => order.progress(),
            FeeParts::Apart => Progress::default(),
        };
        self.setup.commission.of_part(&before, &part)
    }

    pub(super) fn capacity_left(&self, step: usize, symbol: usize) -> Shares {
        let Some(frac) = self.setup.max_participation_frac else { return Shares(i64::MAX) };
        let capacity = self.market.capacity(symbol, step, frac, self.state.fractional);
        let (at, used) = self.used[symbol];
        let is_shared = self.setup.conventions.participation == Participation::ByBar;
        if at == step && is_shared { capacity - used } else { capacity }
    }

    pub(super) fn use_capacity(&mut self, step: usize, symbol: usize, quantity: Shares) {
        if self.setup.max_participation_frac.is_none() {
            return;
        }
        let (at, used) = &mut self.used[symbol];
        *used = if *at == step { *used + quantity } else { quantity };
        *at = step;
    }

    /// How much of an opening order may fill, for what it costs.
    pub(super) fn payable(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Shares {
        let is_covered = match self.setup.conventions.cash {
            Cash::Unlimited => true,
            Cash::Margin => self.has_margin(step, prospect, quantity),
            Cash::Cut | Cash::CutAfterFee if prospect.side == Side::Buy => {
                return self.affordable(step, prospect, quantity);
            }
            Cash::Reject | Cash::CheckAndReject if prospect.side == Side::Buy => {
                self.cost(step, prospect, quantity) <= self.state.account.cash
            }
            Cash::Cut | Cash::CutAfterFee | Cash::Reject | Cash::CheckAndReject => true,
        };
        if is_covered { quantity } else { Shares::ZERO }
    }

    /// Value and fee of a part, slippage included.
    fn cost(&self, step: usize, prospect: &Prospect, part: Shares) -> Money {
        let price = self.price_of(step, prospect, part);
        let at = self.market.moment(step);
        price.times(part) + self.charge(at, prospect.order, prospect.taker, part, price).fee
    }

    /// The fee that a cut leaves as it was, where it does.
    pub(super) fn fee_of_whole(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Option<Money> {
        let is_kept = self.setup.conventions.cash == Cash::CutAfterFee && self.setup.commission.counts_shares();
        let price = self.price_of(step, prospect, quantity);
        let at = self.market.moment(step);
        is_kept.then(|| self.charge(at, prospect.order, prospect.taker, quantity, price).fee)
    }

    /// The largest part of `quantity` that cash pays for, slippage and fee included.
    fn affordable(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Shares {
        let cash = self.state.account.cash;
        if quantity.0 <= 0 || self.cost(step, prospect, quantity) <= cash {
            return quantity;
        }
        let fee = self.fee_of_whole(step, prospect, quantity);
        let cost = |part: Shares| match fee {
            Some(fee) => self.price_of(step, prospect, part).times(part) + fee,
            None => self.cost(step, prospect, part),
        };
        let unit = self.lot().0;
        // The cost grows with the quantity, so a bisection over units finds the last that fits.
        let (mut fits, mut exceeds) = (0, quantity.0.div_euclid(unit) + 1);
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2;
            let part = Shares(middle * unit);
            if part <= quantity && cost(part) <= cash { fits = middle } else { exceeds = middle }
        }
        Shares(fits * unit)
    }

    /// What an entry is cut to a multiple of.
    pub(super) fn lot(&self) -> Shares {
        Shares(if self.state.fractional { 1 } else { i64::from(self.plan.sizing.round_lot.max(1)) * MICRO })
    }

    /// Whether equity less the margin of what is held covers the margin of an opening order and its fee; half of the
    /// value each, for a leverage of two.
    fn has_margin(&self, step: usize, prospect: &Prospect, quantity: Shares) -> bool {
        let (value, gross) = self.state.account.exposure();
        let free = self.state.account.cash + value - Money(gross.0 / 2);
        let price = self.price_of(step, prospect, quantity);
        let fee = self.charge(self.market.moment(step), prospect.order, prospect.taker, quantity, price).fee;
        Money(price.times(quantity).0 / 2) + fee <= free
    }

    pub(super) fn note_cash_cut(&mut self, ns: i64, id: OrderId, price: Price, requested: Shares, admitted: Shares) {
        let order = &self.state.orders[id as usize - 1];
        let cash = self.state.account.cash.to_f64();
        let verdict = Verdict::new(Code::CashCut, cash, price.times(requested).to_f64(), requested, admitted);
        let row = VerdictRow { ns, order_id: Some(id), symbol: order.symbol, side: order.side, verdict };
        self.output.verdicts.push(row);
    }
}
