//! The machine under any sequence of events, and its corners.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::kernel::event::FillReport;
use crate::kernel::order::{OrderType, Reason, Role, UNTIL_CANCELLED};
use crate::kernel::protection::{Gap, Protection};
use crate::kernel::ratio::Ratio;
use crate::units::{MICRO, Side};
use proptest::prelude::*;

fn market(symbol: usize, side: Side, quantity: i64, opens: bool) -> Order {
    let stop = Protection { stop_loss: Some(Gap::Ratio(Ratio(80_000_000))), ..Protection::default() };
    Order {
        id: 0,
        strategy: 0,
        symbol,
        side,
        order_type: OrderType::Market,
        role: if opens { Role::Entry } else { Role::Exit },
        quantity: Shares::whole(quantity),
        filled: Shares::ZERO,
        limit_price: None,
        stop_price: None,
        decided_ns: 0,
        status: OrderStatus::Pending,
        parent: None,
        reason: Reason::EntryLong,
        priority: 0.0,
        live_from_session: 0,
        expires_session: UNTIL_CANCELLED,
        triggered: false,
        notional: Money::ZERO,
        fees: Money::ZERO,
        by_schedule: Money::ZERO,
        protection: if opens { stop } else { Protection::default() },
    }
}

fn event() -> impl Strategy<Value = Event> {
    let id = 0u64..12;
    let fill = (0u64..12, 0i64..60, 1i64..50).prop_map(|(order, shares, usd)| {
        let (quantity, price) = (Shares::whole(shares), Price(usd * MICRO));
        Event::Fill(FillReport {
            order,
            quantity,
            price,
            fee: Money(MICRO),
            by_schedule: Money::ZERO,
            slippage: Money::ZERO,
        })
    });
    let decided = (0usize..3, any::<bool>(), 1i64..50, any::<bool>()).prop_map(|(symbol, buys, shares, opens)| {
        Event::Decided(market(symbol, if buys { Side::Buy } else { Side::Sell }, shares, opens))
    });
    prop_oneof![
        4 => decided,
        4 => id.clone().prop_map(Event::Accepted),
        8 => fill,
        1 => id.clone().prop_map(Event::Rejected),
        2 => id.clone().prop_map(Event::Cancelled),
        1 => id.prop_map(Event::Expired),
        1 => (0usize..3, prop::sample::select(vec![2.0, 0.125, 0.0, f64::NAN]))
            .prop_map(|(symbol, ratio)| Event::Split { symbol, ratio }),
        1 => (0usize..3).prop_map(|symbol| Event::Dividend { symbol, per_share: Price(250_000) }),
        1 => (0usize..3, 1i64..50).prop_map(|(symbol, usd)| Event::Mark { symbol, close: Price(usd * MICRO) }),
        1 => (0usize..3).prop_map(|symbol| Event::Delisted { symbol }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever comes, in whatever order: states move along the table, the ledger is the cash, lots are positions.
    #[test]
    fn any_sequence_of_events_leaves_the_books_in_order(events in prop::collection::vec(event(), 1..80)) {
        let mut effects = Effects::default();
        let mut state = State::new(Money(1_000_000 * MICRO), 2, false, Moment::default(), &mut effects);
        for event in events {
            let before = state.clone();
            let result = state.apply(Moment::default(), event, &mut effects);
            if result.is_err() {
                prop_assert_eq!(&before, &state, "a refused event changed the state");
            }
            for (old, new) in before.orders.iter().zip(&state.orders) {
                let is_same = old.status == new.status;
                prop_assert!(is_same || old.status.may_become(new.status), "{:?} to {:?}", old.status, new.status);
            }
            for (symbol, position) in state.account.positions.iter().enumerate() {
                let lots: Shares = position.lots.iter().map(|lot| lot.quantity).sum();
                prop_assert_eq!(lots, position.quantity);
                prop_assert_eq!(position.is_idle(), !state.account.active.contains(&symbol));
                prop_assert!(position.working.iter().all(|&id| state.order(id).unwrap().status.is_working()));
            }
        }
        let booked: Money = effects.booked.iter().map(|entry| entry.amount).sum();
        prop_assert_eq!(booked, state.account.cash);
    }
}

#[test]
fn a_stop_whose_level_falls_to_zero_with_a_further_fill_is_cancelled() {
    // 10.00 - 9.99 leaves a stop at 0.01; at an average of 9.95 there is no price left to stop at.
    let mut effects = Effects::default();
    let mut state = State::new(Money(1_000 * MICRO), 1, false, Moment::default(), &mut effects);
    let stop_loss = Some(Gap::Distance(Price(9_990_000)));
    let protection = Protection { stop_loss, ..Protection::default() };
    let order = Order { protection, ..market(0, Side::Buy, 100, true) };
    let fill = |usd_cents: i64| {
        let (quantity, price) = (Shares::whole(50), Price(usd_cents * 10_000));
        Event::Fill(FillReport {
            order: 1,
            quantity,
            price,
            fee: Money::ZERO,
            by_schedule: Money::ZERO,
            slippage: Money::ZERO,
        })
    };
    for event in [Event::Decided(order), Event::Accepted(1), fill(1_000), Event::Accepted(2)] {
        state.apply(Moment::default(), event, &mut effects).unwrap();
    }
    assert_eq!(state.order(2).unwrap().stop_price, Some(Price(10_000)));
    effects = Effects::default();
    state.apply(Moment::default(), fill(990), &mut effects).unwrap();
    assert!(effects.asks.contains(&Ask::Cancel(2)), "{effects:?}");
    assert_eq!(state.account.positions[0].lots[0].stop, None);
}

#[test]
fn the_kill_switch_cancels_what_works_and_takes_nothing_more() {
    let mut effects = Effects::default();
    let mut state = State::new(Money(1_000 * MICRO), 1, false, Moment::default(), &mut effects);
    state.apply(Moment::default(), Event::Decided(market(0, Side::Buy, 1, true)), &mut effects).unwrap();
    effects = Effects::default();
    state.apply(Moment::default(), Event::Kill, &mut effects).unwrap();
    assert_eq!(effects.asks, [Ask::Cancel(1)]);
    let again = state.apply(Moment::default(), Event::Decided(market(0, Side::Buy, 1, true)), &mut effects);
    assert_eq!(again, Err(Refusal::Killed));
}
