//! What each switch changes, on ledgers worked out by hand.

use super::*;
use crate::kernel::{OrderStatus, Reason};
use crate::units::{Money, Price, Shares};

const USD: i64 = 1_000_000;

fn under(mut case: Case, conventions: &str) -> RunOutput {
    case.config.conventions = conventions.into();
    case.run()
}

/// Rises by one a day: opens at 100, 101, ..., closes half a dollar above the open.
fn rising() -> Vec<Bar> {
    (0..5).map(|day| 100.0 + f64::from(day)).map(|open| [open, open + 1.0, open - 1.0, open + 0.5]).collect()
}

fn prices(output: &RunOutput) -> Vec<Price> {
    output.fills.price.clone()
}

#[test]
fn a_market_order_fills_at_the_next_open_the_same_close_or_the_next_close() {
    let bars = rising();
    let bought = |conventions: &str| {
        let output = under(case(&[("AAA", &bars)]).buy_at(&[1]), conventions);
        (output.fills.price[0], output.fills.filled_ns[0], output.equity.equity.clone())
    };
    let day = |bar: i64| i64::from(FIRST_DATE) * 86_400_000_000_000 + bar * 86_400_000_000_000;
    let (price, at, _) = bought("native");
    assert_eq!((price, at), (Price(102 * USD), day(2)));
    // Decided at 101.50, filled there; nothing is won or lost by that close.
    let (price, at, equity) = bought("fill=same_close");
    assert_eq!((price, at, equity[1]), (Price(101_500_000), day(1), Money(100_000 * USD)));
    let (price, at, equity) = bought("fill=next_close");
    assert_eq!((price, at, equity[2]), (Price(102_500_000), day(2), Money(100_000 * USD)));
    // Whole sessions: at the next open.
    assert_eq!(bought("fill=open_or_close").0, Price(102 * USD));
}

/// `rising` with a bid 0.10 below the close and an ask 0.20 above it.
fn quoted() -> Case {
    let quote = |by: f64| rising().iter().map(|bar| bar[3] + by).collect::<Vec<_>>();
    let mut case = case(&[("AAA", &rising())]).buy_at(&[1]).exit_at(&[3]);
    case.quotes = vec![("AAA", [quote(-0.1), quote(0.2)])];
    case
}

#[test]
fn a_market_order_at_a_close_takes_the_quote_of_the_bar_and_is_marked_at_its_close() {
    let found = |conventions: &str| {
        let output = under(quoted(), conventions);
        (fills(&output), output.equity.equity[1])
    };
    let (filled, equity) = found("fill=same_close,quotes=taken");
    // Decided at 101.50 and 103.50.
    assert_eq!(filled, [(1, 100.0, 101.7), (3, -100.0, 103.4)]);
    // 100 shares bought 0.20 above the close they are marked at.
    assert_eq!(equity, Money(99_980 * USD));
    assert_eq!(found("fill=same_close").0, [(1, 100.0, 101.5), (3, -100.0, 103.5)]);
    assert_eq!(found("fill=next_close,quotes=taken").0, [(2, 100.0, 102.7), (4, -100.0, 104.4)]);
    assert_eq!(found("fill=next_close,sequence=as_sent,quotes=taken").0, [(2, 100.0, 102.7), (4, -100.0, 104.4)]);
}

#[test]
fn a_position_that_the_last_bar_closes_gets_its_bid() {
    let mut held = case(&[("AAA", &rising())]).buy_at(&[1]);
    held.quotes = quoted().quotes;
    // Bought at the open of 102, sold 0.10 below the last close of 104.50.
    assert_eq!(fills(&under(held, "last_bar=closed,quotes=taken")), [(2, 100.0, 102.0), (4, -100.0, 104.4)]);
}

#[test]
fn quotes_change_nothing_where_orders_fill_at_an_open_or_they_are_ignored() {
    for conventions in ["native", "quotes=taken", "backtrader", "vectorbt", "zipline", "lean"] {
        let mut without = quoted();
        without.quotes.clear();
        let (with, without) = (under(quoted(), conventions), under(without, conventions));
        // Daily bars: `lean` fills at the next open.
        assert_eq!(
            (with.fills.price, with.equity.equity),
            (without.fills.price, without.equity.equity),
            "{conventions}"
        );
    }
}

