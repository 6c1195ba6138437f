//! All that a plain run leaves behind, as the kernel would: orders, fills, round trips, signals, verdicts, ledger.

use crate::kernel::ledger::{Entry, EntryKind};
use crate::kernel::lot::{Closing, Lot};
use crate::kernel::protection::Protection;
use crate::kernel::router::{Intent, Router};
use crate::kernel::{Moment, Order, OrderStatus, Reason, Role};
use crate::plan::Plan;
use crate::risk::{Code, Verdict};
use crate::simulate::book::Done;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::Setup;
use crate::simulate::lone::Lone;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, RunOutput, SignalRow, VerdictRow};
use crate::simulate::plain::{Booked, Keeper, Orders};
use crate::simulate::pricing::Priced;
use crate::simulate::split::{Met, Split};
use crate::units::{Money, Price, Shares, Side};
use std::ops::Range;

pub(super) struct Everything<'r, 'p> {
    plan: &'r Plan,
    rules: &'r RuleRoots<'p>,
    lone: &'r Lone,
    router: Router,
    /// Equity aside.
    output: RunOutput,
    /// What is held.
    lot: Option<Lot>,
}

impl<'r, 'p> Everything<'r, 'p> {
    /// At the first close, with the deposit in the ledger.
    pub fn new(plan: &'r Plan, setup: &Setup, rules: &'r RuleRoots<'p>, lone: &'r Lone, at: Moment) -> Self {
        let mut output = RunOutput::default();
        let (amount, cash) = (setup.capital, setup.capital);
        output.ledger.push(Entry { ns: at.ns, kind: EntryKind::Deposit, symbol: None, order: None, amount, cash });
        Self { plan, rules, lone, router: Router::new(&plan.execution), output, lot: None }
    }

    /// The output of the run, equity aside; what is still open stands at its last mark.
    pub fn finish(mut self, mark: Price, now: Moment) -> RunOutput {
        self.output.trades.extend(self.lot.map(|lot| lot.open_trade(mark, now)));
        self.output
    }

    /// Why what is held leaves.
    fn reason(&self, held: Shares, bar: usize, step: usize) -> Reason {
        let exit = if held.0 > 0 { &self.rules.exit_long } else { &self.rules.exit_short };
        if self.plan.close_on_leave && !self.rules.is_member(self.lone.symbol, bar, step) {
            Reason::LeftUniverse
        } else if exit.as_ref().is_some_and(|exit| exit.is_true(self.lone.symbol, bar, step)) {
            Reason::ExitRule
        } else {
            Reason::Reversal
        }
    }

    fn send(&mut self, market: &Market<'_>, now: usize, intent: &Intent) {
        // A market order stands at no level, so the close does not matter.
        let order = self.router.route(intent, Price::default(), market.ns(now), market.next_session(now));
        let id = self.output.orders.rows.len() as u64 + 1;
        self.output.orders.rows.push(Order { id, status: OrderStatus::Submitted, ..order });
    }

    /// The order of a role that is out.
    fn order_mut(&mut self, role: Role) -> Option<&mut Order> {
        self.output.orders.rows.iter_mut().rev().find(|order| order.role == role)
    }

    fn book(&mut self, ns: i64, kind: EntryKind, order: Option<u64>, amount: Money, cash: &mut Money) {
        if amount != Money::ZERO {
            *cash += amount;
            let symbol = Some(self.lone.symbol);
            self.output.ledger.push(Entry { ns, kind, symbol, order, amount, cash: *cash });
        }
    }
}

impl Keeper for Everything<'_, '_> {
    fn quiet(&mut self, market: &Market<'_>, bars: Range<usize>, held: Shares) {
        self.output.counters.steps_skipped += bars.len() as u64;
        self.lone.note_begun(self.rules, market, bars, held, &mut self.output.signals);
    }

