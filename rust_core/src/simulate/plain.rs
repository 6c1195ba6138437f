//! The skip in its widest form: a lone symbol that is bought and sold at the market and has nothing to guard it.
//!
//! Such a run has no state but its cash and one lot, and between two decisions nothing but closes, so it goes from
//! decision to decision and takes a `step` at each. Rules, sizes, prices and fees are asked of the same code as those
//! of other runs; what is written down beside equity and the tally is up to a [`Keeper`]: all of it in a backtest, none in a sweep.
//! A split is left to the kernel. Property tests hold the whole output equal to that of every step taken with the kernel.

use crate::bars::SymbolBars;
use crate::error::Result;
use crate::fill::{Charge, Part};
use crate::kernel::lot::{Closing, Lot};
use crate::kernel::protection::Protection;
use crate::kernel::router::{Intent, Router};
use crate::kernel::{Moment, MonthVolume, Progress, Reason, Refusal, Role};
use crate::plan::{EntryOrder, Plan, SizingMethod};
use crate::simulate::book::Done;
use crate::simulate::config::Setup;
use crate::simulate::conventions::{CorporateActions, LastBar, SizingOn};
use crate::simulate::lone::Lone;
use crate::simulate::market::{Market, Overnight};
use crate::simulate::output::Equity;
use crate::simulate::pricing::{Priced, most_affordable};
use crate::simulate::run::Look;
use crate::simulate::sizer::Sizer;
use crate::simulate::split::{Met, Split};
use crate::simulate::step::{Stages, step};
use crate::simulate::summary::Tally;
use crate::units::{Money, Price, Shares, Side};
use std::ops::Range;

/// A fill, as it was booked.
pub(super) struct Booked<'b> {
    pub at: Moment,
    pub side: Side,
    /// The price that the bar showed.
    pub open: Price,
    pub part: &'b Priced,
    pub value: Money,
    /// Cash before it.
    pub cash: Money,
}

