//! When an order fills in a bar, and at what price.
//!
//! A bar shows four prices and no path between them. Each case below takes the reading that is worse for the trader
//! where the bar leaves it open. A *taker* pays slippage on top of the price given here.
//!
//! At the open of the bar:
//! - **market, bracket**: fills at the open, as a taker.
//! - **stop**: a sale whose stop the open has reached or passed (open <= stop; a purchase: open >= stop) fills at the
//!   open, which is the worse of the two, as a taker. A stop touched in an earlier bar of which a part is left fills at
//!   the open.
//! - **limit** (targets too): a purchase with open <= limit (a sale: open >= limit) fills at the open, the better of the
//!   two.
//! - **stop-limit**: reached by the open as a stop is, it becomes a limit order: it fills at the open where the open is
//!   not beyond the limit, and otherwise waits in the bar as a limit order.
//!
//! Within the bar, for what has not filled at the open:
//! - **stop**: a sale with low <= stop (a purchase: high >= stop) fills at the stop, as a taker.
//! - **limit**: a purchase with low <= limit (a sale: high >= limit) fills at the limit.
//! - **stop-limit**: touched within the bar, it fills at the stop if the stop is within the limit; if not, it becomes a
//!   limit order from the next bar on, because the bar does not show what came after the touch.
//! - A bar that touches both the stop and the target of a lot counts as the stop: `Role`'s order puts stops first.
//! - An order that opened a lot within the bar, at a limit or a stop, leaves only the lot's stop live in that bar. It is
//!   judged by the whole bar (the low may have come after the entry) from the entry price on: a stop that the entry
//!   price has already passed fills at the entry price.

use crate::kernel::order::{Order, OrderType};
use crate::units::{MICRO, Price, Side};

/// Raw prices of one bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarPrices {
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
}

