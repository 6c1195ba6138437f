//! The risk policy inside the loop: each limit named here alone changes the ledger.

use super::*;
use crate::kernel::OrderStatus::*;
use crate::risk::{Code, Fraction, Policy};
use crate::units::{Price, Shares};

fn limited(case: &mut Case, set: impl FnOnce(&mut Policy)) {
    let mut policy = Policy::unlimited();
    set(&mut policy);
    case.config.policy = Some(policy);
}

fn codes(output: &RunOutput) -> Vec<(Code, f64, f64)> {
    let rows = output.verdicts.iter().map(|row| row.verdict);
    rows.map(|verdict| (verdict.code, verdict.requested.to_f64(), verdict.admitted.to_f64())).collect()
}

#[test]
fn a_policy_without_limits_changes_nothing_but_records_its_verdicts() {
    let bars = [flat(10.0), flat(10.0), flat(12.0), flat(12.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[2]);
    let free = case.run();
    limited(&mut case, |_| ());
    let output = case.run();
    assert_eq!(output.fills, free.fills);
    assert_eq!(output.equity, free.equity);
    assert_eq!(codes(&output), [(Code::WithinLimits, 100.0, 100.0); 2]);
    assert_eq!(output.verdicts[1].order_id, Some(2));
}

#[test]
fn what_filled_at_a_close_is_known_to_the_next_verdict_of_that_close() {
    let bars = [flat(100.0), flat(100.0), flat(110.0), flat(110.0)];
    let run = |conventions: &str, long: &[&[usize]], reserve: i64| {
        let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
        let long = case.when_each(long);
        case.rules().long = Some(long);
        case.config.conventions = conventions.into();
        limited(&mut case, |policy| policy.portfolio_limits.min_cash_reserve_frac = Some(Fraction(reserve)));
        case.run()
    };
    // Each buys 10,000 of 100,000, and 75% stays: the first fills at this close, and is not reckoned as still working too.
    let both = run("fill=same_close", &[&[1], &[1]], 750_000_000);
    assert_eq!(fills(&both), [(1, 100.0, 100.0), (1, 100.0, 100.0)]);
    // An entry decided at the last bar but one fills at the last, whose close sells it.
    let ended = run("last_bar=closed", &[&[2], &[]], 0);
    assert_eq!(fills(&ended), [(3, 100.0, 110.0), (3, -100.0, 110.0)]);
    assert!(codes(&ended).iter().all(|(code, ..)| *code == Code::WithinLimits));
}

#[test]
fn the_position_limit_reduces_the_order() {
    // 5% of 100,000 is 5,000; 100 x 1.01 = 101 a share: 49 shares instead of 100.
    let bars = [flat(100.0), flat(100.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    limited(&mut case, |policy| policy.position_limits.max_position_frac = Some(Fraction(50_000_000)));
    let output = case.run();
    assert_eq!(fills(&output), [(1, 49.0, 100.0)]);
    assert_eq!(codes(&output), [(Code::PositionMax, 100.0, 49.0)]);
}

#[test]
fn an_addition_is_judged_with_what_is_held_and_brings_the_policys_stop_nearer() {
    // 100 bought at 100; doubling is asked for at 110. 15% of 101,000 is 15,150; 100 are held at 110, so (15,150 - 11,000)
    // / 111.1 = 37 more. Before, 2% of 100,000 on 100 shares was a stop 20.00 away; 2% of 101,000 on 137 is 14.744525.
    let bars = [flat(100.0), flat(100.0), flat(110.0), flat(110.0), [110.0, 110.0, 86.0, 90.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    let when = case.field(PositionField::Profit, Comparison::Greater, 0.05);
    case.rules().scale_in = Some(ScaleIn { when, times: 1, size_frac: 1.0 });
    limited(&mut case, |policy| {
        policy.position_limits.max_position_frac = Some(Fraction(150_000_000));
        policy.position_limits.stop_loss_frac = Some(Fraction(20_000_000));
    });
    let output = case.run();
    assert_eq!(codes(&output)[1], (Code::PositionMax, 100.0, 37.0));
    let stops: Vec<f64> = output.orders.rows.iter().filter_map(|order| order.stop_price).map(Price::to_f64).collect();
    // The first lot's stop stood at 80 and follows to the new distance below its own entry.
    assert_eq!(stops, [85.255_475, 95.255_475]);
    assert_eq!(fills(&output)[..2], [(1, 100.0, 100.0), (3, 37.0, 110.0)]);
    assert_eq!(fills(&output)[2], (4, -37.0, 95.255_475));
}

#[test]
fn the_cap_is_laid_on_the_size_before_the_cash_reserve_is_asked() {
    // All of 100,000 would leave no reserve of 10%. The cap of 5% makes it 49 shares (4,949 at 101), which leave 95%.
    let bars = [flat(100.0), flat(100.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.plan.sizing.method = SizingMethod::EqualWeight;
    limited(&mut case, |policy| {
        policy.position_limits.max_position_frac = Some(Fraction(50_000_000));
        policy.portfolio_limits.min_cash_reserve_frac = Some(Fraction(100_000_000));
    });
    let output = case.run();
    assert_eq!(fills(&output), [(1, 49.0, 100.0)]);
    assert_eq!(codes(&output), [(Code::PositionMax, 990.0, 49.0)]);
}

#[test]
fn the_price_floor_rejects_and_leaves_no_order() {
    let bars = [flat(4.99), flat(5.0), flat(5.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0, 1]);
    limited(&mut case, |policy| policy.position_limits.min_price_usd = Some(Price(5_000_000)));
    let output = case.run();
    assert_eq!(fills(&output), [(2, 100.0, 5.0)]);
    assert_eq!(codes(&output), [(Code::MinPrice, 100.0, 0.0), (Code::WithinLimits, 100.0, 100.0)]);
    assert_eq!((output.verdicts[0].order_id, output.orders.rows.len()), (None, 1));
}

#[test]
fn a_position_without_a_stop_gets_the_policys() {
    // 2% of 100,000 is 2,000: 20.00 a share on 100 shares. Bought at 100, stop 80; bar 2 falls to 79.
    let bars = [flat(100.0), flat(100.0), [90.0, 90.0, 79.0, 85.0]];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    limited(&mut case, |policy| policy.position_limits.stop_loss_frac = Some(Fraction(20_000_000)));
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (2, -100.0, 80.0)]);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "default_stop");
    assert_eq!(output.trades[0].pnl.to_f64(), -2_000.0);
}

#[test]
fn adding_to_a_position_brings_the_policys_stop_nearer_for_all_of_it() {
    // Target weights of 40%, then 80% of 100,000 at a reference of 101: 396 shares, then 792. 2% is 2,000: 2,000 / 396 =
    // 5.050505 below 100 for the first lot alone, 2,000 / 792 = 2.525252 for each once the position has doubled.
    let bars = [flat(100.0); 4];
    let mut case = case(&[("AAA", &bars)]);
    let select = case.when(&[0, 1, 2, 3]);
    let weight = case.node(Unit::Ratio, vec![vec![0.4, 0.8, 0.8, 0.8]]);
    case.plan.rules = None;
    case.plan.portfolio = Some(Portfolio {
        select,
        weight: Weight::Expression(weight),
        rebalance: Rebalance::EverySession,
        corridor: Corridor { absolute_frac: Some(0.01), relative_frac: None },
        to: Destination::Target,
        gross_frac: 1.0,
    });
    limited(&mut case, |policy| policy.position_limits.stop_loss_frac = Some(Fraction(20_000_000)));
    let output = case.run();
    assert_eq!(fills(&output), [(1, 396.0, 100.0), (2, 396.0, 100.0)]);
    let stops = output.orders.rows.iter().filter_map(|order| order.stop_price.map(|level| (order.quantity, level)));
    let level = Price(97_474_748);
    assert_eq!(stops.collect::<Vec<_>>(), [(Shares::whole(396), level), (Shares::whole(396), level)]);
}

#[test]
fn a_breach_of_drawdown_halts_entries_until_it_is_reset() {
    // 500 shares at 100; bar 2 falls to 70: equity 85,000 is 15% under 100,000, above the limit of 10%. The exit at bar 2
    // still goes. Entries are asked for at every later close; the breach of session 2 is reset three sessions later, at
    // the close of bar 5, which rebases the mark at 85,000: bought at the open of bar 6.
    let mut bars = vec![flat(100.0), flat(100.0)];
    bars.extend(vec![flat(70.0); 7]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0, 3, 4, 5, 6]).exit_at(&[2]);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 500.0 };
    case.config.resume_after_sessions = 3;
    limited(&mut case, |policy| policy.portfolio_limits.max_drawdown_frac = Some(Fraction(100_000_000)));
    let output = case.run();
    assert_eq!(fills(&output), [(1, 500.0, 100.0), (3, -500.0, 70.0), (6, 500.0, 70.0)]);
    let refused: Vec<_> = codes(&output).into_iter().map(|(code, _, _)| code).collect();
    assert_eq!(refused[2..], [Code::Drawdown, Code::Drawdown, Code::WithinLimits]);
    assert_eq!(output.counters.resumes, 1);
}

#[test]
fn an_entry_that_waits_for_a_bar_is_reckoned_at_the_last_close() {
    // 600 of AAA are ordered at 101 and wait, since AAA has no bar next day. BBB asks for 600 as well at that close:
    // (100,000 - 60,600) / 101 = 390.1 fit within equity.
    let missing = vec![Some(flat(100.0)), None, Some(flat(100.0)), Some(flat(100.0))];
    let there = vec![Some(flat(100.0)); 4];
    let mut case = sparse_case(vec![("AAA", missing), ("BBB", there)]);
    case.plan.execution.time_in_force_sessions = 3;
    let long = case.when_each(&[&[0], &[1]]);
    case.rules().long = Some(long);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 600.0 };
    limited(&mut case, |policy| policy.position_limits.no_leverage = true);
    let output = case.run();
    assert_eq!(codes(&output), [(Code::WithinLimits, 600.0, 600.0), (Code::NoLeverage, 600.0, 390.0)]);
}

#[test]
fn the_daily_loss_is_judged_against_the_previous_close() {
    // 500 of AAA fall from 100 to 92 in bar 2: 4,000 of 100,000 is above 3%, so BBB may not enter at that close; at the
    // next the loss of the day is zero.
    let bars = [flat(100.0), flat(100.0), flat(92.0), flat(92.0), flat(92.0)];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 500.0 };
    let long = case.when_each(&[&[0], &[2, 3]]);
    case.rules().long = Some(long);
    limited(&mut case, |policy| policy.portfolio_limits.max_daily_loss_frac = Some(Fraction(30_000_000)));
    let output = case.run();
    assert_eq!(output.fills.symbol, [0, 1]);
    assert_eq!(fills(&output)[1].0, 4);
    assert_eq!(codes(&output)[1].0, Code::DailyLoss);
}

