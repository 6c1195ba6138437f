//! Market impact and the schedule by monthly volume in whole runs.

use super::*;
use crate::calendar::days_from_civil;
use crate::simulate::config::{PassThroughConfig, TierConfig};

fn square_root(volatility_sessions: u32, volume_sessions: u32) -> SlippageConfig {
    SlippageConfig::SquareRoot { coefficient: 1.0, volatility_sessions, volume_sessions, fallback_bps: 10.0 }
}

#[test]
fn impact_uses_the_days_before_the_fill_only() {
    // Returns +1%, -1%, +1%: sample deviation of the last two before the fill, 0.01 and -0.01, is sqrt(0.0002) =
    // 0.0141421356. Volume 1,000,000 a day, 10,000 shares: sqrt(0.01) = 0.1. Impact 0.00141421356 of the open, 100:
    // 100.141421 (100 x 1.001414214 in billionths).
    let closes: [f64; 5] = [100.0, 101.0, 99.99, 100.0, 500.0];
    let bars: Vec<Bar> = closes.iter().map(|&close| [100.0, close.max(100.0), close.min(100.0), close]).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[2]);
    case.volume = 1e6;
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 10_000.0 };
    case.config.capital_usd = "10000000".into();
    case.config.slippage = square_root(2, 3);
    assert_eq!(fills(&case.run()), [(3, 10_000.0, 100.141421)]);
    // Three returns would need four closes: the fallback of 10 bps.
    case.config.slippage = square_root(3, 3);
    assert_eq!(fills(&case.run()), [(3, 10_000.0, 100.1)]);
    case.config.slippage = square_root(2, 4);
    assert_eq!(fills(&case.run()), [(3, 10_000.0, 100.1)]);
}

#[test]
fn impact_sees_no_move_in_a_split_and_counts_volume_in_todays_shares() {
    // The same days on half the basis from bar 2 on: 50.50 and 49.995 are 101 and 99.99; 1,000,000 old shares are
    // 2,000,000 new ones, and the bar after the split brings 1,000,000: the mean of three days is 5,000,000 / 3.
    // sqrt(10,000 / 1,666,666.67) = 0.0774596669, times 0.0141421356 is 0.00109544512; of 50: 50.054772.
    let bars = [flat(100.0), [100.0, 101.0, 100.0, 101.0], [50.0, 50.5, 49.995, 49.995], flat(50.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[2]);
    case.volume = 1e6;
    case.actions = vec![("AAA", Action { bar: 2, split: 2.0, dividend: 0.0 })];
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 10_000.0 };
    case.config.capital_usd = "10000000".into();
    case.config.slippage = square_root(2, 3);
    assert_eq!(fills(&case.run()), [(3, 10_000.0, 50.054772)]);
}

#[test]
fn volume_share_bounds_and_prices_each_bar_s_part() {
    // 2.5% of 1,000 shares are 25 a bar: 25, 25, 10 of 60. At the bound 0.1 x 0.025^2 = 0.0000625 of 80 is 0.005; the
    // last 1% of the bar costs 0.00001, 0.0008.
    let bars = [flat(80.0); 5];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.volume = 1_000.0;
    case.plan.execution.time_in_force_sessions = 3;
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 60.0 };
    case.config.slippage = SlippageConfig::VolumeShare { impact: 0.1, limit_frac: 0.025 };
    assert_eq!(fills(&case.run()), [(1, 25.0, 80.005), (2, 25.0, 80.005), (3, 10.0, 80.0008)]);
    // A tighter bound on participation holds instead.
    case.config.max_participation_frac = Some(0.01);
    assert_eq!(fills(&case.run())[0], (1, 10.0, 80.0008));
    // A limit pays no impact, but shares the volume.
    case.plan.execution.entry = EntryOrder::Limit;
    assert_eq!(fills(&case.run())[0], (1, 10.0, 80.0));
}

#[test]
fn cash_cuts_a_purchase_to_what_it_pays_for_at_its_own_impact() {
    // $8,010 and 100 shares wanted at 80, with an impact of 100 x (shares / 10,000)^2: 100 shares cost 1% more each,
    // 80.80, so 8,080; 99 cost 80 x 1.009801 = 80.78408, 7,997.62.
    let bars = [flat(80.0); 2];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
    case.volume = 10_000.0;
    case.config.capital_usd = "8010".into();
    case.config.slippage = SlippageConfig::VolumeShare { impact: 100.0, limit_frac: 1.0 };
    let output = case.run();
    assert_eq!(fills(&output), [(1, 99.0, 80.78408)]);
    assert_eq!(cash(&output)[1], 12.37608);
}

#[test]
fn tiers_count_the_shares_of_a_calendar_month() {
    // 100 shares a time: 0.01 each up to 150 shares of the month, 0.001 beyond. Bought on 31 January: 1.00; sold on
    // 1 February, the count begins anew: 1.00; bought on the 2nd: 50 x 0.01 + 50 x 0.001 = 0.55.
    let bars = [flat(50.0); 5];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0, 2]).exit_at(&[1]);
    case.dates = (0..5).map(|day| days_from_civil(2024, 1, 30) + day).collect();
    let tier = |up_to_shares, per_share_usd: &str| TierConfig { up_to_shares, per_share_usd: per_share_usd.into() };
    case.config.commission = CommissionConfig::Tiered {
        tiers: vec![tier(Some(150), "0.01"), tier(None, "0.001")],
        minimum_usd: "0.35".into(),
        maximum_frac: Some("0.01".into()),
        pass_through: PassThroughConfig::default(),
    };
    let fees = |output: &RunOutput| output.fills.fee.iter().map(|fee| fee.to_f64()).collect::<Vec<_>>();
    assert_eq!(fees(&case.run()), [1.0, 1.0, 0.55]);
    // With the SEC's 8.00 per million and FINRA's 0.000166 on the sale of 100 shares at 50: 0.04 + 0.0166.
    case.config.regulatory_fees = true;
    assert_eq!(fees(&case.run()), [1.0, 1.0566, 0.55]);
}

#[test]
fn days_of_several_bars_count_whole_and_only_once_they_are_over() {
    // Two bars a day: closes of days 100, 101, 99.99 (bars 1, 3, 5), 1,000,000 shares a bar, 2,000,000 a day. A fill in
    // the second bar of the fourth day sees the three days before: 0.0141421356 x sqrt(20,000 / 2,000,000) is
    // 0.00141421356; what the first bar of the fourth day did is not in it.
    let closes: [f64; 8] = [90.0, 100.0, 120.0, 101.0, 80.0, 99.99, 300.0, 100.0];
    let bars: Vec<Bar> = closes.iter().map(|&close| [100.0, close.max(100.0), close.min(100.0), close]).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[6]);
    case.volume = 1e6;
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 20_000.0 };
    case.config.capital_usd = "10000000".into();
    case.config.slippage = square_root(2, 3);
    let mut panel = case.panel();
    panel.timeline.session = Cow::Owned(vec![0, 0, 1, 1, 2, 2, 3, 3]);
    panel.timeline.dates.truncate(4);
    panel.timeline.daily = false;
    let output = run_on(&case.plan, &panel, &case.columns, &case.config).unwrap();
    assert_eq!(fills(&output), [(7, 20_000.0, 100.141421)]);
}
