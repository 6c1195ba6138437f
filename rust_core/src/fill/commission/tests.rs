//! Fees worked out by hand from the brokers' own examples, and laws that hold for every schedule.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::calendar::days_from_civil;
use crate::fill::{PassThrough, Tier};
use proptest::prelude::*;

const MILLION: i64 = 1_000_000;

fn flat(per_share: i64, minimum: i64, maximum: Option<i64>, maximum_wins: bool) -> PerShare {
    PerShare {
        tiers: vec![Tier { up_to: None, per_share: Price(per_share) }],
        minimum: Money(minimum),
        maximum: maximum.map(Ratio),
        maximum_wins,
        pass_through: PassThrough::default(),
    }
}

/// 0.005 per share, at least 1.00, at most 1%.
fn ibkr_fixed() -> PerShare {
    flat(5_000, MILLION, Some(10_000_000), true)
}

/// With 0.003 per share for taking, and 0.00056 and 0.000175 of the commission passed on.
fn ibkr_tiered() -> PerShare {
    let tier = |up_to: Option<i64>, per_share| Tier { up_to: up_to.map(Shares::whole), per_share: Price(per_share) };
    PerShare {
        tiers: vec![
            tier(Some(300_000), 3_500),
            tier(Some(3_000_000), 2_000),
            tier(Some(20_000_000), 1_500),
            tier(Some(100_000_000), 1_000),
            tier(None, 500),
        ],
        minimum: Money(350_000),
        maximum: Some(Ratio(10_000_000)),
        maximum_wins: true,
        pass_through: PassThrough {
            clearing: Price(200),
            clearing_maximum: Ratio(5_000_000),
            exchange_remove: Price(3_000),
            exchange_add: Price(0),
            of_commission: Ratio(735_000),
        },
    }
}

fn sale(shares: i64, price: i64) -> Part {
    Part {
        side: Side::Sell,
        is_taker: true,
        date: days_from_civil(2023, 6, 1),
        month_shares: Shares::ZERO,
        quantity: Shares::whole(shares),
        price: Price(price),
    }
}

fn fee(schedule: PerShare, shares: i64, price: i64) -> Money {
    Commission::plain(Schedule::PerShare(schedule)).of_part(&Progress::default(), &sale(shares, price)).fee
}

/// Fills parts one after another, as one order, and answers the fees.
fn fill(commission: &Commission, parts: &[Part]) -> Vec<Money> {
    let (mut order, mut month) = (Progress::default(), parts[0].month_shares);
    parts
        .iter()
        .map(|part| {
            let charge = commission.of_part(&order, &Part { month_shares: month, ..*part });
            order.filled += part.quantity;
            order.notional += part.price.times(part.quantity);
            order.by_schedule += charge.by_schedule;
            month += part.quantity;
            charge.fee
        })
        .collect()
}

#[test]
fn ibkr_fixed_per_share_minimum_and_maximum() {
    // IBKR's own examples: 100 shares at 25 cost 1.00 (0.50 is under the minimum), 1,000 at 25 cost 5.00,
    // 1,000 at 0.25 cost 2.50 (1% of 250).
    assert_eq!(fee(ibkr_fixed(), 100, 25 * MILLION), Money(MILLION));
    assert_eq!(fee(ibkr_fixed(), 1_000, 25 * MILLION), Money(5 * MILLION));
    assert_eq!(fee(ibkr_fixed(), 1_000, 250_000), Money(2_500_000));
    // 10 shares at 2.00: 1% of 20 is 0.20, under the minimum of 1.00, and wins.
    assert_eq!(fee(ibkr_fixed(), 10, 2 * MILLION), Money(200_000));
}

