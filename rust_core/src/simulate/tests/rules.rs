//! Holds, trailing stops, leaving, missing bars, reversals.

use super::*;
use crate::kernel::OrderStatus::*;

#[test]
fn min_hold_delays_rule_exits_and_targets_but_never_stops() {
    // Filled in session 1; with two days of minimum hold nothing but the stop may fill before session 3. The rule is
    // true from bar 1 on: decided at bar 2, sold at the open of bar 3.
    let bars: Vec<Bar> = (0..6).map(|_| flat(100.0)).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[1, 2, 3, 4]);
    case.plan.min_hold_days = 2;
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0), (3, -100.0, 100.0)]);
    case.plan.min_hold_days = 0;
    assert_eq!(fills(&case.run())[1], (2, -100.0, 100.0));

    // Bar 2 touches the target of 101, bar 3 does so again: it fills in session 3.
    let bars = [flat(100.0), flat(100.0), [100.0, 102.0, 100.0, 100.0], [100.0, 103.0, 100.0, 100.0], flat(100.0)];
    let mut target = super::case(&[("AAA", &bars)]).buy_at(&[0]).take_profit(0.01);
    target.plan.min_hold_days = 2;
    assert_eq!(fills(&target.run())[1], (3, -100.0, 101.0));

    let bars = [flat(100.0), [100.0, 100.0, 90.0, 95.0], flat(95.0)];
    let mut stop = super::case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.08);
    stop.plan.min_hold_days = 2;
    assert_eq!(fills(&stop.run())[1], (1, -100.0, 92.0));
}

#[test]
fn max_hold_in_sessions_and_in_calendar_days() {
    // Filled in session 1. Three sessions have passed at the close of bar 4: sold at the open of bar 5.
    let bars: Vec<Bar> = (0..8).map(|_| flat(100.0)).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.rules().max_hold = Some(Hold::Sessions(3));
    let output = case.run();
    assert_eq!(fills(&output)[1], (5, -100.0, 100.0));
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "max_hold");
    // Filled on day 1 (a Wednesday); bars 3 and 4 fall on days 6 and 7 of the calendar. Five days have passed at day 6,
    // bar 3: sold at bar 4.
    case.rules().max_hold = Some(Hold::CalendarDays(5));
    case.dates = [0, 1, 2, 6, 7, 8, 9, 10].map(|day| FIRST_DATE + day).to_vec();
    let output = case.run();
    let stamps = &output.fills.filled_ns;
    assert_eq!(stamps[1], i64::from(FIRST_DATE + 7) * DAY_NS);
}

#[test]
fn a_trailing_stop_follows_the_best_close_from_the_next_bar_on() {
    // Bought at 100, trailing 10%: 90. Bar 2 closes at 120, so the level is 108 from bar 3 on: the low of bar 2 (101)
    // does not touch it. Bar 3 closes at 115 (level stays), bar 4 falls to 107: sold at 108.
    let bars = [
        flat(100.0),
        [100.0, 101.0, 95.0, 100.0],
        [101.0, 120.0, 101.0, 120.0],
        [119.0, 119.0, 109.0, 115.0],
        [112.0, 113.0, 107.0, 110.0],
    ];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    let trailing = case.constant(Unit::Ratio, 0.1);
    case.rules().trailing_stop = Some(trailing);
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (4, -100.0, 108.0)]);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "trailing_stop");
    // As a distance of 5.00: 95 after the entry, touched in bar 1 already.
    let distance = case.constant(Unit::DISTANCE, 5.0);
    case.rules().trailing_stop = Some(distance);
    assert_eq!(fills(&case.run())[1], (1, -100.0, 95.0));
}

#[test]
fn levels_are_those_of_the_decision() {
    // A stop level of 97 at the decision; what the column says later does not move it.
    let bars = [flat(100.0), flat(100.0), [100.0, 100.0, 96.0, 98.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    let level = case.node(Unit::LEVEL, vec![vec![97.0, 50.0, 50.0]]);
    case.rules().stop_price = Some(level);
    assert_eq!(fills(&case.run())[1], (2, -100.0, 97.0));
    // A missing level enters nothing.
    let missing = case.node(Unit::LEVEL, vec![vec![f64::NAN, 50.0, 50.0]]);
    case.rules().stop_price = Some(missing);
    assert_eq!(fills(&case.run()), []);
}

#[test]
fn who_leaves_the_universe_is_closed_or_held() {
    let bars: Vec<Bar> = (0..5).map(|_| flat(100.0)).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    let member = case.when(&[0, 1]);
    case.plan.member = Some(member);
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (3, -100.0, 100.0)]);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "left_universe");
    case.plan.close_on_leave = false;
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0)]);
}

