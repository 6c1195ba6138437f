//! A driven run that is told the fills of a run of our own is that run.

use super::properties::{build, random};
use super::*;
use crate::kernel::OrderId;
use crate::risk::Code;
use crate::simulate::driven::Driven;
use crate::simulate::run_every_step;
use proptest::prelude::*;

/// Replays what the market of `own` did, bar by bar.
fn drive(case: &Case, own: &RunOutput) -> RunOutput {
    let panel = case.panel();
    let mut driven = Driven::new(&case.plan, &panel, &case.columns, &case.config).unwrap();
    let fills = &own.fills;
    let mut next_fill = 0;
    let cuts: Vec<(i64, OrderId)> = own
        .verdicts
        .iter()
        .filter(|row| row.verdict.code == Code::CashCut)
        .filter_map(|row| row.order_id.map(|id| (row.ns, id)))
        .collect();
    loop {
        driven.decide().unwrap();
        if !driven.open().unwrap() {
            break;
        }
        let ns = panel.timeline.ts_ns[driven.step()];
        // The native market fills in two parts; an order that is cut dies where it was cut.
        while next_fill < fills.order_id.len() && fills.filled_ns[next_fill] == ns {
            let id = fills.order_id[next_fill];
            driven.fill(id, fills.quantity[next_fill], fills.price[next_fill], fills.fee[next_fill]).unwrap();
            if cuts.contains(&(ns, id)) {
                driven.reject(id).unwrap();
            }
            next_fill += 1;
        }
        for &(_, id) in cuts.iter().filter(|(at, _)| *at == ns) {
            // Those that did not fill at all.
            let _ = driven.reject(id);
        }
        driven.close(&[]).unwrap();
    }
    driven.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_driven_run_with_the_fills_of_our_own_market_is_our_own_run(random in random(), shorts in any::<bool>()) {
        let case = build(&random, shorts);
        let panel = case.panel();
        let own = run_every_step(&case.plan, &panel, &case.columns, &case.config).unwrap();
        let driven = drive(&case, &own);
        prop_assert_eq!(&driven.equity, &own.equity);
        prop_assert_eq!(&driven.ledger, &own.ledger);
        prop_assert_eq!(&driven.trades, &own.trades);
        prop_assert_eq!(format!("{:?}", driven.signals), format!("{:?}", own.signals));
        let key = |output: &RunOutput| -> Vec<_> {
            output.orders.rows.iter().map(|o| (o.symbol, o.side, o.quantity, o.filled, o.status, o.reason)).collect()
        };
        prop_assert_eq!(key(&driven), key(&own));
        let decided = |output: &RunOutput| -> Vec<_> {
            output.verdicts.iter().filter(|row| row.verdict.code != Code::CashCut).copied().collect()
        };
        prop_assert_eq!(decided(&driven).len(), decided(&own).len());
    }
}

#[test]
fn orders_go_out_once_and_come_back_when_the_engine_cancels_them() {
    let bars = [flat(100.0), flat(100.0), flat(100.0), flat(100.0)];
    let mut case = case(&[("AAA", &bars)]);
    let long = case.when(&[0]);
    case.rules().long = Some(long);
    case.plan.execution.entry = EntryOrder::Limit;
    let case = case.stop_loss(0.1);
    let panel = case.panel();
    let mut driven = Driven::new(&case.plan, &panel, &case.columns, &case.config).unwrap();
    driven.decide().unwrap();
    assert!(driven.decide().is_err(), "a close decides once");
    assert!(driven.open().unwrap());
    let first = driven.outgoing();
    assert_eq!((first.sent.len(), first.recalled.len()), (1, 0));
    // The market does nothing, so the day order expires at the close.
    driven.close(&[]).unwrap();
    driven.decide().unwrap();
    driven.open().unwrap();
    let second = driven.outgoing();
    assert_eq!((second.sent.len(), second.recalled), (0, vec![1]));
}
