//! Limits on one order and the position it makes.

use crate::market::{Market, at, buy, dip, no_limits, only, scripted, short};
use serde_json::json;

const DATE: (i32, u32, u32) = (2010, 1, 4);

#[test]
fn a_policy_without_limits_leaves_the_ledger_alone() {
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0), dip(90.0, 40.0), at(95.0)])]);
    let strategy = scripted(&["AAA"], 100);
    let (free, open) = (market.run(&strategy, None), market.run(&strategy, Some(no_limits())));
    assert_eq!(free.fills(), [("AAA", 1, 100.0, 100.0)]);
    assert_eq!(open.output.fills, free.output.fills);
    assert_eq!(open.output.equity, free.output.equity);
    assert_eq!((free.output.verdicts.len(), open.output.verdicts.len()), (0, 1));
}

#[test]
fn max_position_cuts_the_order() {
    // 100 shares are 10.1% of equity; 5% is $5,000, or 49.5 shares at 101: 49.
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA"], 100);
    assert_eq!(market.run(&strategy, None).fills(), [("AAA", 1, 100.0, 100.0)]);
    let limited = market.run(&strategy, Some(only("position_limits", "max_position_frac", json!(0.05))));
    assert_eq!(limited.fills(), [("AAA", 1, 49.0, 100.0)]);
    assert_eq!(limited.objections(), [("AAA", 0, "POSITION_MAX")]);
    limited.assert_first_objection("REDUCE_SIZE", 0.05, 0.101, 100.0, 49.0);
}

#[test]
fn the_smaller_of_the_accounts_cap_and_the_strategys_holds() {
    // The strategy keeps to 4%: $4,000, or 39.6 shares at 101. The account's 5% changes nothing; its 3% allow 29.7, of the
    // 39 shares asked for, which are 3.939%.
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0)])]);
    let mut strategy = scripted(&["AAA"], 100);
    strategy["sizing"]["max_position"] = json!("4%");
    let capped = |frac: f64| market.run(&strategy, Some(only("position_limits", "max_position_frac", json!(frac))));
    assert_eq!(market.run(&strategy, None).fills(), [("AAA", 1, 39.0, 100.0)]);
    assert_eq!(capped(0.05).fills(), [("AAA", 1, 39.0, 100.0)]);
    assert!(capped(0.05).objections().is_empty());
    assert_eq!(capped(0.03).fills(), [("AAA", 1, 29.0, 100.0)]);
    capped(0.03).assert_first_objection("REDUCE_SIZE", 0.03, 0.03939, 39.0, 29.0);
}

#[test]
fn max_sector_cuts_the_second_of_a_sector() {
    // AAA takes $10,100 of the $15,000 that technology may have; $4,900 are left for BBB: 48.5 shares at 101.
    let bars = [buy(100.0), at(100.0)];
    let market = Market::daily(DATE, &[("AAA", &bars), ("BBB", &bars), ("CCC", &bars)]);
    let mut strategy = scripted(&["AAA", "BBB", "CCC"], 100);
    strategy["sectors"] = json!({"AAA": "technology", "BBB": "technology", "CCC": "energy"});
    let each = |second| [("AAA", 1, 100.0, 100.0), ("BBB", 1, second, 100.0), ("CCC", 1, 100.0, 100.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(100.0));
    let limited = market.run(&strategy, Some(only("position_limits", "max_sector_frac", json!(0.15))));
    assert_eq!(limited.fills(), each(48.0));
    assert_eq!(limited.objections(), [("BBB", 0, "SECTOR_MAX")]);
    limited.assert_first_objection("REDUCE_SIZE", 0.15, 0.202, 100.0, 48.0);
}

#[test]
fn a_sector_limit_without_sectors_stops_the_run_until_it_is_waived() {
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA"], 100);
    let policy = only("position_limits", "max_sector_frac", json!(0.01));
    let refusal = market.try_run(&strategy, Some(policy.clone()), &[]).err().unwrap();
    assert!(refusal.to_string().contains("sector"), "{refusal}");
    let waived = market.try_run(&strategy, Some(policy), &["sector"]).unwrap();
    assert_eq!(waived.fills(), [("AAA", 1, 100.0, 100.0)]);
}

#[test]
fn stop_loss_cuts_what_would_lose_too_much_at_its_stop() {
    // The stop lies 20% under 101, at 80.80: 500 shares would lose 500 x 20.20 = $10,100. $2,000 allow 99.01: 99 shares.
    // They fill at 100, so the stop is at 80, where the third bar's dip to 79 meets it.
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0), dip(100.0, 79.0)])]);
    let mut strategy = scripted(&["AAA"], 500);
    strategy["exit"]["stop_loss"] = json!("20%");
    let each = |shares: f64| [("AAA", 1, shares, 100.0), ("AAA", 2, -shares, 80.0)];
    let (free, limited) = (
        market.run(&strategy, None),
        market.run(&strategy, Some(only("position_limits", "stop_loss_frac", json!(0.02)))),
    );
    assert_eq!(free.fills(), each(500.0));
    assert_eq!(free.final_equity(), 100_000.0 - 500.0 * 20.0);
    assert_eq!(limited.fills(), each(99.0));
    assert_eq!(limited.final_equity(), 100_000.0 - 99.0 * 20.0);
    assert_eq!(limited.objections(), [("AAA", 0, "STOP_LOSS_MAX")]);
    limited.assert_first_objection("REDUCE_SIZE", 0.02, 0.101, 500.0, 99.0);
}