#[test]
fn a_missing_bar_is_not_leaving_and_day_orders_of_that_session_expire() {
    // AAA has no bar at step 2. The position stays; the entry decided at step 1 in the second case finds no bar and
    // expires; an exit decided at step 1 waits for step 3.
    let holey = || vec![Some(flat(100.0)), Some(flat(100.0)), None, Some(flat(101.0)), Some(flat(101.0))];
    let full = || vec![Some(flat(1.0)); 5];
    let held = |long: &[usize], exit: &[usize]| {
        let mut case = sparse_case(vec![("AAA", holey()), ("BBB", full())]);
        let long = case.when_each(&[long, &[]]);
        let exit = case.when_each(&[exit, &[]]);
        let member = case.when_each(&[&[0, 1, 2, 3], &[0, 1, 2, 3, 4]]);
        case.rules().long = Some(long);
        case.rules().exit_long = Some(exit);
        case.plan.member = Some(member);
        case.run()
    };
    assert_eq!(fills(&held(&[0], &[])), [(1, 100.0, 100.0)]);
    let expired = held(&[1], &[]);
    assert_eq!((fills(&expired), statuses(&expired)), (vec![], vec![("MARKET", Expired)]));
    assert_eq!(fills(&held(&[0], &[1])), [(1, 100.0, 100.0), (3, -100.0, 101.0)]);
}

#[test]
fn an_entry_to_the_other_side_reverses_the_position_at_one_open() {
    // Long 100 at 10, then short 100 at 12 at the open of bar 3: sold 100 and sold 100 short, + 2,400.
    let bars = [flat(10.0), flat(10.0), flat(12.0), flat(12.0), flat(11.0)];
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).short_at(&[2]).run();
    assert_eq!(fills(&output), [(1, 100.0, 10.0), (3, -100.0, 12.0), (3, -100.0, 12.0)]);
    assert_eq!(cash(&output)[3], 100_000.0 - 1_000.0 + 2_400.0);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "reversal");
    // The short gains 100 by the last close.
    assert_eq!(output.trades[1].pnl.to_f64(), 100.0);
    assert_eq!(output.trades[1].exit_reason, None);
    assert_eq!(equity(&output)[4], 100_300.0);
}

#[test]
fn priority_decides_who_gets_the_last_slot_and_missing_goes_last() {
    let bars = [flat(10.0), flat(10.0), flat(10.0)];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars), ("CCC", &bars)]);
    let long = case.when_each(&[&[0], &[0], &[0]]);
    let priority = case.node(Unit::Ratio, vec![vec![f64::NAN; 3], vec![1.0; 3], vec![2.0; 3]]);
    case.rules().long = Some(long);
    case.rules().priority = Some(priority);
    case.plan.sizing.max_positions = Some(2);
    let output = case.run();
    assert_eq!(output.fills.symbol, [2, 1]);
    // Without a limit all three enter, in that sequence.
    case.plan.sizing.max_positions = None;
    assert_eq!(case.run().fills.symbol, [2, 1, 0]);
}

#[test]
fn a_run_starts_and_ends_where_it_is_told() {
    let bars: Vec<Bar> = (0..6).map(|bar| flat(100.0 + f64::from(bar))).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0, 1, 2, 3, 4]);
    case.config.from_ns = Some(i64::from(FIRST_DATE + 2) * DAY_NS);
    case.config.to_ns = Some(i64::from(FIRST_DATE + 4) * DAY_NS);
    let output = case.run();
    // The first decision is at bar 2.
    assert_eq!(fills(&output), [(3, 100.0, 103.0)]);
    assert_eq!((output.equity.first_step, output.equity.len()), (2, 3));
    case.config.from_ns = Some(i64::from(FIRST_DATE + 20) * DAY_NS);
    assert_eq!(run_on(&case.plan, &case.panel(), &case.columns, &case.config).unwrap_err().code(), "R101");
}

#[test]
fn a_position_stage_exit_sees_the_position_on_todays_basis() {
    // Exit when position.profit > 15% and position.bars_held >= 2. Bought at 100 in session 1; bar 2 is 2:1 at 60, a
    // profit of 20% after one session; bar 3 at 59 is 18% after two: sold at the open of bar 4.
    let bars = [flat(100.0), flat(100.0), flat(60.0), flat(59.0), flat(58.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.actions.push(("AAA", Action { bar: 2, split: 2.0, dividend: 0.0 }));
    let (least, sessions) = (case.constant(Unit::Ratio, 0.15), case.constant(Unit::Count, 2.0));
    let exit = case.position_rule(least, sessions);
    case.rules().exit_long = Some(exit);
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (4, -200.0, 58.0)]);
}
