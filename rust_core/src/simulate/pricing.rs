//! What a fill costs: its price with slippage, its fee, how much of it the bar's volume and the account's cash allow.

use crate::fill::{Charge, Part as PartOfOrder, Taken};
use crate::kernel::{FillReport, OrderId, OrderType, Progress};
use crate::risk::{Code, Verdict};
use crate::simulate::conventions::{Cash, FeeParts, Participation, SlippageBounds};
use crate::simulate::matching::{Part, Prospect};
use crate::simulate::output::VerdictRow;
use crate::simulate::run::Run;
use crate::units::{Money, Price, Shares, Side};

/// A part of an order with its price, slippage included, and what is charged on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Priced {
    pub quantity: Shares,
    pub price: Price,
    pub charge: Charge,
}

impl Priced {
    pub fn value(&self) -> Money {
        self.price.times(self.quantity)
    }

    /// Value and fee.
    pub fn cost(&self) -> Money {
        self.value() + self.charge.fee
    }

    /// The execution of this part of an order, which the bar showed at a price.
    pub fn report(&self, order: OrderId, shown: Price) -> FillReport {
        let &Self { quantity, price, charge: Charge { fee, by_schedule } } = self;
        let slippage = Money((price - shown).times(quantity).0.abs());
        FillReport { order, quantity, price, fee, by_schedule, slippage }
    }
}

impl Run<'_> {
    /// What a quantity fills at, and what that costs.
    pub(super) fn priced(&self, step: usize, date: i32, prospect: &Prospect, quantity: Shares) -> Priced {
        let price = self.price_of(step, prospect, quantity);
        let charge = self.charge(date, prospect.order, prospect.taker, quantity, price);
        Priced { quantity, price, charge }
    }

    #[inline]
    fn price_of(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        match self.setup.conventions.slippage_bounds {
            SlippageBounds::Takers if prospect.taker => self.taken(step, prospect, quantity),
            SlippageBounds::Takers => prospect.price,
            SlippageBounds::WithinBar => self.price_within_bar(step, prospect, quantity),
        }
    }

    #[inline(never)]
    fn price_within_bar(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let &Prospect { price, side, symbol, taker, part, .. } = prospect;
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

    /// Worse than the bar shows.
    #[inline]
    fn taken(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let (reference, side) = (prospect.price, prospect.side);
        match self.setup.slippage.of_price(reference) {
            Some(worse) => Price(reference.0 + side.sign() * worse.0),
            None => self.taken_from_volume(step, prospect, quantity),
        }
    }

    /// The same where it hangs on what is traded.
    #[inline(never)]
    fn taken_from_volume(&self, step: usize, prospect: &Prospect, quantity: Shares) -> Price {
        let &Prospect { symbol, side, price: reference, .. } = prospect;
        let (volatility, average_volume) = match &self.liquidity {
            Some(liquidity) => liquidity.before(&self.market, symbol, step),
            None => (f64::NAN, f64::NAN),
        };
        let (at, used) = self.used[symbol];
        let before = if at == step { used } else { Shares::ZERO };
        let bar_volume = self.market.volume(symbol, step);
        self.setup.slippage.apply(&Taken { reference, side, quantity, before, bar_volume, average_volume, volatility })
    }

    /// The fee on the next part of an order.
    pub(super) fn charge(&self, date: i32, id: OrderId, is_taker: bool, quantity: Shares, price: Price) -> Charge {
        let order = &self.state.orders[id as usize - 1];
        let commission = &self.setup.commission;
        let month_shares = if commission.counts_month() { self.state.account.volume.on(date) } else { Shares::ZERO };
        let part = PartOfOrder { side: order.side, is_taker, date, month_shares, quantity, price };
        let before = match self.setup.conventions.fee_parts {
            FeeParts::Together => order.progress(),
            FeeParts::Apart => Progress::default(),
        };
        commission.of_part(&before, &part)
    }

    #[inline]
    pub(super) fn capacity_left(&self, step: usize, symbol: usize) -> Shares {
        match self.setup.max_participation_frac {
            Some(frac) => self.part_left(step, symbol, frac),
            None => Shares(i64::MAX),
        }
    }

    #[inline(never)]
    fn part_left(&self, step: usize, symbol: usize, frac: f64) -> Shares {
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

    /// What is left of an opening order that cash does not pay for in full; `None` where it does.
    #[inline]
    pub(super) fn cut(&self, step: usize, date: i32, prospect: &Prospect, asked: &Priced) -> Option<Priced> {
        let is_covered = match self.setup.conventions.cash {
            Cash::Unlimited => true,
            Cash::Margin => self.has_margin(asked),
            Cash::Cut | Cash::CutAfterFee | Cash::Reject | Cash::CheckAndReject => {
                prospect.side == Side::Sell || asked.cost() <= self.state.account.cash
            }
        };
        if is_covered { None } else { Some(self.affordable(step, date, prospect, asked)) }
    }

    /// The largest part that cash pays for, slippage and fee included; none where all or nothing is filled.
    #[inline(never)]
    fn affordable(&self, step: usize, date: i32, prospect: &Prospect, asked: &Priced) -> Priced {
        if !matches!(self.setup.conventions.cash, Cash::Cut | Cash::CutAfterFee) {
            return Priced { quantity: Shares::ZERO, ..*asked };
        }
        let keeps_fee = self.setup.conventions.cash == Cash::CutAfterFee && self.setup.commission.counts_shares();
        most_affordable(self.state.account.cash, asked, self.sizer().unit(), |quantity| {
            let part = self.priced(step, date, prospect, quantity);
            let fee = if keeps_fee { asked.charge.fee } else { part.charge.fee };
            Priced { charge: Charge { fee, ..part.charge }, ..part }
        })
    }

    /// Whether equity less the margin of what is held covers the margin of an opening order and its fee; half of the
    /// value each, for a leverage of two.
    #[inline(never)]
    fn has_margin(&self, asked: &Priced) -> bool {
        let (value, gross) = self.state.account.exposure();
        let free = self.state.account.cash + value - Money(gross.0 / 2);
        Money(asked.value().0 / 2) + asked.charge.fee <= free
    }

    #[inline(never)]
    pub(super) fn note_cash_cut(&mut self, ns: i64, id: OrderId, asked: Money, requested: Shares, admitted: Shares) {
        let order = &self.state.orders[id as usize - 1];
        let cash = self.state.account.cash.to_f64();
        let verdict = Verdict::new(Code::CashCut, cash, asked.to_f64(), requested, admitted);
        let row = VerdictRow { ns, order_id: Some(id), symbol: order.symbol, side: order.side, verdict };
        self.output.verdicts.push(row);
    }
}

/// The largest part of what is asked for, in whole units, that cash pays for. The cost grows with the quantity, so a
/// bisection over units finds the last that fits.
pub(super) fn most_affordable(cash: Money, asked: &Priced, unit: Shares, priced: impl Fn(Shares) -> Priced) -> Priced {
    let priced = |units: i64| priced(Shares(units * unit.0));
    let (mut fits, mut exceeds) = (0, asked.quantity.0.div_euclid(unit.0) + 1);
    while exceeds - fits > 1 {
        let middle = fits + (exceeds - fits) / 2;
        let part = priced(middle);
        if part.quantity <= asked.quantity && part.cost() <= cash {
            fits = middle;
        } else {
            exceeds = middle;
        }
    }
    priced(fits)
}
