//! Each order type, gaps, brackets and partial fills.

use super::*;
use crate::kernel::OrderStatus::*;

#[test]
fn a_market_order_fills_at_the_next_open() {
    // Decided at the close of bar 0 (10), bought at the open of bar 1 (11): 100,000 - 1,100 = 98,900. The exit decided
    // at the close of bar 2 sells at the open of bar 3 (14): + 1,400 = 100,300. Marks: 12 and 13 in between.
    let bars = [flat(10.0), [11.0, 12.0, 11.0, 12.0], [12.0, 13.0, 12.0, 13.0], [14.0, 15.0, 14.0, 15.0]];
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[2]).run();
    assert_eq!(fills(&output), [(1, 100.0, 11.0), (3, -100.0, 14.0)]);
    assert_eq!(cash(&output), [100_000.0, 98_900.0, 98_900.0, 100_300.0]);
    assert_eq!(equity(&output), [100_000.0, 100_100.0, 100_200.0, 100_300.0]);
    let trade = output.trades[0];
    assert_eq!((trade.pnl.to_f64(), trade.sessions_held), (300.0, 2));
    assert_eq!(trade.exit_reason.unwrap().as_str(), "exit_rule");
    assert_eq!(statuses(&output), [("MARKET", Filled), ("MARKET", Filled)]);
}

fn limit_case(bars: &[Bar], offset: f64) -> RunOutput {
    let mut case = case(&[("AAA", bars)]).buy_at(&[0]);
    case.plan.execution.entry = EntryOrder::Limit;
    case.plan.execution.limit_offset_frac = offset;
    case.run()
}

#[test]
fn a_limit_fills_when_touched_at_the_better_of_open_and_limit() {
    // Close 100, offset -1%: the limit is 99. A bar from 100 down to 98.5 touches it.
    assert_eq!(fills(&limit_case(&[flat(100.0), [100.0, 101.0, 98.5, 99.5]], -0.01)), [(1, 100.0, 99.0)]);
    // An open of 97 is better than the limit.
    assert_eq!(fills(&limit_case(&[flat(100.0), [97.0, 98.0, 96.0, 97.5]], -0.01)), [(1, 100.0, 97.0)]);
    // A positive offset is marketable: limit 101, the open of 100.5 is within it.
    assert_eq!(fills(&limit_case(&[flat(100.0), [100.5, 102.0, 100.0, 101.5]], 0.01)), [(1, 100.0, 100.5)]);
}

#[test]
fn an_untouched_limit_expires_at_the_end_of_its_day() {
    let output = limit_case(&[flat(100.0), [100.0, 101.0, 99.5, 100.0], [98.0, 98.0, 98.0, 98.0]], -0.01);
    assert_eq!(fills(&output), []);
    assert_eq!(statuses(&output), [("LIMIT", Expired)]);
}

#[test]
fn an_exit_cancels_what_is_left_of_the_entry() {
    // Half of a volume of 100 may trade in a bar: 50 of 100 are bought in bar 1. The exit decided at its close sells
    // them in bar 2; the other 50, good for three sessions, are not bought any more.
    let bars = [flat(10.0); 5];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[1]);
    (case.volume, case.config.max_participation_frac) = (100.0, Some(0.5));
    case.plan.execution.time_in_force_sessions = 3;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 50.0, 10.0), (2, -50.0, 10.0)]);
    assert_eq!(statuses(&output), [("MARKET", Cancelled), ("MARKET", Filled)]);
}

#[test]
fn a_bar_that_touches_the_stop_and_a_limit_exit_counts_as_the_stop() {
    // Bought at 100, stop 92. The exit decided at 100 waits at its limit of 100; a bar from 98 up to 101 and down to 91
    // touches both, and does not say which came first.
    let bars = [flat(100.0), flat(100.0), [98.0, 101.0, 91.0, 95.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[1]).stop_loss(0.08);
    case.plan.execution.exit = EntryOrder::Limit;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (2, -100.0, 92.0)]);
    assert_eq!(statuses(&output), [("MARKET", Filled), ("STOP", Filled), ("LIMIT", Cancelled)]);
}

