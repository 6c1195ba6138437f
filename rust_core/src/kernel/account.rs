//! Cash and positions, and what they are worth.

use crate::calendar::{Period, period_id};
use crate::kernel::history::History;
use crate::kernel::lot::Lot;
use crate::kernel::order::OrderId;
use crate::units::{Money, Price, Shares};

/// What is held of one symbol and what is working in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Position {
    /// The sum of the lots; negative for a short position.
    pub quantity: Shares,
    /// Last close on today's basis.
    pub mark: Price,
    /// Oldest first.
    pub lots: Vec<Lot>,
    /// Orders that can still fill, oldest first.
    pub working: Vec<OrderId>,
}

impl Position {
    pub fn value(&self) -> Money {
        self.mark.times(self.quantity)
    }

    pub fn is_idle(&self) -> bool {
        self.working.is_empty() && self.lots.is_empty()
    }

    /// Average entry price of all lots, on today's basis.
    pub fn entry_price(&self) -> Price {
        let cost = self.lots.iter().map(|lot| lot.cost).sum();
        crate::kernel::lot::price_per_share(cost, self.quantity.abs())
    }
}

/// One account: fixed-point cash and one position per symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub cash: Money,
    /// After fees, of closed parts.
    pub realised: Money,
    pub positions: Vec<Position>,
    /// By symbol, beside the positions, which are walked at every step.
    pub histories: Vec<History>,
    /// Symbols that hold something or have something working, ascending.
    pub active: Vec<usize>,
    /// At the close before the current session.
    pub previous_close_equity: Money,
    /// Highest session-close equity so far.
    pub high_water: Money,
    /// What has been traded in a calendar month, for commissions in tiers.
    pub volume: MonthVolume,
}

/// Shares bought and sold in one calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonthVolume {
    /// The last trade, days since 1970-01-01.
    date: i32,
    shares: Shares,
}

impl MonthVolume {
    /// Shares traded so far in the month of a date.
    #[inline]
    pub fn on(self, date: i32) -> Shares {
        if self.is_in_month_of(date) { self.shares } else { Shares::ZERO }
    }

    #[inline]
    pub fn add(&mut self, date: i32, quantity: Shares) {
        *self = Self { date, shares: self.on(date) + quantity };
    }

    /// Most trades lie further apart than a month is long, or on one day; the others ask the calendar.
    fn is_in_month_of(self, date: i32) -> bool {
        let days = i64::from(date) - i64::from(self.date);
        days == 0 || (days.abs() < 31 && is_one_month(date, self.date))
    }
}

#[inline(never)]
fn is_one_month(a: i32, b: i32) -> bool {
    period_id(Period::Month, a) == period_id(Period::Month, b)
}

impl Account {
    pub fn new(capital: Money, symbols: usize) -> Self {
        Self {
            cash: capital,
            realised: Money::ZERO,
            positions: vec![Position::default(); symbols],
            histories: vec![History::default(); symbols],
            active: Vec::with_capacity(symbols.min(1024)),
            previous_close_equity: capital,
            high_water: capital,
            volume: MonthVolume::default(),
        }
    }

    /// Begins anew as `new` does, in the memory that is there.
    pub(super) fn restart(&mut self, capital: Money) {
        let mut positions = std::mem::take(&mut self.positions);
        let mut active = std::mem::take(&mut self.active);
        let mut histories = std::mem::take(&mut self.histories);
        histories.fill_with(History::default);
        for position in &mut positions {
            let (mut lots, mut working) = (std::mem::take(&mut position.lots), std::mem::take(&mut position.working));
            lots.clear();
            working.clear();
            *position = Position { lots, working, ..Position::default() };
        }
        active.clear();
        *self = Self { positions, active, histories, ..Self::new(capital, 0) };
    }

    /// What the positions are worth at their marks; shorts count negative.
    pub fn positions_value(&self) -> Money {
        self.active.iter().map(|&symbol| self.positions[symbol].value()).sum()
    }

    /// Positions value and the sum of its absolute parts, in one walk.
    pub fn exposure(&self) -> (Money, Money) {
        self.active.iter().fold((Money::ZERO, Money::ZERO), |(net, gross), &symbol| {
            let value = self.positions[symbol].value();
            (net + value, gross + Money(value.0.abs()))
        })
    }

    pub fn equity(&self) -> Money {
        self.cash + self.positions_value()
    }

    pub(crate) fn activate(&mut self, symbol: usize) {
        if let Err(place) = self.active.binary_search(&symbol) {
            self.active.insert(place, symbol);
        }
    }

    pub(crate) fn rest(&mut self, symbol: usize) {
        if self.positions[symbol].is_idle()
            && let Ok(place) = self.active.binary_search(&symbol)
        {
            self.active.remove(place);
        }
    }
}