/// Writes down what a plain run does; what it does not ask for is not written.
pub(super) trait Keeper {
    /// Nothing is decided at the closes of these bars.
    fn quiet(&mut self, _market: &Market<'_>, _bars: Range<usize>, _held: Shares) {}
    /// What a close asks for.
    fn decided(&mut self, _market: &Market<'_>, _now: usize, _held: Shares, _orders: Orders) {}
    /// The order of that role fills, as far as it does.
    fn filled(&mut self, _role: Role, _fill: &Booked<'_>) {}
    /// Cash does not pay for an entry in full, and maybe not for any of it.
    fn cut(&mut self, _asked: &Priced, _left: &Booked<'_>) {}
    /// Paid by what is held, or for it; `before` is the cash before it.
    fn dividend(&mut self, _ns: i64, _amount: Money, _before: Money) {}
    /// What is held and what is out is restated; mark and cash are those before it.
    fn split(&mut self, _split: &Split, _mark: Price, _cash: Money) -> Done<()> {
        Ok(())
    }
}

/// Keeps nothing.
pub(super) struct Nothing;

impl Keeper for Nothing {}

/// Whether a plan asks of one symbol nothing but market orders whose sizes hang on equity alone, at costs that hang on the
/// order, without limits. What its rules and the nights ask for is seen by [`Lone::new`], what its bars are by
/// [`Plain::new`].
pub(super) fn may_be_plain(plan: &Plan, setup: &Setup) -> bool {
    let are_market = [plan.execution.entry, plan.execution.exit].iter().all(|style| *style == EntryOrder::Market);
    let is_unguarded = plan.rules.as_ref().is_some_and(|rules| {
        let levels = [rules.stop_loss, rules.trailing_stop, rules.take_profit, rules.stop_price, rules.target_price];
        levels.iter().all(Option::is_none)
    });
    let is_sized = matches!(
        plan.sizing.method,
        SizingMethod::EqualWeight | SizingMethod::FixedFraction { .. } | SizingMethod::FixedShares { .. }
    );
    let is_usual = setup.conventions.sizing != SizingOn::FreePortfolio && setup.conventions.last_bar == LastBar::Open;
    let is_alone = plan.symbols.len() == 1 && setup.policy.is_none();
    let is_wide = setup.max_participation_frac.is_none() && setup.slippage.of_price(Price(0)).is_some();
    let has_slots = plan.sizing.max_positions != Some(0);
    is_alone && are_market && is_unguarded && is_sized && has_slots && is_usual && is_wide
}

/// What is held: one entry's shares.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Negative for a short.
    quantity: Shares,
    cost: Money,
    fees: Money,
    /// Session of the fill.
    entered: u32,
}

/// What the last decision asks for, at the next open.
#[derive(Clone, Copy, Default)]
pub(super) struct Orders {
    /// To close all that is held.
    pub leaves: bool,
    pub entry: Option<(Side, Shares)>,
}

impl Orders {
    fn are_out(self) -> bool {
        self.leaves || self.entry.is_some()
    }
}

/// A run in progress.
pub(super) struct Plain<'r, 'p, K> {
    plan: &'r Plan,
    setup: &'r Setup,
    market: &'r mut Market<'p>,
    lone: &'r Lone,
    bars: &'p SymbolBars<'p>,
    sizer: Sizer<'r>,
    /// Of an entry; `None` where its shares are stated.
    weight: Option<f64>,
    cash: Money,
    lot: Held,
    orders: Orders,
    mark: Price,
    month: MonthVolume,
    /// The last step that equity is known of.
    recorded: usize,
    equity: &'r mut Equity,
    tally: &'r mut Tally,
    keeper: &'r mut K,
}

impl<'r, 'p, K: Keeper> Plain<'r, 'p, K> {
    /// At the close of the step `first`, for a plan that is plain; `None` where the symbol has no bar at every step from
    /// there to `last`.
    pub fn new(
        plan: &'r Plan,
        setup: &'r Setup,
        market: &'r mut Market<'p>,
        lone: &'r Lone,
        (first, last): (usize, usize),
        (equity, tally, keeper): (&'r mut Equity, &'r mut Tally, &'r mut K),
    ) -> Option<Self> {
        let bars = market.bars(lone.symbol);
        let is_there = lone.first_step <= first && last < lone.first_step + bars.len();
        // The general run refuses a fee per share where prices are adjusted, and says so.
        if !is_there || (bars.adjusted_only && setup.commission.counts_shares()) {
            return None;
        }
        let sizer = Sizer::new(plan, setup, setup.capital);
        tally.clear();
        equity.push(first, setup.capital, Money::ZERO, Money::ZERO);
        Some(Self {
            plan,
            setup,
            market,
            lone,
            bars,
            weight: sizer.constant_weight(plan),
            sizer,
            cash: setup.capital,
            lot: Held::default(),
            orders: Orders::default(),
            mark: Price(0),
            month: MonthVolume::default(),
            recorded: first,
            equity,
            tally,
            keeper,
        })
    }

    /// Runs from decision to decision, and looks up at each; answers the last mark.
    ///
    /// # Errors
    /// As `look`; `Config` for a split by no ratio and for a price that is none.
    pub fn run(mut self, last: usize, look: Look<'_>) -> Result<Price> {
        let first = self.recorded;
        let mut now = first;
        while now <= last {
            look(now - first, last + 1 - first)?;
            now = self.advance(now, last)? + 1;
        }
        self.tally.trades = self.tally.pnl.len() + usize::from(self.lot.quantity != Shares::ZERO);
        Ok(self.mark)
    }

    /// Goes to the next close that decides something or that a dividend or split follows, the last one at the latest, and
    /// takes it; answers which it was.
    fn advance(&mut self, now: usize, last: usize) -> Done<usize> {
        let end = last.min(self.market.next_overnight() - 1);
        let decided = self.next_decision(now, end);
        self.keeper.quiet(self.market, self.bar(now)..self.bar(decided), self.lot.quantity);
        self.mark(decided);
        step(self, decided, (decided < last).then_some(decided + 1))?;
        Ok(decided)
    }

    fn bar(&self, step: usize) -> usize {
        step - self.lone.first_step
    }

    fn next_decision(&mut self, now: usize, end: usize) -> usize {
        let held = self.lot.quantity;
        let ripe = match self.plan.min_hold_days {
            days if days > 0 && held != Shares::ZERO => self.market.first_before_session(now, self.lot.entered + days),
            _ => now,
        };
        let bars = self.bar(now)..self.bar(end);
        self.lone.first_step + self.lone.first_decision(bars, held, self.bar(ripe))
    }

    /// Equity at the closes up to that of a step.
    fn mark(&mut self, until: usize) {
        if until > self.recorded {
            let closes = &self.bars.close[self.bar(self.recorded) + 1..=self.bar(until)];
            self.mark = self.equity.hold(self.recorded + 1, self.cash, self.lot.quantity, closes, self.mark);
            self.recorded = until;
        }
    }

    /// What happens to the symbol before the open of a step.
    fn pass_night(&mut self, step: usize) -> Done<()> {
        let is_ignored = self.setup.conventions.actions == CorporateActions::Ignored;
        while let Some((_, what)) = self.market.pop_overnight(step) {
            match what {
                _ if self.lot.quantity == Shares::ZERO && !self.orders.are_out() => {}
                Overnight::Split(_) | Overnight::Dividend(_) if is_ignored => {}
                Overnight::Split(ratio) => self.split(step, ratio)?,
                Overnight::Dividend(per_share) => {
                    let amount = per_share.times(self.lot.quantity);
                    self.keeper.dividend(self.market.ns(step), amount, self.cash);
                    self.cash += amount;
                }
                // Its bars last longer than the run.
                Overnight::Delisted => {}
            }
        }
        Ok(())
    }

    /// Has the kernel restate what is held and what is out.
    #[inline(never)]
    fn split(&mut self, step: usize, ratio: f64) -> Done<()> {
        let split = Split { at: self.market.moment(step), ratio, fractional: self.sizer.fractional };
        self.keeper.split(&split, self.mark, self.cash)?;
        let symbol = self.lone.symbol;
        let Held { quantity, cost, fees, entered } = self.lot;
        let (side, at) = (Side::of(quantity), Moment { session: entered, ..split.at });
        let (reason, strategy) = (Reason::EntryLong, 0);
        let opened = Closing { order: None, quantity: quantity.abs(), cost, proceeds: cost, fees, at, reason };
        let lot = Lot::opened(0, (strategy, symbol, side), &opened, Protection::default());
        let router = Router::new(&self.plan.execution);
        let order = |side: Side, quantity: Shares, opens: bool| {
            let intent = Intent { strategy, symbol, side, quantity, opens, reason, priority: 0.0 };
            router.route(&intent, Price::default(), split.at.ns, split.at.session)
        };
        let exit = self.orders.leaves.then(|| order(side.opposite(), quantity.abs(), false));
        let entry = self.orders.entry.map(|(side, quantity)| order(side, quantity, true));
        let mut met = Met {
            lot: Some(lot).filter(|lot| lot.quantity != Shares::ZERO),
            orders: exit.into_iter().chain(entry).collect(),
            mark: self.mark,
            cash: self.cash,
        };
        let effects = met.split(&split, symbol)?;
        (self.cash, self.mark) = (met.cash, met.mark);
        let restated = |lot: Lot| Held { quantity: lot.quantity, cost: lot.cost, fees: lot.fees, entered };
        self.lot = met.lot.map_or_else(Held::default, restated);
        let out = |role: Role| met.orders.iter().find(|order| order.role == role && order.status.is_working());
        let entry = out(Role::Entry).map(|order| (order.side, order.remaining()));
        self.orders = Orders { leaves: out(Role::Exit).is_some(), entry };
        self.tally.pnl.extend(effects.closed.iter().map(|trade| trade.pnl.to_f64()));
        Ok(())
    }

    /// Whether what is held has been held for as long as it must, at the open after a step.
    fn is_ripe(&self, now: usize) -> bool {
        let held_for = self.market.next_session(now).saturating_sub(self.lot.entered);
        self.plan.min_hold_days == 0 || held_for >= self.plan.min_hold_days
    }

    /// Shares of an entry that is decided at a close.
    fn size(&self, now: usize) -> Done<Shares> {
        let close = self.price(&self.bars.close, now)?;
        let sizer = Sizer { equity: self.equity.last().unwrap_or(self.cash), ..self.sizer };
        let reference = sizer.reference(close);
        Ok(match (self.weight, &self.plan.sizing.method) {
            (None, SizingMethod::FixedShares { shares }) => sizer.entry_of(*shares, reference),
            (weight, _) => sizer.entry(weight.unwrap_or(f64::NAN), reference),
        })
    }

    /// A raw price of the bar at a step; no bar of a panel lacks one.
    fn price(&self, column: &[f64], step: usize) -> Done<Price> {
        Price::from_f64(column[self.bar(step)]).ok_or(Refusal::NoPrice(self.lone.symbol))
    }

    fn priced(&self, date: i32, open: Price, side: Side, quantity: Shares) -> Priced {
        let worse = self.setup.slippage.of_price(open).unwrap_or_default();
        let price = Price(open.0 + side.sign() * worse.0);
        let commission = &self.setup.commission;
        let month_shares = if commission.counts_month() { self.month.on(date) } else { Shares::ZERO };
        let part = Part { side, is_taker: true, date, month_shares, quantity, price };
        let charge: Charge = commission.of_part(&Progress::default(), &part);
        Priced { quantity, price, charge }
    }

    /// Moves the cash of a fill; answers its value.
    fn book(&mut self, at: Moment, open: Price, (role, side): (Role, Side), part: &Priced) -> Money {
        let value = part.value();
        self.keeper.filled(role, &Booked { at, side, open, part, value, cash: self.cash });
        self.cash += Money(-side.sign() * value.0) - part.charge.fee;
        self.tally.traded += i128::from(value.0);
        if self.setup.commission.counts_month() {
            self.month.add(at.date, part.quantity);
        }
        value
    }

    fn close_lot(&mut self, at: Moment, open: Price) {
        let lot = std::mem::take(&mut self.lot);
        let is_long = lot.quantity.0 > 0;
        let side = Side::of(lot.quantity).opposite();
        let part = self.priced(at.date, open, side, lot.quantity.abs());
        let value = self.book(at, open, (Role::Exit, side), &part);
        let gross = if is_long { value - lot.cost } else { lot.cost - value };
        self.tally.pnl.push((gross - lot.fees - part.charge.fee).to_f64());
    }

    /// A purchase goes as far as cash does.
    fn open_lot(&mut self, at: Moment, open: Price, side: Side, quantity: Shares) {
        let mut part = self.priced(at.date, open, side, quantity);
        if side == Side::Buy && part.cost() > self.cash {
            part = self.afford(at, open, &part);
        }
        if part.quantity.0 > 0 {
            let cost = self.book(at, open, (Role::Entry, side), &part);
            let quantity = Shares(side.sign() * part.quantity.0);
            self.lot = Held { quantity, cost, fees: part.charge.fee, entered: at.session };
        }
    }

    #[inline(never)]
    fn afford(&mut self, at: Moment, open: Price, asked: &Priced) -> Priced {
        let side = Side::Buy;
        let priced = |quantity| self.priced(at.date, open, side, quantity);
        let part = most_affordable(self.cash, asked, self.sizer.unit(), priced);
        let left = Booked { at, side, open, part: &part, value: part.value(), cash: self.cash };
        self.keeper.cut(asked, &left);
        part
    }
}

impl<K: Keeper> Stages for Plain<'_, '_, K> {
    /// An exit of all, an entry, or both.
    fn decide(&mut self, now: usize) -> Done<()> {
        let held = self.lot.quantity;
        let entry = self.lone.side(self.bar(now));
        let is_opposed = entry.is_some_and(|side| side.sign() == -held.0.signum());
        let is_asked_out = held != Shares::ZERO && (is_opposed || self.lone.leaves(self.bar(now), held));
        let leaves = is_asked_out && self.is_ripe(now);
        let entry = match entry.filter(|_| held == Shares::ZERO || (leaves && is_opposed)) {
            Some(side) => Some((side, self.size(now)?)).filter(|(_, quantity)| quantity.0 > 0),
            None => None,
        };
        self.orders = Orders { leaves, entry };
        self.keeper.decided(self.market, now, held, self.orders);
        Ok(())
    }

    fn open(&mut self, step: usize) -> Done<()> {
        self.pass_night(step)
    }

    /// What leaves goes before what enters.
    fn meet(&mut self, step: usize) -> Done<()> {
        let Orders { leaves, entry } = std::mem::take(&mut self.orders);
        if !leaves && entry.is_none() {
            return Ok(());
        }
        let open = self.price(&self.bars.open, step)?;
        let at = self.market.moment(step);
        if leaves {
            self.close_lot(at, open);
        }
        if let Some((side, quantity)) = entry {
            self.open_lot(at, open, side, quantity);
        }
        Ok(())
    }

    /// The row is written with those that follow it.
    fn close(&mut self, _step: usize) -> Done<()> {
        Ok(())
    }
}