#[test]
fn a_stop_entry_fills_at_the_worse_of_open_and_stop() {
    let stop = |bars: &[Bar]| {
        let mut case = case(&[("AAA", bars)]).buy_at(&[0]);
        case.plan.execution.entry = EntryOrder::Stop;
        case.plan.execution.stop_offset_frac = 0.02;
        case.run()
    };
    // Close 100, stop 102: touched within the bar it fills at 102; an open of 103 has passed it and fills at 103.
    assert_eq!(fills(&stop(&[flat(100.0), [101.0, 102.5, 100.0, 102.0]])), [(1, 100.0, 102.0)]);
    assert_eq!(fills(&stop(&[flat(100.0), [103.0, 104.0, 102.5, 103.5]])), [(1, 100.0, 103.0)]);
    assert_eq!(fills(&stop(&[flat(100.0), [101.0, 101.9, 100.0, 101.0]])), []);
}

#[test]
fn a_stop_limit_becomes_a_limit_once_touched() {
    let stop_limit = |bars: &[Bar]| {
        let mut case = case(&[("AAA", bars)]).buy_at(&[0]);
        case.plan.execution.entry = EntryOrder::StopLimit;
        case.plan.execution.stop_offset_frac = 0.02;
        case.plan.execution.limit_offset_frac = 0.01;
        case.plan.execution.time_in_force_sessions = 2;
        case.run()
    };
    // Close 100: stop 102, limit 102 x 1.01 = 103.02. Touched within the bar: at the stop.
    assert_eq!(fills(&stop_limit(&[flat(100.0), [101.0, 102.5, 100.0, 102.0]])), [(1, 100.0, 102.0)]);
    // The open of 105 has passed both; the bar comes back to 103 and touches the limit.
    assert_eq!(fills(&stop_limit(&[flat(100.0), [105.0, 106.0, 103.0, 104.0]])), [(1, 100.0, 103.02)]);
    // It does not come back on that day; on the next it opens at 102.5, better than the limit, though under the stop.
    let output = stop_limit(&[flat(100.0), [105.0, 106.0, 104.0, 104.5], [101.5, 102.0, 101.0, 101.5]]);
    assert_eq!(fills(&output), [(2, 100.0, 101.5)]);
}

#[test]
fn a_stop_fills_at_the_open_when_the_bar_gaps_through_it() {
    // Bought at 100 with an 8% stop at 92. Bar 2 opens at 90: 90 is the worse. Loss 100 x 10 = 1,000.
    let gap = [flat(100.0), flat(100.0), [90.0, 91.0, 89.0, 90.0]];
    let output = case(&[("AAA", &gap)]).buy_at(&[0]).stop_loss(0.08).run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (2, -100.0, 90.0)]);
    assert_eq!(output.trades[0].pnl.to_f64(), -1_000.0);
    // Within the bar it fills at the stop itself.
    let touch = [flat(100.0), flat(100.0), [95.0, 96.0, 91.0, 94.0]];
    let output = case(&[("AAA", &touch)]).buy_at(&[0]).stop_loss(0.08).run();
    assert_eq!(fills(&output)[1], (2, -100.0, 92.0));
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "stop_loss");
}

#[test]
fn a_target_that_the_open_has_passed_fills_at_the_open() {
    // Bought at 100, target 125. Bar 2 opens at 130, the better: 100 x 30 = 3,000.
    let bars = [flat(100.0), flat(100.0), [130.0, 131.0, 90.0, 95.0]];
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.25).run();
    // The bar also falls through the stop at 92, but the open came first.
    assert_eq!(fills(&output)[1], (2, -100.0, 130.0));
    assert_eq!(output.trades[0].pnl.to_f64(), 3_000.0);
}

#[test]
fn a_bar_that_touches_stop_and_target_counts_as_the_stop_and_cancels_the_target() {
    let bars = [flat(100.0), flat(100.0), [100.0, 126.0, 91.0, 100.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.25);
    case.plan.execution.entry = EntryOrder::Bracket;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (2, -100.0, 92.0)]);
    assert_eq!(statuses(&output), [("BRACKET", Filled), ("STOP", Filled), ("LIMIT", Cancelled)]);
    let parents: Vec<_> = output.orders.rows.iter().map(|order| order.parent).collect();
    assert_eq!(parents, [None, Some(1), Some(1)]);
}