#[test]
fn a_missing_side_of_a_quote_is_the_close() {
    let filled = |bid: f64, ask: f64| {
        let mut case = quoted();
        case.quotes = vec![("AAA", [vec![bid; 5], vec![ask; 5]])];
        let output = under(case, "fill=same_close,quotes=taken");
        (output.fills.price[0], output.fills.price[1])
    };
    assert_eq!(filled(f64::NAN, f64::NAN), (Price(101_500_000), Price(103_500_000)));
    assert_eq!(filled(f64::NAN, 102.0), (Price(102 * USD), Price(103_500_000)));
    assert_eq!(filled(102.0, f64::NAN), (Price(101_500_000), Price(102 * USD)));
}

#[test]
fn a_limit_and_a_stop_go_by_trades_whatever_the_quotes() {
    let bars = [flat(100.0), flat(100.0), [99.0, 99.0, 94.0, 97.0], flat(97.0)];
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.05);
    case.quotes = vec![("AAA", [vec![90.0; 4], vec![100.5; 4]])];
    // Bought at the ask of 100.50; 5% below is 95.475, which the third bar reaches, and the bid of 90 is nobody's.
    assert_eq!(fills(&under(case, "fill=same_close,quotes=taken")), [(0, 100.0, 100.5), (2, -100.0, 95.475)]);
}

#[test]
fn a_purchase_is_paid_for_at_the_ask() {
    let bars = [flat(100.0); 3];
    let bought = |conventions: &str| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
        case.plan.sizing.method = SizingMethod::FixedShares { shares: 1_000.0 };
        case.quotes = vec![("AAA", [vec![99.0; 3], vec![125.0; 3]])];
        under(case, conventions).fills.quantity
    };
    // 100,000 pays for 1,000 at 100 and for 800 at 125.
    assert_eq!(bought("fill=same_close"), [Shares::whole(1_000)]);
    assert_eq!(bought("fill=same_close,quotes=taken"), [Shares::whole(800)]);
}

/// Two purchases of 600 shares at 100 each: cash pays for one, and 400 of the other.
fn two_purchases() -> Case {
    let flat_bars = [flat(100.0); 4];
    let mut case = case(&[("AAA", &flat_bars), ("BBB", &flat_bars)]);
    let long = case.when_each(&[&[0], &[0]]);
    case.rules().long = Some(long);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 600.0 };
    case
}

#[test]
fn a_purchase_beyond_cash_is_cut_refused_or_paid_with_borrowed_money() {
    let filled = |conventions: &str| under(two_purchases(), conventions).fills.quantity;
    let (all, part) = (Shares::whole(600), Shares::whole(400));
    assert_eq!(filled("native"), [all, part]);
    assert_eq!(filled("cash=reject"), [all]);
    assert_eq!(filled("cash=check_and_reject"), [all]);
    assert_eq!(filled("cash=unlimited"), [all, all]);
    // 100,000 of equity: the first needs 30,000; 100,000 less 30,000 covers the second's 30,000.
    assert_eq!(filled("cash=margin"), [all, all]);
    let debt = under(two_purchases(), "cash=margin");
    assert_eq!(debt.equity.cash()[1], Money(-20_000 * USD));
    assert_eq!(debt.equity.equity[1], Money(100_000 * USD));
}

#[test]
fn a_fee_per_share_stays_that_of_the_whole_order_where_a_cut_leaves_it() {
    // 600 shares at 1.00 each leave 39,400; at 2.00 a share the second order costs 1,200 in fees: 382 shares at 100 are
    // 38,200 and with 1,200 exactly 39,400.
    let fee = |per_share: &str| CommissionConfig::PerShare {
        per_share_usd: per_share.into(),
        minimum_usd: "0".into(),
        maximum_frac: None,
        maximum_wins: true,
    };
    let mut case = two_purchases();
    case.config.commission = fee("2");
    let output = under(case, "cash=cut_after_fee");
    // The first: 60,000 and 1,200; 38,800 are left, 1,200 of them for the fee: 376 shares.
    assert_eq!(output.fills.quantity, [Shares::whole(600), Shares::whole(376)]);
    assert_eq!(output.fills.fee, [Money(1_200 * USD), Money(1_200 * USD)]);
}

