//! What a bar may do to an order, against what it does.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::kernel::protection::Protection;
use crate::kernel::{OrderStatus, Reason, Role};
use crate::units::{Money, Shares};
use proptest::prelude::*;

fn order(order_type: OrderType, side: Side, stop: i64, limit: i64, triggered: bool) -> Order {
    Order {
        id: 1,
        strategy: 0,
        symbol: 0,
        side,
        order_type,
        role: Role::Stop,
        quantity: Shares::ONE,
        filled: Shares::ZERO,
        limit_price: Some(Price(limit)),
        stop_price: Some(Price(stop)),
        decided_ns: 0,
        status: OrderStatus::Submitted,
        parent: None,
        reason: Reason::StopLoss,
        priority: f64::NAN,
        live_from_session: 0,
        expires_session: u32::MAX,
        triggered,
        notional: Money::ZERO,
        fees: Money::ZERO,
        by_schedule: Money::ZERO,
        protection: Protection::default(),
    }
}

proptest! {
    /// Prices within a few millionths of the levels, where rounding decides, and some farther off.
    #[test]
    fn what_may_not_meet_a_bar_waits_in_it(
        kind in 0usize..5,
        buys: bool,
        triggered: bool,
        stop in -3i64..4,
        limit in -3i64..4,
        mut offsets in prop::array::uniform4(-4.0..4.0f64),
        spread in prop::sample::select(vec![1.0, 1000.0]),
        entered in prop::option::of(0.0..1.0f64),
    ) {
        let kinds = [OrderType::Market, OrderType::Limit, OrderType::Stop, OrderType::StopLimit, OrderType::Bracket];
        let side = if buys { Side::Buy } else { Side::Sell };
        let (at, base) = (100_000_000, 100.0);
        let order = order(kinds[kind], side, at + stop, at + limit, triggered);
        offsets.sort_by(f64::total_cmp);
        let [low, a, b, high] = offsets.map(|offset| base + offset * spread / 1e6);
        for (open, close) in [(a, b), (b, a), (low, high)] {
            if may_meet(&order, || low, || high) {
                continue;
            }
            let bar = BarPrices::from_f64(open, high, low, close).unwrap();
            let entered = entered.map(|share| Price::from_f64(low + share * (high - low)).unwrap());
            prop_assert_eq!(at_open(&order, bar.open), Outcome::Waits);
            prop_assert_eq!(at_open_past(&order, bar.open), Outcome::Waits);
            for entered in [None, entered] {
                prop_assert_eq!(within(&order, &bar, entered), Outcome::Waits);
                prop_assert_eq!(within_past(&order, &bar, entered), Outcome::Waits);
            }
        }
    }

    /// A level well outside the bar is told from one inside, so that the shortcut is taken at all.
    #[test]
    fn a_level_out_of_reach_is_no_meeting(gap in 0.01..50.0f64) {
        let stop = order(OrderType::Stop, Side::Sell, 100_000_000, 0, false);
        prop_assert!(!may_meet(&stop, || 100.0 + gap, || f64::NAN));
        prop_assert!(may_meet(&stop, || 100.0 - gap, || f64::NAN));
        let target = order(OrderType::Limit, Side::Sell, 0, 100_000_000, false);
        prop_assert!(!may_meet(&target, || f64::NAN, || 100.0 - gap));
        prop_assert!(may_meet(&target, || f64::NAN, || 100.0 + gap));
    }
}