#[test]
fn ibkr_tiered_examples_of_the_schedule() {
    // IBKR's comparison of tiered and fixed pricing, at rates of 2023: 200,000 shares sold at 5, taking liquidity:
    // commission 700, exchange 600, clearing 40, SEC 8.00 per million on a million, FINRA 0.00056 and NYSE 0.000175 of
    // the commission (0.392 and 0.1225), TAF capped at 7.27.
    let commission = Commission { schedule: Schedule::PerShare(ibkr_tiered()), regulatory: true };
    let fee = |shares| commission.of_part(&Progress::default(), &sale(shares, 5 * MILLION)).fee;
    assert_eq!(fee(200_000), Money(1_355_784_500));
    // 30,000,000 shares: 1,050 + 5,400 + 25,500 + 10,000 = 41,950 by tiers, exchange 90,000, clearing 6,000, SEC 1,200,
    // passed on 23.492 + 7.34125, TAF 7.27.
    assert_eq!(fee(30_000_000), Money(139_188_103_250));
}

#[test]
fn ibkr_tiered_bounds_and_sides() {
    let plain = PerShare { pass_through: PassThrough::default(), ..ibkr_tiered() };
    // 50 shares: 0.175 is under the minimum of 0.35; 10 at 2.00: 1% of 20 is 0.20 and wins.
    assert_eq!(fee(plain.clone(), 50, 25 * MILLION), Money(350_000));
    assert_eq!(fee(plain, 10, 2 * MILLION), Money(200_000));
    // A purchase at a limit pays no exchange and nothing to SEC or FINRA: 1,000 x 0.0035 = 3.50, 0.0025725 passed on,
    // clearing 0.20. At 0.02 a share clearing is capped at 0.5% of 20, 0.10, the commission at 0.20 with 0.000147.
    let commission = Commission { schedule: Schedule::PerShare(ibkr_tiered()), regulatory: true };
    let buy = |price| Part { side: Side::Buy, is_taker: false, ..sale(1_000, price) };
    assert_eq!(commission.of_part(&Progress::default(), &buy(25 * MILLION)).fee, Money(3_702_572));
    assert_eq!(commission.of_part(&Progress::default(), &buy(20_000)).fee, Money(300_147));
}

#[test]
fn tiers_go_on_where_the_month_stands() {
    // 299,900 shares traded in the month: 100 more at 0.0035, the other 900 at 0.0020 is 2.15.
    let plain = PerShare { pass_through: PassThrough::default(), ..ibkr_tiered() };
    let commission = Commission::plain(Schedule::PerShare(plain));
    let part = Part { month_shares: Shares::whole(299_900), ..sale(1_000, 25 * MILLION) };
    assert_eq!(commission.of_part(&Progress::default(), &part).fee, Money(2_150_000));
}

#[test]
fn lean_keeps_the_minimum_where_the_maximum_is_less() {
    // LEAN's tests: 1 share at 100 costs 1.00 though 0.5% of 100 is 0.50; 1,000 at 100 cost 5.00.
    let lean = || flat(5_000, MILLION, Some(5_000_000), false);
    assert_eq!(fee(lean(), 1, 100 * MILLION), Money(MILLION));
    assert_eq!(fee(lean(), 1_000, 100 * MILLION), Money(5 * MILLION));
    // 1,000 at 0.50: 5.00 by share, at most 0.5% of 500, 2.50.
    assert_eq!(fee(lean(), 1_000, 500_000), Money(2_500_000));
}

#[test]
fn zipline_has_no_maximum() {
    // 0.0075 a share, at least 1.00: 100 shares 1.00, 200 shares 1.50. Its parts: 50, 100 and 150 more.
    let zipline = || flat(7_500, MILLION, None, true);
    assert_eq!(fee(zipline(), 100, MILLION), Money(MILLION));
    assert_eq!(fee(zipline(), 200, MILLION), Money(1_500_000));
    let parts = [sale(50, MILLION), sale(100, MILLION), sale(150, MILLION)];
    let fees = fill(&Commission::plain(Schedule::PerShare(zipline())), &parts);
    assert_eq!(fees, [1_000_000, 125_000, 1_125_000].map(Money));
}

#[test]
fn parts_of_one_order_share_its_minimum() {
    // 60 then 140 shares at 25: 0.30 lifts to 1.00, then 200 shares in all cost 1.00, so the second part is free;
    // a third part of 100 brings 300 shares to 1.50, so it costs 0.50.
    let parts = [sale(60, 25 * MILLION), sale(140, 25 * MILLION), sale(100, 25 * MILLION)];
    let fees = fill(&Commission::plain(Schedule::PerShare(ibkr_fixed())), &parts);
    assert_eq!(fees, [1_000_000, 0, 500_000].map(Money));
}