#[test]
fn a_position_without_a_stop_gets_one_where_it_loses_the_limit() {
    // 2% of equity is $2,000, or 20.00 a share on 100 shares: bought at 100, sold at 80 by the dip to 79.
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0), dip(90.0, 79.0), at(90.0)])]);
    let strategy = scripted(&["AAA"], 100);
    assert_eq!(market.run(&strategy, None).fills(), [("AAA", 1, 100.0, 100.0)]);
    let limited = market.run(&strategy, Some(only("position_limits", "stop_loss_frac", json!(0.02))));
    assert_eq!(limited.fills(), [("AAA", 1, 100.0, 100.0), ("AAA", 2, -100.0, 80.0)]);
    assert_eq!(limited.output.trades[0].exit_reason.unwrap().as_str(), "default_stop");
    assert_eq!(limited.final_equity(), 98_000.0);
    assert!(limited.objections().is_empty());
}

#[test]
fn min_price_keeps_out_what_trades_under_it() {
    // 4.99 is under the floor of $5, 5.00 is not: bought a session later.
    let market = Market::daily(DATE, &[("AAA", &[buy(4.99), buy(5.0), at(5.1)])]);
    let strategy = scripted(&["AAA"], 100);
    assert_eq!(market.run(&strategy, None).fills(), [("AAA", 1, 100.0, 5.0)]);
    let policy = only("position_limits", "min_price_usd", json!(5.0));
    let limited = market.run(&strategy, Some(policy.clone()));
    assert_eq!(limited.fills(), [("AAA", 2, 100.0, 5.1)]);
    assert_eq!(limited.objections(), [("AAA", 0, "MIN_PRICE")]);
    limited.assert_first_objection("REJECT", 5.0, 4.99, 100.0, 0.0);

    // Adjusted prices are not what a share traded at: the run asks for a waiver.
    let adjusted = market.adjusted();
    let refusal = adjusted.try_run(&strategy, Some(policy.clone()), &[]).err().unwrap();
    assert!(refusal.to_string().contains("raw"), "{refusal}");
    let waived = adjusted.try_run(&strategy, Some(policy), &["raw_prices"]).unwrap();
    assert_eq!(waived.fills(), [("AAA", 1, 100.0, 5.0)]);
}

#[test]
fn no_leverage_counts_longs_and_shorts_together() {
    // 600 bought and 600 sold short are $121,200. With $60,600 bought, $39,400 are left: 390.1 shares at 101.
    let market = Market::daily(DATE, &[("AAA", &[buy(100.0), at(100.0)]), ("BBB", &[short(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA", "BBB"], 600);
    let mut free: Vec<_> = market.run(&strategy, None).fills().iter().map(|fill| (fill.0 == "AAA", fill.2)).collect();
    free.sort_by(|a, b| a.1.total_cmp(&b.1));
    assert_eq!(free, [(false, -600.0), (true, 600.0)]);
    let limited = market.run(&strategy, Some(only("position_limits", "no_leverage", json!(true))));
    // Sales are booked first.
    assert_eq!(limited.fills(), [("BBB", 1, -390.0, 100.0), ("AAA", 1, 600.0, 100.0)]);
    assert_eq!(limited.objections(), [("BBB", 0, "NO_LEVERAGE")]);
    limited.assert_first_objection("REDUCE_SIZE", 1.0, 1.212, 600.0, 390.0);
}

#[test]
fn a_target_portfolio_is_cut_by_the_loss_at_its_stops() {
    // Half of equity each: 50,000 / 101 = 495 shares. The stop lies 10.10 under 101; $2,000 allow 198.02 shares each.
    // BBB falls through its stop at 90, a tenth under the fill.
    let market = Market::daily(
        DATE,
        &[("AAA", &[at(100.0), at(100.0), at(100.0)]), ("BBB", &[at(100.0), at(100.0), dip(100.0, 89.0)])],
    );
    let strategy = json!({
        "name": "halves",
        "symbols": ["AAA", "BBB"],
        "portfolio": {"select": "all", "weight": "equal", "rebalance": "monthly"},
        "exit": {"stop_loss": "10%"},
    });
    let each = |shares: f64| [("AAA", 1, shares, 100.0), ("BBB", 1, shares, 100.0), ("BBB", 2, -shares, 90.0)];
    assert_eq!(market.run(&strategy, None).fills(), each(495.0));
    let limited = market.run(&strategy, Some(only("position_limits", "stop_loss_frac", json!(0.02))));
    assert_eq!(limited.fills(), each(198.0));
    assert_eq!(limited.objections(), [("AAA", 0, "STOP_LOSS_MAX"), ("BBB", 0, "STOP_LOSS_MAX")]);
    // 495 x 10.10 = $4,999.50.
    limited.assert_first_objection("REDUCE_SIZE", 0.02, 0.049995, 495.0, 198.0);
}