#[test]
fn the_target_of_a_bracket_cancels_the_stop() {
    let bars = [flat(100.0), flat(100.0), [100.0, 126.0, 99.0, 120.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.25);
    case.plan.execution.entry = EntryOrder::Bracket;
    let output = case.run();
    assert_eq!(fills(&output)[1], (2, -100.0, 125.0));
    assert_eq!(statuses(&output), [("BRACKET", Filled), ("STOP", Cancelled), ("LIMIT", Filled)]);
}

#[test]
fn both_children_of_an_entry_at_the_open_are_live_in_that_bar() {
    // Bought at the open of 100; the high of 126 touches the target of 125 and the low of 99 is above the stop.
    let bars = [flat(100.0), [100.0, 126.0, 99.0, 120.0]];
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.25).run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (1, -100.0, 125.0)]);
}

#[test]
fn after_an_intrabar_limit_entry_only_the_stop_is_live_in_that_bar() {
    let with_stop = |low: f64, high: f64| {
        // Limit 99; stop 8% below 99 = 91.08; target 1% above = 99.99.
        let bars = [flat(100.0), [100.0, high, low, 98.0]];
        let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.01);
        case.plan.execution.entry = EntryOrder::Limit;
        case.plan.execution.limit_offset_frac = -0.01;
        case.run()
    };
    // The high of 101 touches the target, but may have come before the entry: nothing but the entry happens.
    assert_eq!(fills(&with_stop(98.5, 101.0)), [(1, 100.0, 99.0)]);
    // The low of 90 touches the stop.
    assert_eq!(fills(&with_stop(90.0, 101.0)), [(1, 100.0, 99.0), (1, -100.0, 91.08)]);
}

#[test]
fn a_part_above_the_participation_carries_on_under_its_time_in_force() {
    // 1% of 4,000 shares a bar is 40: 40, 40 and 20 over three sessions. Average entry (40 x 10 + 40 x 11 + 20 x 12)
    // / 100 = 10.80.
    let bars = [flat(10.0), flat(10.0), flat(11.0), flat(12.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.volume = 4_000.0;
    case.config.max_participation_frac = Some(0.01);
    case.plan.execution.time_in_force_sessions = 3;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 40.0, 10.0), (2, 40.0, 11.0), (3, 20.0, 12.0)]);
    assert_eq!(output.trades[0].entry_price.to_f64(), 10.8);
    assert_eq!(statuses(&output), [("MARKET", Filled)]);
    // A day order gets the first part only.
    case.plan.execution.time_in_force_sessions = 1;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 40.0, 10.0)]);
    assert_eq!(statuses(&output), [("MARKET", Expired)]);
}

#[test]
fn a_stop_filled_in_parts_goes_on_at_the_next_open_and_shrinks_the_target() {
    // 60 shares a bar: the entry takes two bars (10, 10). The stop of 9.20 is touched in bar 3: 60 at 9.20, the other 40
    // at the next open of 9.50 though that is above the stop. The target follows to 40 shares and is cancelled.
    let bars = [flat(10.0), flat(10.0), flat(10.0), [10.0, 10.0, 9.0, 9.5], flat(9.5)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08).take_profit(0.25);
    case.volume = 6_000.0;
    case.config.max_participation_frac = Some(0.01);
    case.plan.execution.time_in_force_sessions = 2;
    let output = case.run();
    assert_eq!(fills(&output), [(1, 60.0, 10.0), (2, 40.0, 10.0), (3, -60.0, 9.2), (4, -40.0, 9.5)]);
    assert_eq!(statuses(&output), [("MARKET", Filled), ("STOP", Filled), ("LIMIT", Cancelled)]);
    assert_eq!(output.orders.rows[2].quantity.to_f64(), 40.0);
    // One round trip: 60 x 9.20 + 40 x 9.50 - 1,000 = 932 - 1,000.
    assert_eq!(output.trades.len(), 1);
    assert_eq!(output.trades[0].pnl.to_f64(), -68.0);
}

#[test]
fn a_short_is_stopped_above_and_its_target_lies_below() {
    // Sold short at 100 (cash 110,000), stop 108. Bar 2 rises to 109: bought at 108, loss 800.
    let bars = [flat(100.0), flat(100.0), [102.0, 109.0, 101.0, 105.0]];
    let output = case(&[("AAA", &bars)]).short_at(&[0]).stop_loss(0.08).take_profit(0.25).run();
    assert_eq!(fills(&output), [(1, -100.0, 100.0), (2, 100.0, 108.0)]);
    assert_eq!(cash(&output), [100_000.0, 110_000.0, 99_200.0]);
    assert_eq!(equity(&output), [100_000.0, 100_000.0, 99_200.0]);
}