#[test]
fn what_is_refused_before_the_bar_still_counts_for_those_after_it() {
    let flat_bars = [flat(100.0); 3];
    let mut case = case(&[("AAA", &flat_bars), ("BBB", &flat_bars), ("CCC", &flat_bars)]);
    let long = case.when_each(&[&[0], &[0], &[0]]);
    case.rules().long = Some(long);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 450.0 };
    // 45,000 each: the third takes cash below zero; were it small enough to fit alone, it would be refused as well.
    let output = under(case, "sequence=as_sent,cash=check_and_reject");
    let statuses: Vec<OrderStatus> = output.orders.rows.iter().map(|order| order.status).collect();
    assert_eq!(statuses, [OrderStatus::Filled, OrderStatus::Filled, OrderStatus::Rejected]);
}

#[test]
fn a_stop_guards_the_bar_of_the_entry_or_the_next() {
    // Bought at the open of 100, the low of 90 passes a stop of 5%; the next day trades from 97 to 96.
    let bars = [flat(100.0), [100.0, 101.0, 90.0, 98.0], [97.0, 97.0, 96.0, 96.0], [94.0, 94.0, 93.0, 93.0]];
    let stopped = |conventions: &str| prices(&under(case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.05), conventions));
    assert_eq!(stopped("native"), [Price(100 * USD), Price(95 * USD)]);
    // Not in the bar of the entry; the next day's low of 96 leaves it alone, the day after opens below it.
    assert_eq!(stopped("protection=next_bar"), [Price(100 * USD), Price(94 * USD)]);
    assert_eq!(stopped("sequence=as_sent"), [Price(100 * USD), Price(95 * USD)]);
}

/// One entry order of a type, decided at 100 and judged by the bars after it.
fn entering(order: EntryOrder, bars: &[Bar], conventions: &str) -> Vec<(usize, f64, f64)> {
    let every: Vec<Bar> = std::iter::once(flat(100.0)).chain(bars.iter().copied()).collect();
    let mut case = case(&[("AAA", &every)]).buy_at(&[0]);
    case.plan.execution.entry = order;
    // A limit at 98, a stop at 102, a stop-limit with its stop at 102 and its limit 2% above, at 104.04.
    case.plan.execution.limit_offset_frac = if order == EntryOrder::Limit { -0.02 } else { 0.02 };
    case.plan.execution.stop_offset_frac = 0.02;
    case.plan.execution.time_in_force_sessions = 3;
    fills(&under(case, conventions))
}

#[test]
fn a_limit_is_reached_at_its_price_or_only_beyond_it() {
    let limit = |bars: &[Bar], levels: &str| entering(EntryOrder::Limit, bars, levels);
    // The low touches 98, the next one passes it.
    let touch = [[99.0, 99.5, 98.0, 99.0], [99.0, 99.5, 97.5, 99.0]];
    assert_eq!(limit(&touch, "native"), [(1, 100.0, 98.0)]);
    assert_eq!(limit(&touch, "levels=passed"), [(2, 100.0, 98.0)]);
    // An open at the limit is not better than it; one below is, and is what is paid.
    let opens = [[98.0, 99.0, 98.0, 98.5], [97.0, 98.0, 96.0, 97.0]];
    assert_eq!(limit(&opens, "native"), [(1, 100.0, 98.0)]);
    assert_eq!(limit(&opens, "levels=passed"), [(2, 100.0, 97.0)]);
}

#[test]
fn a_stop_fills_at_its_price_or_the_open_under_every_profile() {
    // Bought at 100, a stop of 5%; touched at 95, and jumped over at the open of 93.
    for (bar, price) in [([99.0, 99.0, 95.0, 97.0], 95), ([93.0, 94.0, 92.0, 93.5], 93)] {
        let bars = [flat(100.0), flat(100.0), bar, flat(93.0)];
        let stopped = |conventions: &str| {
            let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.05);
            case.config.conventions = conventions.into();
            prices(&case.run())[1]
        };
        for conventions in ["native", "levels=passed", "lean"] {
            assert_eq!(stopped(conventions), Price(price * USD), "{conventions}");
        }
    }
}

