//! Splits, dividends, delistings.

use super::*;
use crate::kernel::OrderStatus::*;

fn split(bar: usize, ratio: f64) -> Action {
    Action { bar, split: ratio, dividend: 0.0 }
}

#[test]
fn a_split_of_two_for_one_restates_lots_and_stops() {
    // 100 shares at 100, stop 8% at 92. 2:1 before bar 2: 200 shares at 50, stop 46. Bar 3 touches it: 200 x 46 = 9,200,
    // a loss of 800 on 10,000.
    let bars = [flat(100.0), flat(100.0), flat(50.0), [50.0, 50.0, 45.0, 46.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08);
    case.actions.push(("AAA", split(2, 2.0)));
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (3, -200.0, 46.0)]);
    assert_eq!(equity(&output), [100_000.0, 100_000.0, 100_000.0, 99_200.0]);
    let trade = output.trades[0];
    assert_eq!((trade.quantity.to_f64(), trade.entry_price.to_f64(), trade.pnl.to_f64()), (200.0, 50.0, -800.0));
}

#[test]
fn a_split_before_the_open_restates_a_resting_order() {
    // Decided at 100 with a limit of 99 for 100 shares; 2:1 overnight makes it 200 at 49.50, touched by a low of 49.
    let bars = [flat(100.0), [50.0, 50.0, 49.0, 50.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.plan.execution.entry = EntryOrder::Limit;
    case.plan.execution.limit_offset_frac = -0.01;
    case.actions.push(("AAA", split(1, 2.0)));
    assert_eq!(fills(&case.run()), [(1, 200.0, 49.5)]);
}

#[test]
fn a_reverse_split_pays_for_the_part_of_a_share() {
    // 100 shares at 10; 1:8 before bar 2 makes 12.5, of which 12 stay and half a share is paid at 10 x 8 = 80: 40.00.
    // Equity is continuous: 99,000 + 40 + 12 x 80 = 100,000.
    let bars = [flat(10.0), flat(10.0), flat(80.0), flat(88.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.actions.push(("AAA", split(2, 0.125)));
    let output = case.run();
    assert_eq!(cash(&output), [100_000.0, 99_000.0, 99_040.0, 99_040.0]);
    // 12 x 88 = 1,056.
    assert_eq!(equity(&output), [100_000.0, 100_000.0, 100_000.0, 100_096.0]);
    let entry = output.ledger.last().unwrap();
    assert_eq!((entry.kind.as_str(), entry.amount.to_f64()), ("cash_in_lieu", 40.0));
    // The half share cost 0.5 x 80 = 40: no gain. What is left cost 960, worth 1,056.
    let pnl: Vec<f64> = output.trades.iter().map(|trade| trade.pnl.to_f64()).collect();
    assert_eq!(pnl, [0.0, 96.0]);
    // A fractional account keeps 12.5 shares.
    case.plan.sizing.fractional = true;
    let output = case.run();
    assert_eq!(cash(&output)[3], 99_000.0);
    assert_eq!(equity(&output)[3], 99_000.0 + 12.5 * 88.0);
}

#[test]
fn a_reverse_split_can_leave_no_share_at_all() {
    // 5 shares at 10; 1:8 makes 0.625, paid at 80: 50.00. The stop goes with the lot.
    let bars = [flat(10.0), flat(10.0), flat(80.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 5.0 };
    case.actions.push(("AAA", split(2, 0.125)));
    let output = case.run();
    assert_eq!(cash(&output), [100_000.0, 99_950.0, 100_000.0]);
    assert_eq!(statuses(&output), [("MARKET", Filled), ("STOP", Cancelled)]);
    assert_eq!(output.trades.len(), 1);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "cash_in_lieu");
}

#[test]
fn dividends_are_received_by_longs_and_paid_by_shorts() {
    // 0.50 on 100 shares held before the open of bar 2; the price falls by it.
    let bars = [flat(100.0), flat(100.0), flat(99.5)];
    let dividend = Action { bar: 2, split: 1.0, dividend: 0.5 };
    let mut long = case(&[("AAA", &bars)]).buy_at(&[0]);
    long.actions.push(("AAA", dividend));
    assert_eq!(cash(&long.run()), [100_000.0, 90_000.0, 90_050.0]);
    assert_eq!(equity(&long.run())[2], 100_000.0);
    let mut short = case(&[("AAA", &bars)]).short_at(&[0]);
    short.actions.push(("AAA", dividend));
    assert_eq!(cash(&short.run()), [100_000.0, 110_000.0, 109_950.0]);
    assert_eq!(equity(&short.run())[2], 100_000.0);
    // Bought at the open of the ex-date: nothing.
    let mut late = case(&[("AAA", &bars)]).buy_at(&[1]);
    late.actions.push(("AAA", dividend));
    assert_eq!(cash(&late.run())[2], 100_000.0 - 9_950.0);
}

#[test]
fn a_split_and_a_dividend_on_one_day_pay_on_the_new_basis() {
    // 2:1, then 0.25 per new share on 200 shares: 50.00.
    let bars = [flat(100.0), flat(100.0), flat(49.75)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.actions.push(("AAA", Action { bar: 2, split: 2.0, dividend: 0.25 }));
    let output = case.run();
    assert_eq!(cash(&output)[2], 90_050.0);
    assert_eq!(equity(&output)[2], 90_050.0 + 200.0 * 49.75);
}

/// AAA trades for three bars, the last close 7, and is then away for `away` sessions; BBB trades on every one of them.
fn silent_for(away: usize, back: bool) -> RunOutput {
    let mut gone = vec![Some(flat(10.0)), Some(flat(10.0)), Some([8.0, 8.0, 7.0, 7.0])];
    gone.extend(vec![None; away]);
    gone.extend(back.then_some(Some(flat(7.5))));
    let stays = vec![Some(flat(1.0)); gone.len()];
    let mut case = sparse_case(vec![("AAA", gone), ("BBB", stays)]).stop_loss(0.5);
    let long = case.when_each(&[&[0], &[]]);
    case.rules().long = Some(long);
    case.config.commission = CommissionConfig::Bps { bps: 10.0 };
    case.run()
}

#[test]
fn a_position_that_is_silent_for_ten_sessions_closes_at_the_last_close() {
    // 100 bought at 10: 1,000 and a fee of 1.00. Sessions 3 to 12 are silent; before the 13th, 700 come back without fee.
    let output = silent_for(12, false);
    let cash = cash(&output);
    assert_eq!(cash[0], 100_000.0);
    assert!(cash[1..13].iter().all(|&cash| cash == 98_999.0));
    assert_eq!(cash[13..], [99_699.0, 99_699.0]);
    assert_eq!(output.counters.forced_closes, 1);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "delisted");
    assert_eq!(output.trades[0].pnl.to_f64(), -301.0);
    assert_eq!(statuses(&output), [("MARKET", Filled), ("STOP", Cancelled)]);
}

#[test]
fn a_shorter_silence_closes_nothing() {
    // Ten silent sessions, and a bar on the one after; or nothing yet: nobody knows on that day which of the two it is.
    for output in [silent_for(10, true), silent_for(10, false)] {
        assert_eq!(output.counters.forced_closes, 0);
        assert_eq!(*cash(&output).last().unwrap(), 98_999.0);
    }
    assert_eq!(equity(&silent_for(10, false)).last(), Some(&99_699.0));
    assert_eq!(equity(&silent_for(10, true)).last(), Some(&99_749.0));
}
