//! Borrow fees and interest in whole runs.

use super::*;
use crate::risk::Date;
use crate::simulate::config::{InterestConfig, RateStep};

/// Booked amounts of a kind, with the step of each.
fn booked(output: &RunOutput, kind: &str) -> Vec<(usize, f64)> {
    let entries = output.ledger.iter().filter(|entry| entry.kind.as_str() == kind);
    entries.map(|entry| (((entry.ns / DAY_NS) as i32 - FIRST_DATE) as usize, entry.amount.to_f64())).collect()
}

fn interest(steps: &[(Option<&str>, f64)]) -> Option<InterestConfig> {
    let step = |&(from, annual_frac): &(Option<&str>, f64)| RateStep { from: from.and_then(Date::parse), annual_frac };
    Some(InterestConfig {
        benchmark: steps.iter().map(step).collect(),
        credit_below_frac: 0.005,
        debit_above_frac: 0.015,
        floor_usd: "10000".into(),
    })
}

#[test]
fn shorts_pay_for_each_night_on_the_close_before_it() {
    // Tuesday 2 to Monday 8 January 2024. 100 shares short from Wednesday's open at 50; closes 50, 60, 55 on Wednesday,
    // Thursday and Friday. 3.6% a year is 0.01% a night: 0.50, 0.60, and 3 x 0.55 over the weekend; bought back on
    // Monday.
    let bars = [flat(50.0), flat(50.0), flat(60.0), flat(55.0), flat(55.0)];
    let mut case = case(&[("AAA", &bars)]).short_at(&[0]).exit_at(&[3]);
    case.dates = [0, 1, 2, 3, 6].map(|day| FIRST_DATE + day).to_vec();
    case.config.borrow_frac = 0.036;
    let output = case.run();
    assert_eq!(booked(&output, "borrow_fee"), [(2, -0.50), (3, -0.60), (6, -1.65)]);
    assert_eq!(equity(&output), [100_000.0, 100_000.0, 98_999.5, 99_498.9, 99_497.25]);
    // The round trip itself lost 5 a share; the fee stands in the ledger alone.
    assert_eq!(output.trades[0].pnl.to_f64(), -500.0);
}

#[test]
fn cash_earns_the_benchmark_less_the_spread_above_the_floor() {
    // 100,000 in cash, 90,000 above the floor. 2.3% less 0.5% is 1.8%, 0.005% a night: 4.50. From 4 January on 4.1%
    // less 0.5%, 0.01% a night: the nights of Thursday, of Friday, Saturday and Sunday, on what is there by then.
    let bars = [flat(50.0); 5];
    let mut case = case(&[("AAA", &bars)]);
    case.dates = [0, 1, 2, 3, 6].map(|day| FIRST_DATE + day).to_vec();
    case.config.interest = interest(&[(None, 0.023), (Some("2024-01-04"), 0.041)]);
    let output = case.run();
    // 0.005% of 90,004.50 is 4.500225; 0.01% of 90,009.000225 is 9.000900; 0.03% of 90,018.001125 is 27.005400.
    assert_eq!(booked(&output, "interest"), [(1, 4.5), (2, 4.500225), (3, 9.0009), (6, 27.0054)]);
}

#[test]
fn cash_earns_until_a_purchase_settles_and_from_when_a_sale_has() {
    // Until 2024-05-28 trades settle after two sessions. All but nothing is invested at the open of step 1 and settles
    // at step 3: the nights before steps 2 and 3 still earn on 100,000 and more, the one before step 4 does not. Sold at
    // step 5, settled at step 7: the night before step 8 earns again.
    let bars = [flat(100.0); 9];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[4]);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 1_000.0 };
    // 4.1% less 0.5%: 0.01% a night of what is above 10,000.
    case.config.interest = interest(&[(None, 0.041)]);
    let output = case.run();
    assert_eq!(fills(&output), [(1, 1_000.0, 100.0), (5, -1_000.0, 100.0)]);
    let entries = booked(&output, "interest");
    let steps: Vec<usize> = entries.iter().map(|&(step, _)| step).collect();
    assert_eq!(steps, [1, 2, 3, 8]);
    assert_eq!(entries[0].1, 9.0);
    assert_eq!(entries[3].1, 9.0027);
}

#[test]
fn what_is_owed_costs_the_benchmark_and_the_spread() {
    // 1,000 shares sold short at 100 double the cash to 200,000. At a close of 160 all but 40,000 are set aside, 30,000
    // above the floor; at 250 there is a debt of 50,000. 2.1% and 1.5% are 0.01% a night, 5.00.
    let bars = [flat(100.0), flat(100.0), flat(160.0), flat(250.0), flat(250.0)];
    let mut case = case(&[("AAA", &bars)]).short_at(&[0]);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 1_000.0 };
    case.config.interest = interest(&[(None, 0.021)]);
    let output = case.run();
    // 1.6% on 90,000: 4.00; then 90,004 earn 4.000178; then 30,008.000178 above the floor 1.333689.
    let entries = booked(&output, "interest");
    assert_eq!(entries, [(1, 4.0), (2, 4.000178), (3, 1.333689), (4, -4.999067)]);
}

#[test]
fn nights_are_paid_once_a_session() {
    // Two bars a session: six steps, three sessions, two nights.
    let bars = [flat(50.0); 6];
    let mut case = case(&[("AAA", &bars)]);
    case.config.interest = interest(&[(None, 0.041)]);
    let mut panel = case.panel();
    panel.timeline.session = Cow::Owned(vec![0, 0, 1, 1, 2, 2]);
    panel.timeline.dates = vec![FIRST_DATE, FIRST_DATE + 1, FIRST_DATE + 2];
    panel.timeline.daily = false;
    let output = run_on(&case.plan, &panel, &case.columns, &case.config).unwrap();
    assert_eq!(booked(&output, "interest"), [(2, 9.0), (4, 9.0009)]);
}