#[test]
fn a_stop_limit_past_its_stop_is_filled_by_a_close_within_its_limit() {
    let passed = |bars: &[Bar]| entering(EntryOrder::StopLimit, bars, "levels=passed");
    let limit = 104.04;
    // Passed, closed below the limit: the high where it is better than the limit, else the limit.
    assert_eq!(passed(&[[101.0, 103.0, 100.0, 102.5]]), [(1, 100.0, 103.0)]);
    assert_eq!(passed(&[[101.0, 105.0, 100.0, 103.0]]), [(1, 100.0, limit)]);
    // An open between stop and limit is not what is paid, as it is where a touch is enough.
    assert_eq!(passed(&[[103.0, 103.5, 102.0, 103.0]]), [(1, 100.0, 103.5)]);
    assert_eq!(entering(EntryOrder::StopLimit, &[[103.0, 103.5, 102.0, 103.0]], "native"), [(1, 100.0, 103.0)]);
    // Passed and closed above the limit: the next bar that closes below it, whether or not it passes the stop again.
    assert_eq!(passed(&[[105.0, 106.0, 104.0, 105.0], [101.0, 101.5, 100.0, 101.0]]), [(2, 100.0, 101.5)]);
    // A high at the stop has not passed it.
    assert_eq!(passed(&[[101.0, 102.0, 100.0, 101.0], [101.0, 102.0, 100.0, 101.0]]), []);
}

#[test]
fn slippage_ends_at_the_high_of_the_bar_where_it_is_bound() {
    // 1% of 100 is 1.00; the bar's high is 100.40.
    let bars = [flat(100.0), [100.0, 100.4, 99.0, 100.0], flat(100.0)];
    let mut slips = case(&[("AAA", &bars)]).buy_at(&[0]);
    slips.config.slippage = SlippageConfig::Bps { bps: 100.0 };
    assert_eq!(prices(&slips.run()), [Price(101 * USD)]);
    assert_eq!(prices(&under(slips, "slippage_bounds=within_bar")), [Price(100_400_000)]);
}

#[test]
fn a_target_leaves_a_four_hundredth_and_the_fee_free_where_lean_says_so() {
    // 99.75% of 100,000 at 100: 997.5, so 997 shares, worth 99,700; allowed are 0.9975 x (100,000 - 4.985) = 99,745.03.
    let target = |price: f64| {
        let mut case = case(&[("AAA", &[flat(price); 3])]).buy_at(&[0]);
        case.plan.sizing.method = SizingMethod::FixedFraction { fraction: 1.0 };
        under(case, "lean").fills
    };
    let fills = target(100.0);
    assert_eq!((fills.quantity[0], fills.fee[0]), (Shares::whole(997), Money(4_985_000)));
    // At 99.75 exactly 1,000 shares are 99,750; 0.9975 x (100,000 - 5.00) = 99,745.01 leaves room for 999.
    assert_eq!(target(99.75).quantity[0], Shares::whole(999));
}

#[test]
fn an_order_below_a_thousandth_of_equity_in_margin_is_dropped_where_lean_says_so() {
    // A margin of half the value: 0.15% of equity needs 0.075%, 0.3% needs 0.15%.
    let bought = |fraction: f64| {
        let mut case = case(&[("AAA", &[flat(10.0); 3])]).buy_at(&[0]);
        case.plan.sizing.method = SizingMethod::FixedFraction { fraction };
        under(case, "lean").fills.quantity.len()
    };
    assert_eq!((bought(0.0015), bought(0.003)), (0, 1));
}

#[test]
fn parts_of_a_share_are_bought_where_the_engine_does() {
    let mut case = case(&[("AAA", &[flat(300.0); 3])]).buy_at(&[0]);
    case.plan.sizing.method = SizingMethod::FixedFraction { fraction: 1.0 };
    assert_eq!(under(case, "vectorbt").fills.quantity, [Shares(333_333_333)]);
}

