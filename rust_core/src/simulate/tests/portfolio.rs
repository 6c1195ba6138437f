//! Target portfolios: schedule, weights, corridor, sells first.

use super::*;
use crate::calendar::{add_sessions, days_from_civil};

/// A plan that holds what `chosen` says, by bar of each symbol.
fn portfolio(bars: &[(&'static str, &[Bar])], chosen: &[&[usize]], rebalance: Rebalance) -> Case {
    let mut case = case(bars);
    let select = case.when_each(chosen);
    case.plan.portfolio = Some(Portfolio {
        select,
        weight: Weight::Equal,
        rebalance,
        corridor: Corridor::NONE,
        to: Destination::Target,
        gross_frac: 1.0,
    });
    case
}

/// Consecutive scheduled sessions from a date on.
fn sessions(first: i32, count: usize) -> Vec<i32> {
    (0..count as i32).map(|n| add_sessions(first, n)).collect()
}

#[test]
fn a_monthly_rebalance_is_decided_on_the_scheduled_session_plus_offset() {
    // 2024: January starts on Tuesday the 2nd, February on Thursday the 1st (session 21 of the list), so with an offset
    // of one session decisions fall on January 3rd (step 1) and February 2nd (step 22): trades at steps 2 and 23.
    let bars: Vec<Bar> = (0..30).map(|bar| flat(if bar < 20 { 100.0 } else { 200.0 })).collect();
    let all: Vec<usize> = (0..30).collect();
    let mut case = portfolio(&[("AAA", &bars)], &[&all], Rebalance::Monthly { offset: 1 });
    case.dates = sessions(FIRST_DATE, 30);
    assert_eq!(case.dates[21], days_from_civil(2024, 2, 1));
    let output = case.run();
    let stamps: Vec<i32> = output.fills.filled_ns.iter().map(|ns| (ns / DAY_NS) as i32).collect();
    assert_eq!(stamps, [case.dates[2], case.dates[23]]);
    // 100,000 / 101 = 990.09; then equity is 1,000 + 990 x 200 = 199,000, over 202 = 985.1: five are sold.
    let quantities: Vec<f64> = output.fills.quantity.iter().map(|quantity| quantity.to_f64()).collect();
    assert_eq!(quantities, [990.0, 5.0]);
    // Within a corridor of 2% nothing is sold: the weight is 198,000 / 199,000 = 99.5%.
    case.plan.portfolio.as_mut().unwrap().corridor.absolute_frac = Some(0.02);
    assert_eq!(case.run().fills.quantity.len(), 1);
}

#[test]
fn a_schedule_that_falls_on_a_closure_moves_to_the_next_session() {
    // Weekly with an offset of one session: Tuesday 2001-09-11 had none, nor the rest of that week; the next session is
    // Monday the 17th, and the week of the 17th has its own Tuesday.
    let monday = days_from_civil(2001, 9, 10);
    let bars: Vec<Bar> = (0..4).map(|_| flat(100.0)).collect();
    let mut case = portfolio(&[("AAA", &bars)], &[&[0, 1, 2, 3]], Rebalance::Weekly { offset: 1 });
    case.dates = vec![monday, monday + 7, monday + 8, monday + 9];
    let output = case.run();
    assert_eq!((output.fills.filled_ns[0] / DAY_NS) as i32, monday + 8);
}

#[test]
fn on_change_trades_only_when_the_set_changes_and_sells_first() {
    // AAA for two bars, then BBB. 50% more for BBB is impossible unless AAA is sold first: 990 shares of each at 100.
    let bars: Vec<Bar> = (0..6).map(|_| flat(100.0)).collect();
    let case = portfolio(&[("AAA", &bars), ("BBB", &bars)], &[&[0, 1], &[2, 3, 4, 5]], Rebalance::OnChange);
    let output = case.run();
    assert_eq!(fills(&output), [(1, 990.0, 100.0), (3, -990.0, 100.0), (3, 990.0, 100.0)]);
    assert_eq!(output.fills.symbol, [0, 0, 1]);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "rebalance");
    let directions: Vec<_> = output.signals.iter().map(|row| (row.symbol, row.direction)).collect();
    use crate::simulate::output::Direction::{Flat, Long};
    assert_eq!(directions, [(0, Long), (1, Long), (0, Flat)]);
}

#[test]
fn a_symbol_without_a_bar_keeps_its_place() {
    let full = vec![Some(flat(100.0)); 5];
    let mut holey = full.clone();
    holey[2] = None;
    let mut case = sparse_case(vec![("AAA", holey), ("BBB", full)]);
    let select = case.when_each(&[&[0, 1, 2, 3], &[]]);
    case.plan.portfolio = Some(Portfolio {
        select,
        weight: Weight::Equal,
        rebalance: Rebalance::OnChange,
        corridor: Corridor::NONE,
        to: Destination::Target,
        gross_frac: 1.0,
    });
    assert_eq!(fills(&case.run()), [(1, 990.0, 100.0)]);
}

#[test]
fn weights_by_inverse_volatility_score_and_expression() {
    let bars: Vec<Bar> = (0..2).map(|_| flat(100.0)).collect();
    let quantities = |weight: &dyn Fn(NodeId) -> Weight, values: [f64; 2], gross: f64| {
        let mut case = portfolio(&[("AAA", &bars), ("BBB", &bars)], &[&[0], &[0]], Rebalance::EverySession);
        let node = case.node(Unit::Ratio, values.iter().map(|&value| vec![value; 2]).collect());
        let portfolio = case.plan.portfolio.as_mut().unwrap();
        (portfolio.weight, portfolio.gross_frac) = (weight(node), gross);
        let output = case.run();
        let mut quantities = [0.0; 2];
        for row in 0..output.fills.order_id.len() {
            let signed = output.fills.side[row].sign() as f64 * output.fills.quantity[row].to_f64();
            quantities[output.fills.symbol[row]] += signed;
        }
        quantities
    };
    // 1/0.1 : 1/0.3 = 3 : 1 of 80%: 60,000 and 20,000 over 101: 594.06 and 198.02.
    assert_eq!(quantities(&Weight::InverseVolatility, [0.1, 0.3], 0.8), [594.0, 198.0]);
    // Scores 1 and 4 of 100%: 20,000 and 80,000: 198.02 and 792.08. A negative score gets nothing.
    assert_eq!(quantities(&Weight::Score, [1.0, 4.0], 1.0), [198.0, 792.0]);
    assert_eq!(quantities(&Weight::Score, [-1.0, 4.0], 1.0), [0.0, 990.0]);
    // The expression is the weight: 45% long, 10% short. A missing weight holds nothing.
    assert_eq!(quantities(&Weight::Expression, [0.45, -0.1], 1.0), [445.0, -99.0]);
    assert_eq!(quantities(&Weight::Expression, [f64::NAN, 0.1], 1.0), [0.0, 99.0]);
}

#[test]
fn a_rebalance_sells_only_what_has_been_held_long_enough() {
    // Bought in session 1, dropped at bar 1: with a minimum of three days it may be sold in session 4 at the earliest.
    let bars: Vec<Bar> = (0..7).map(|_| flat(100.0)).collect();
    let mut case = portfolio(&[("AAA", &bars)], &[&[0]], Rebalance::EverySession);
    case.plan.min_hold_days = 3;
    assert_eq!(fills(&case.run()), [(1, 990.0, 100.0), (4, -990.0, 100.0)]);
}

#[test]
fn every_n_sessions_counts_scheduled_sessions() {
    // Steps of five sessions: whichever session is first, decisions lie five apart.
    let bars: Vec<Bar> = (0..20).map(|bar| flat(100.0 + f64::from(bar % 2))).collect();
    let all: Vec<usize> = (0..20).collect();
    let mut case = portfolio(&[("AAA", &bars)], &[&all], Rebalance::Sessions { every: 5, offset: 0 });
    case.dates = sessions(FIRST_DATE, 20);
    let panel = case.panel();
    let market = crate::simulate::market::Market::new(&case.plan, &panel).unwrap();
    let at = |offset: u32| -> Vec<usize> {
        let due = crate::simulate::schedule::due_steps(Rebalance::Sessions { every: 5, offset }, &market);
        (0..20).filter(|&step| due[step]).collect()
    };
    let first = at(0);
    assert_eq!(first.len(), 4);
    assert!(first.windows(2).all(|pair| pair[1] - pair[0] == 5));
    let shifted = at(1);
    assert_eq!((first[0] + 1) % 5, shifted[0] % 5);
}
