//! Commission, slippage and cash in whole runs.

use super::*;
use crate::kernel::OrderStatus::*;

#[test]
fn slippage_is_paid_by_takers_on_both_sides_and_shown_per_fill() {
    // 10 bps: bought at 50 x 1.001 = 50.05, sold at 60 x 0.999 = 59.94. 100 shares: 5.00 and 6.00 of slippage.
    let bars = [flat(50.0), flat(50.0), flat(60.0), flat(60.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[2]);
    case.config.slippage = SlippageConfig::Bps { bps: 10.0 };
    let output = case.run();
    assert_eq!(fills(&output), [(1, 100.0, 50.05), (3, -100.0, 59.94)]);
    let slippage: Vec<f64> = output.fills.slippage.iter().map(|money| money.to_f64()).collect();
    assert_eq!(slippage, [5.0, 6.0]);
    // A spread of 10 bps costs half on each side: 50.025 and 59.97.
    case.config.slippage = SlippageConfig::Spread { spread_bps: 10.0 };
    assert_eq!(fills(&case.run()), [(1, 100.0, 50.025), (3, -100.0, 59.97)]);
}

#[test]
fn the_fee_of_an_order_is_booked_beside_the_trade() {
    // IBKR fixed: 100 shares x 0.005 = 0.50, lifted to 1.00. Buy 5,000 + 1; sell 6,000 - 1. P&L 1,000 - 2.
    let bars = [flat(50.0), flat(50.0), flat(60.0), flat(60.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[2]);
    case.config.commission = CommissionConfig::PerShare {
        per_share_usd: "0.005".into(),
        minimum_usd: "1.00".into(),
        maximum_frac: Some("0.01".into()),
        maximum_wins: true,
    };
    let output = case.run();
    assert_eq!(cash(&output), [100_000.0, 94_999.0, 94_999.0, 100_998.0]);
    let entries: Vec<_> = output.ledger.iter().map(|entry| (entry.kind.as_str(), entry.amount.to_f64())).collect();
    let expected = [("deposit", 100_000.0), ("trade", -5_000.0), ("fee", -1.0), ("trade", 6_000.0), ("fee", -1.0)];
    assert_eq!(entries, expected);
    assert_eq!((output.trades[0].pnl.to_f64(), output.trades[0].fees.to_f64()), (998.0, 2.0));
    // 10 bps: 5.00 and 6.00.
    case.config.commission = CommissionConfig::Bps { bps: 10.0 };
    assert_eq!(case.run().trades[0].fees.to_f64(), 11.0);
}

#[test]
fn a_buy_that_would_overdraw_is_cut_with_a_verdict() {
    // $1,000, 100 shares wanted at an open of 12: 83 shares cost 996, 84 cost 1,008.
    let bars = [flat(10.0), flat(12.0), flat(12.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.config.capital_usd = "1000".into();
    let output = case.run();
    assert_eq!(fills(&output), [(1, 83.0, 12.0)]);
    assert_eq!(cash(&output)[1], 4.0);
    assert_eq!(statuses(&output), [("MARKET", Cancelled)]);
    let row = output.verdicts[0];
    assert_eq!((row.verdict.requested.to_f64(), row.verdict.admitted.to_f64()), (100.0, 83.0));
    assert_eq!(row.order_id, Some(1));
    // With a fee of 5.00 an order:
    case.config.commission = CommissionConfig::PerShare {
        per_share_usd: "0".into(),
        minimum_usd: "5.00".into(),
        maximum_frac: None,
        maximum_wins: true,
    };
    // 996 + 5 is above 1,000; 82 x 12 + 5 = 989.
    assert_eq!(fills(&case.run()), [(1, 82.0, 12.0)]);
    // Nothing fits: the order is rejected.
    case.config.capital_usd = "10".into();
    let output = case.run();
    assert_eq!(fills(&output), []);
    assert_eq!(statuses(&output), [("MARKET", Rejected)]);
}

#[test]
fn sales_pay_for_purchases_at_the_same_open() {
    // All of $1,000 in AAA at 10; at bar 3 it is sold for 1,000 before BBB is bought with it, though AAA < BBB would also
    // do; ZZZ sells first the other way round in the mirror case.
    let bars = [flat(10.0), flat(10.0), flat(10.0), flat(10.0)];
    for (first, second) in [([0usize, 1], [1usize, 0]), ([1, 0], [0, 1])] {
        let mut case = case(&[("AAA", &bars), ("ZZZ", &bars)]);
        case.config.capital_usd = "1000".into();
        let at = |place: usize, bar: &'static [usize], order: [usize; 2]| if order[0] == place { bar } else { &[][..] };
        let long = case.when_each(&[if first[0] == 0 { &[0] } else { &[1] }, if first[0] == 1 { &[0] } else { &[1] }]);
        let exit = case.when_each(&[at(0, &[1], first), at(1, &[1], first)]);
        case.rules().long = Some(long);
        case.rules().exit_long = Some(exit);
        let output = case.run();
        let sides: Vec<_> = output.fills.side.iter().map(|side| side.sign()).collect();
        assert_eq!(sides, [1, -1, 1]);
        assert_eq!(output.fills.symbol, [first[0], first[0], second[0]]);
        assert!(output.verdicts.is_empty());
    }
}

#[test]
fn a_percent_of_equity_is_sized_on_the_buffered_close_plus_fees() {
    // 50% of 100,000 = 50,000 over 100 x 1.01 = 101, plus 10 bps of 101 = 0.101: 50,000 / 101.101 = 494.55.
    let bars = [flat(100.0), flat(100.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.plan.sizing.method = SizingMethod::FixedFraction { fraction: 0.5 };
    case.config.commission = CommissionConfig::Bps { bps: 10.0 };
    assert_eq!(fills(&case.run()), [(1, 494.0, 100.0)]);
    // In lots of 100.
    case.plan.sizing.round_lot = 100;
    assert_eq!(fills(&case.run()), [(1, 400.0, 100.0)]);
    // The strategy's own cap of 20%: 20,000 / 101.101 = 197.8.
    (case.plan.sizing.round_lot, case.plan.sizing.max_position_frac) = (1, Some(0.2));
    assert_eq!(fills(&case.run()), [(1, 197.0, 100.0)]);
}