#[test]
fn an_input_that_a_limit_needs_must_be_there_or_waived() {
    let bars = [flat(100.0), flat(100.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    limited(&mut case, |policy| {
        policy.circuit_breakers.vix_threshold = Some(35.0);
        policy.position_limits.max_sector_frac = Some(Fraction(250_000_000));
    });
    let run = |case: &Case| run_on(&case.plan, &case.panel(), &case.columns, &case.config);
    assert_eq!(run(&case).unwrap_err().code(), "D103");
    case.config.waive = vec!["vix".into()];
    assert!(run(&case).unwrap_err().to_string().contains("sector"));
    case.config.waive = vec!["vix".into(), "sector".into()];
    assert_eq!(fills(&run(&case).unwrap()), [(1, 100.0, 100.0)]);
}

#[test]
fn a_vix_above_its_threshold_keeps_entries_out() {
    let bars = [flat(100.0), flat(100.0), flat(100.0)];
    let vix = [flat(36.0), flat(35.0), flat(20.0)];
    let mut case = case(&[("AAA", &bars), ("VIX", &vix)]);
    case.plan.symbols = vec!["AAA".into()];
    case.plan.sectors = vec![None];
    let long = case.when_each(&[&[0, 1], &[]]);
    case.rules().long = Some(long);
    limited(&mut case, |policy| policy.circuit_breakers.vix_threshold = Some(35.0));
    let output = case.run();
    assert_eq!(fills(&output), [(2, 100.0, 100.0)]);
    assert_eq!(codes(&output)[0].0, Code::Vix);
}

#[test]
fn half_kelly_changes_with_the_trades_closed_before_the_decision() {
    // Each round trip is bought at 100 and sold at 110 (even) or 95 (odd): of 20, ten win 10% and ten lose 5%, without
    // costs. Prior of no trades: floor 1% until 20 trades are closed. Then p = 0.5, b = 2, f = 0.5 - 0.5 / 2 = 0.25,
    // half of it 12.5% for one position.
    let mut bars = Vec::new();
    for trip in 0..21 {
        let out = if trip % 2 == 0 { 110.0 } else { 95.0 };
        // Decision, entry at the open and exit decision, exit at the open.
        bars.extend([flat(100.0), flat(100.0), [out, out, out, out]]);
    }
    let long: Vec<usize> = (0..21).map(|trip| 3 * trip).collect();
    let exit: Vec<usize> = (0..20).map(|trip| 3 * trip + 1).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&long).exit_at(&exit);
    case.plan.sizing.method = SizingMethod::HalfKelly {
        prior_trades: 0.0,
        prior_win_rate: 0.0,
        prior_payoff: 0.0,
        min_trades: 20,
        floor: 0.01,
    };
    case.plan.sizing.max_positions = Some(1);
    let output = case.run();
    let bought: Vec<(usize, f64)> = fills(&output).iter().filter(|f| f.1 > 0.0).map(|f| (f.0, f.1)).collect();
    // 1% of 100,000 over 101 = 9.9: nine shares each time. After 20 trips equity is 100,000 + 10 x 90 - 10 x 45 =
    // 100,450 (nine shares throughout: 1,004.5 / 101 = 9.95); 12.5% of it is 12,556.25: 124.3 shares.
    assert!(bought[..20].iter().all(|&(_, shares)| shares == 9.0));
    assert_eq!(bought[20], (61, 124.0));
    assert_eq!(statuses(&output).iter().filter(|(_, status)| *status == Filled).count(), 41);
}