#[test]
fn splits_and_dividends_are_booked_or_ignored() {
    let bars = [flat(100.0), flat(100.0), flat(100.0), flat(100.0)];
    let action = || ("AAA", Action { bar: 2, split: 1.0, dividend: 1.0 });
    let equity = |conventions: &str| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&[0]);
        case.actions.push(action());
        under(case, conventions).equity.equity[3]
    };
    assert_eq!((equity("native"), equity("actions=ignored")), (Money(100_100 * USD), Money(100_000 * USD)));
}

#[test]
fn what_is_bought_again_at_a_close_is_worth_that_close() {
    // Held at 100, sold at 120, bought again at 80: 200 more cash, and nothing won or lost by the second purchase.
    let bars = [flat(100.0), flat(120.0), flat(80.0), flat(90.0)];
    let output = under(case(&[("AAA", &bars)]).buy_at(&[0, 2]).exit_at(&[1]), "fill=same_close");
    assert_eq!(fills(&output), [(0, 100.0, 100.0), (1, -100.0, 120.0), (2, 100.0, 80.0)]);
    assert_eq!(equity(&output), [100_000.0, 102_000.0, 102_000.0, 103_000.0]);
}

#[test]
fn a_close_that_ends_a_session_of_shorter_bars_is_no_time_to_trade_where_lean_says_so() {
    // Two bars a session: the first decides at noon, the second purchase at the last close of its session.
    let bars = [flat(100.0), flat(101.0), flat(102.0), [103.0, 105.0, 103.0, 104.0], flat(105.0), flat(106.0)];
    let bought = |conventions: &str, at: usize| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&[at]);
        case.config.conventions = conventions.into();
        let mut panel = case.panel();
        panel.timeline.session = Cow::Owned(vec![0, 0, 1, 1, 2, 2]);
        panel.timeline.dates.truncate(3);
        panel.timeline.daily = false;
        let output = run_on(&case.plan, &panel, &case.columns, &case.config).unwrap();
        fills(&output)[0]
    };
    assert_eq!(bought("lean", 2), (2, 100.0, 102.0));
    assert_eq!(bought("lean", 3), (4, 100.0, 105.0));
    assert_eq!(bought("fill=same_close", 3), (3, 100.0, 104.0));
}

#[test]
fn the_last_bar_leaves_positions_open_or_closes_them() {
    let bars = [flat(100.0), flat(100.0), flat(110.0), [110.0, 112.0, 108.0, 109.0]];
    let ending = |conventions: &str| {
        let mut case = case(&[("AAA", &bars), ("BBB", &bars)]).stop_loss(0.5);
        let long = case.when_each(&[&[0], &[3]]);
        case.rules().long = Some(long);
        under(case, conventions)
    };
    // AAA stays, marked at 109; what BBB decides at the last close stays out, unfilled.
    let open = ending("native");
    assert_eq!(fills(&open), [(1, 100.0, 100.0)]);
    assert_eq!(open.trades.last().unwrap().exit_reason, None);
    let standing = open.orders.rows.iter().filter(|order| order.status == OrderStatus::Submitted);
    assert_eq!(standing.map(|order| order.order_type.as_str()).collect::<Vec<_>>(), ["STOP", "MARKET"]);
    // Sold at 109 instead; the stop is called back, and nothing is bought.
    let closed = ending("last_bar=closed");
    assert_eq!(fills(&closed), [(1, 100.0, 100.0), (3, -100.0, 109.0)]);
    assert_eq!(closed.trades.len(), 1);
    assert_eq!(closed.trades[0].exit_reason, Some(Reason::LastBar));
    let all = [("MARKET", OrderStatus::Filled), ("STOP", OrderStatus::Cancelled), ("MARKET", OrderStatus::Filled)];
    assert_eq!(statuses(&closed), all);
    assert_eq!(equity(&closed), equity(&open));
    assert_eq!(cash(&closed)[3], 100_900.0);
}