#[test]
fn bps_and_zero() {
    // 10 bps of 100 x 12.345 = 1,234.50 is 1.2345.
    let fee = |schedule| Commission::plain(schedule).of_part(&Progress::default(), &sale(100, 12_345_000)).fee;
    assert_eq!(fee(Schedule::Bps(Ratio(1_000_000))), Money(1_234_500));
    assert_eq!(fee(Schedule::Zero), Money::ZERO);
}

fn any_commission() -> impl Strategy<Value = Commission> {
    let rates = (0i64..20_000, 0i64..3_000_000, prop::option::of(0i64..20_000_000), any::<bool>());
    let flat = rates.prop_map(|(rate, minimum, maximum, wins)| Schedule::PerShare(flat(rate, minimum, maximum, wins)));
    let schedule = prop_oneof![
        Just(Schedule::Zero),
        (0i64..5_000_000).prop_map(|bps| Schedule::Bps(Ratio(bps))),
        flat,
        Just(Schedule::PerShare(ibkr_tiered())),
    ];
    (schedule, any::<bool>()).prop_map(|(schedule, regulatory)| Commission { schedule, regulatory })
}

proptest! {
    #[test]
    fn fees_of_parts_are_never_negative_and_sum_to_the_fee_of_the_whole(
        commission in any_commission(),
        quantities in prop::collection::vec(1i64..2_000_000_000_000, 1..6),
        cents in 1i64..100_000,
        month in 0i64..400_000,
        (sells, takes) in any::<(bool, bool)>(),
        day in 15_000i32..20_600,
    ) {
        let side = if sells { Side::Sell } else { Side::Buy };
        // One price in whole cents and shares in ten-thousandths, so that parts have exact values.
        let part = |quantity: i64| Part {
            side,
            is_taker: takes,
            date: day,
            month_shares: Shares::whole(month),
            quantity: Shares(quantity / 100 * 100),
            price: Price(cents * 10_000),
        };
        let parts: Vec<Part> = quantities.iter().map(|&quantity| part(quantity)).collect();
        let fees = fill(&commission, &parts);
        prop_assert!(fees.iter().all(|fee| fee.0 >= 0), "{fees:?}");
        let whole = Part { quantity: parts.iter().map(|part| part.quantity).sum(), ..parts[0] };
        let sum: Money = fees.into_iter().sum();
        prop_assert_eq!(sum, commission.of_part(&Progress::default(), &whole).fee);
    }

    #[test]
    fn more_shares_never_cost_less(
        commission in any_commission(),
        quantity in 1i64..1_000_000,
        more in 1i64..1_000_000,
        price in 10_000i64..1_000_000_000,
        month in 0i64..400_000,
        day in 15_000i32..20_600,
    ) {
        let fee = |shares| {
            let part = Part { date: day, month_shares: Shares::whole(month), ..sale(shares, price) };
            commission.of_part(&Progress::default(), &part).fee
        };
        prop_assert!(fee(quantity) <= fee(quantity + more));
    }

    #[test]
    fn a_purchase_costs_at_most_the_allowance_and_the_minimum(
        commission in any_commission(),
        shares in 1i64..1_000_000,
        price in 10_000i64..1_000_000_000,
    ) {
        let part = Part { side: Side::Buy, ..sale(shares, price) };
        let fee = commission.of_part(&Progress::default(), &part).fee;
        let allowed = commission.per_share_allowance(Price(price)).times(Shares::whole(shares));
        let minimum = match &commission.schedule {
            Schedule::PerShare(schedule) => Money(schedule.minimum.0 * 2),
            _ => Money::ZERO,
        };
        // Half a millionth of a dollar a share is rounded off the allowance at most, thrice.
        prop_assert!(fee.0 <= allowed.0 + minimum.0 + 2 * shares, "{fee:?} {allowed:?}");
    }
}