    fn decided(&mut self, market: &Market<'_>, now: usize, held: Shares, orders: Orders) {
        let (symbol, ns, strategy) = (self.lone.symbol, market.ns(now), 0);
        if orders.leaves {
            self.output.signals.push(SignalRow::new(ns, symbol, Direction::Flat, f64::NAN));
        }
        let cue = self.lone.cue(self.rules, now);
        if let Some(cue) = cue.filter(|cue| cue.rises()) {
            let direction = if cue.is_long() { Direction::Long } else { Direction::Short };
            self.output.signals.push(SignalRow::new(ns, symbol, direction, cue.strength));
        }
        if orders.leaves {
            let side = Side::of(held).opposite();
            let reason = self.reason(held, now - self.lone.first_step, now);
            let (quantity, opens, priority) = (held.abs(), false, 0.0);
            self.send(market, now, &Intent { strategy, symbol, side, quantity, opens, reason, priority });
        }
        if let Some((side, quantity)) = orders.entry {
            let reason = if side == Side::Buy { Reason::EntryLong } else { Reason::EntryShort };
            let (opens, priority) = (true, cue.map_or(f64::NAN, |cue| cue.strength));
            self.send(market, now, &Intent { strategy, symbol, side, quantity, opens, reason, priority });
        }
    }

    fn filled(&mut self, role: Role, fill: &Booked<'_>) {
        let &Booked { at, side, open, part, value, mut cash } = fill;
        let &Priced { quantity, charge, .. } = part;
        let symbol = self.lone.symbol;
        let Some(order) = self.order_mut(role) else { return };
        order.status = if quantity == order.quantity { OrderStatus::Filled } else { OrderStatus::Cancelled };
        (order.filled, order.notional) = (quantity, value);
        (order.fees, order.by_schedule) = (charge.fee, charge.by_schedule);
        let (order, id, reason) = (*order, order.id, order.reason);
        self.book(at.ns, EntryKind::Trade, Some(id), Money(-side.sign() * value.0), &mut cash);
        self.book(at.ns, EntryKind::Fee, Some(id), -charge.fee, &mut cash);
        self.output.fills.push(&order, at.ns, &part.report(id, open));
        let (cost, fees) = (Money::ZERO, charge.fee);
        if let Some(mut lot) = self.lot.take() {
            let part = Closing { order: Some(id), quantity, cost, proceeds: value, fees, at, reason };
            self.output.trades.push(lot.close_whole(&part).1);
        } else {
            let opened = Closing { order: Some(id), quantity, cost, proceeds: value, fees, at, reason };
            self.lot = Some(Lot::opened(id, (0, symbol, side), &opened, Protection::default()));
        }
    }

    fn cut(&mut self, asked: &Priced, left: &Booked<'_>) {
        let (requested, admitted) = (asked.quantity, left.part.quantity);
        let verdict = Verdict::new(Code::CashCut, left.cash.to_f64(), asked.value().to_f64(), requested, admitted);
        let symbol = self.lone.symbol;
        let Some(order) = self.order_mut(Role::Entry) else { return };
        order.status = OrderStatus::Rejected;
        let (order_id, side) = (Some(order.id), order.side);
        self.output.verdicts.push(VerdictRow { ns: left.at.ns, order_id, symbol, side, verdict });
    }

    fn dividend(&mut self, ns: i64, amount: Money, mut before: Money) {
        self.book(ns, EntryKind::Dividend, None, amount, &mut before);
    }

    fn split(&mut self, split: &Split, mark: Price, cash: Money) -> Done<()> {
        let rows = &mut self.output.orders.rows;
        // An exit and an entry at most are out.
        let last = rows.len().saturating_sub(2);
        let mut met = Met { lot: self.lot.take(), orders: rows.split_off(last), mark, cash };
        let effects = met.split(split, self.lone.symbol)?;
        rows.extend(met.orders);
        self.lot = met.lot;
        self.output.ledger.extend(effects.booked);
        self.output.trades.extend(effects.closed);
        Ok(())
    }
}