impl BarPrices {
    /// `None` where a price is not finite.
    pub fn from_f64(open: f64, high: f64, low: f64, close: f64) -> Option<Self> {
        Some(Self {
            open: Price::from_f64(open)?,
            high: Price::from_f64(high)?,
            low: Price::from_f64(low)?,
            close: Price::from_f64(close)?,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Waits,
    /// A stop-limit has been touched and goes on as a limit order.
    Triggers,
    Fills {
        price: Price,
        taker: bool,
    },
}

const fn taker(price: Price) -> Outcome {
    Outcome::Fills { price, taker: true }
}

const fn maker(price: Price) -> Outcome {
    Outcome::Fills { price, taker: false }
}

/// Whether a stop at `level` is touched by `price`.
fn reaches_stop(side: Side, price: Price, level: Price) -> bool {
    match side {
        Side::Buy => price >= level,
        Side::Sell => price <= level,
    }
}

/// Whether `price` is at the limit or better.
fn within_limit(side: Side, price: Price, limit: Price) -> bool {
    match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}

/// Whether a bar between two prices, in dollars, may do anything to an order: where not, the order certainly waits. Cheap,
/// because most bars are far from most stops and targets, and `low` and `high` are asked for only as needed.
#[inline]
pub fn may_meet(order: &Order, low: impl FnOnce() -> f64, high: impl FnOnce() -> f64) -> bool {
    // A price is rounded to a millionth when it is compared, and so is a level.
    let reaches = |level: Price, favours_high: bool| {
        let level = level.0 as f64;
        let micro = MICRO as f64;
        if favours_high { high() * micro >= level - 1.0 } else { low() * micro <= level + 1.0 }
    };
    match (order.order_type, order.stop_price, order.limit_price) {
        (OrderType::Stop, Some(stop), _) if !order.triggered => reaches(stop, order.side == Side::Buy),
        (OrderType::Limit, _, Some(limit)) => reaches(limit, order.side == Side::Sell),
        _ => true,
    }
}

/// What the open does with a working order.
#[inline]
pub fn at_open(order: &Order, open: Price) -> Outcome {
    let side = order.side;
    let limit = |limit: Option<Price>| match limit {
        Some(limit) if within_limit(side, open, limit) => maker(open),
        _ => Outcome::Waits,
    };
    match (order.order_type, order.stop_price) {
        (OrderType::Market | OrderType::Bracket, _) => taker(open),
        (OrderType::Limit, _) => limit(order.limit_price),
        (OrderType::Stop, Some(stop)) if order.triggered || reaches_stop(side, open, stop) => taker(open),
        (OrderType::StopLimit, _) if order.triggered => limit(order.limit_price),
        (OrderType::StopLimit, Some(stop)) if reaches_stop(side, open, stop) => match limit(order.limit_price) {
            Outcome::Waits => Outcome::Triggers,
            fills => fills,
        },
        _ => Outcome::Waits,
    }
}

/// What the rest of the bar does with an order that the open left working.
///
/// `entered` is the price at which the order's lot was opened within this bar, if it was.
pub fn within(order: &Order, bar: &BarPrices, entered: Option<Price>) -> Outcome {
    let side = order.side;
    let (adverse, favourable) = match side {
        Side::Buy => (bar.high, bar.low),
        Side::Sell => (bar.low, bar.high),
    };
    let start = entered.unwrap_or(bar.open);
    let limit = |limit: Option<Price>| match limit {
        Some(limit) if within_limit(side, favourable, limit) => maker(limit),
        _ => Outcome::Waits,
    };
    match (order.order_type, order.stop_price) {
        // A child born at the open may find its level already passed: then it fills where it was born.
        (OrderType::Limit, _) => match order.limit_price {
            Some(level) if within_limit(side, start, level) => maker(start),
            level => limit(level),
        },
        (OrderType::Stop, Some(stop)) if reaches_stop(side, start, stop) => taker(start),
        (OrderType::Stop, Some(stop)) if reaches_stop(side, adverse, stop) => taker(stop),
        (OrderType::StopLimit, _) if order.triggered => limit(order.limit_price),
        (OrderType::StopLimit, Some(stop)) if reaches_stop(side, adverse, stop) => match order.limit_price {
            Some(level) if within_limit(side, stop, level) => maker(stop),
            _ => Outcome::Triggers,
        },
        _ => Outcome::Waits,
    }
}

/// Whether `price` is better than the limit.
fn beats_limit(side: Side, price: Price, limit: Price) -> bool {
    price != limit && within_limit(side, price, limit)
}

/// `at_open` where a level must be passed: a limit fills at an open that is better than it, and a stop-limit is judged by
/// the close alone.
pub fn at_open_past(order: &Order, open: Price) -> Outcome {
    match (order.order_type, order.limit_price) {
        (OrderType::Limit, Some(limit)) if beats_limit(order.side, open, limit) => maker(open),
        (OrderType::Limit | OrderType::StopLimit, _) => Outcome::Waits,
        _ => at_open(order, open),
    }
}

/// `within` where a level must be passed, as in LEAN's `EquityFillModel`:
/// - **limit**: a purchase with low < limit (a sale: high > limit) fills at the limit; at the entry price where that is
///   better.
/// - **stop-limit**: once a bar has passed the stop, the first bar, this one or a later one, that closes better than the
///   limit fills it: at the limit, or at the bar's least favourable price where even that is better.
/// - **stop**: as `within`; a stop that is touched fills.
pub fn within_past(order: &Order, bar: &BarPrices, entered: Option<Price>) -> Outcome {
    let side = order.side;
    let (adverse, favourable) = match side {
        Side::Buy => (bar.high, bar.low),
        Side::Sell => (bar.low, bar.high),
    };
    match (order.order_type, order.stop_price, order.limit_price) {
        (OrderType::Limit, _, Some(limit)) => {
            let start = entered.unwrap_or(bar.open);
            match (beats_limit(side, start, limit), beats_limit(side, favourable, limit)) {
                (true, _) => maker(start),
                (false, true) => maker(limit),
                (false, false) => Outcome::Waits,
            }
        }
        (OrderType::StopLimit, Some(stop), Some(limit)) => {
            let is_past = order.triggered || (adverse != stop && reaches_stop(side, adverse, stop));
            match (is_past, beats_limit(side, bar.close, limit)) {
                (false, _) => Outcome::Waits,
                (true, false) => Outcome::Triggers,
                (true, true) => maker(if side == Side::Buy { limit.min(adverse) } else { limit.max(adverse) }),
            }
        }
        _ => within(order, bar, entered),
    }
}

#[cfg(test)]
mod tests;
