//! Laws that hold for every policy, account and order, tested on random ones.
#![allow(clippy::unwrap_used)]

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

type Tighten = (&'static str, fn(&mut Policy));

/// The first is the limit, the second makes one a little tighter, `None` (off) included.
fn less(limit: &mut Option<Fraction>, strictest: i64) {
    *limit = Some(Fraction(limit.map_or(Fraction::ONE.0, |limit| limit.0 * 4 / 5).max(strictest)));
}

fn fewer(limit: &mut Option<u32>, first: u32, least: u32) {
    *limit = Some(limit.map_or(first, |limit| limit.saturating_sub(1)).max(least));
}

/// One tightening of each limit.
const TIGHTENINGS: [Tighten; 19] = [
    ("max_position", |p| less(&mut p.position_limits.max_position_frac, 1)),
    ("max_sector", |p| less(&mut p.position_limits.max_sector_frac, 1)),
    ("stop_loss", |p| less(&mut p.position_limits.stop_loss_frac, 1)),
    ("min_price", |p| {
        p.position_limits.min_price_usd = Some(Price(p.position_limits.min_price_usd.map_or(0, |x| x.0) + 7_000_000))
    }),
    ("no_leverage", |p| p.position_limits.no_leverage = true),
    ("max_drawdown", |p| less(&mut p.portfolio_limits.max_drawdown_frac, 1)),
    ("max_daily_loss", |p| less(&mut p.portfolio_limits.max_daily_loss_frac, 1)),
    ("max_positions", |p| fewer(&mut p.portfolio_limits.max_positions, 4, 1)),
    ("max_daily_trades", |p| fewer(&mut p.portfolio_limits.max_daily_trades, 6, 1)),
    ("min_cash_reserve", |p| {
        let limit = &mut p.portfolio_limits.min_cash_reserve_frac;
        *limit = Some(Fraction(limit.map_or(0, |limit| (limit.0 + 100_000_000).min(Fraction::ONE.0))));
    }),
    ("max_day_trades", |p| fewer(&mut p.pdt_guard.max_day_trades, 3, 0)),
    ("window", |p| p.pdt_guard.window_business_days += 1),
    ("min_equity", |p| p.pdt_guard.min_equity_usd = p.pdt_guard.min_equity_usd.map(|usd| Money(usd.0 * 2))),
    ("intraday_buffer", |p| {
        let limit = &mut p.pdt_guard.intraday_buffer_frac;
        *limit = Some(Fraction(limit.map_or(0, |limit| (limit.0 + 100_000_000).min(Fraction::ONE.0))));
    }),
    ("maintenance", |p| p.pdt_guard.maintenance_frac = Fraction(p.pdt_guard.maintenance_frac.0 * 3 / 2)),
    ("vix_threshold", |p| {
        p.circuit_breakers.vix_threshold = Some(p.circuit_breakers.vix_threshold.map_or(60.0, |vix| vix * 0.8));
    }),
    ("stale_data", |p| fewer(&mut p.circuit_breakers.stale_data_s, 400, 1)),
    ("max_drift", |p| less(&mut p.circuit_breakers.max_drift_frac, 1)),
    ("dead_man_switch", |p| fewer(&mut p.circuit_breakers.dead_man_switch_h, 60, 1)),
];

fn fraction() -> impl Strategy<Value = Option<Fraction>> {
    prop_oneof![4 => Just(None), 1 => (1..=1_000_000_000_i64).prop_map(|parts| Some(Fraction(parts)))]
}

fn number(most: u32) -> impl Strategy<Value = Option<u32>> {
    prop_oneof![4 => Just(None), 1 => (1..=most).prop_map(Some)]
}

fn policy() -> impl Strategy<Value = Policy> {
    let mode = prop_oneof![Just(AutonomyMode::FullAutonomous), Just(AutonomyMode::ManualApproval)];
    let position = (fraction(), fraction(), fraction(), number(30), any::<bool>(), mode);
    let portfolio = (fraction(), fraction(), number(6), number(6), fraction());
    let profiles =
        vec(prop_oneof![Just(Profile::LegacyPdt), Just(Profile::IntradayMargin), Just(Profile::CashAccount)], 0..3);
    let guard = (
        profiles,
        any::<bool>(),
        number(5),
        fraction(),
        fraction(),
        prop_oneof![Just(None), Just(Some(Money(25_000_000_000)))],
    );
    let breakers = (number(80), number(400), fraction(), number(60));
    (position, portfolio, guard, breakers).prop_map(|(position, portfolio, guard, breakers)| {
        let mut p = Policy::unlimited();
        p.position_limits.max_position_frac = position.0;
        p.position_limits.max_sector_frac = position.1;
        p.position_limits.stop_loss_frac = position.2;
        p.position_limits.min_price_usd = position.3.map(|usd| Price(i64::from(usd) * 1_000_000));
        p.position_limits.no_leverage = position.4;
        p.autonomy_mode = position.5;
        p.portfolio_limits.max_drawdown_frac = portfolio.0;
        p.portfolio_limits.max_daily_loss_frac = portfolio.1;
        p.portfolio_limits.max_positions = portfolio.2;
        p.portfolio_limits.max_daily_trades = portfolio.3;
        p.portfolio_limits.min_cash_reserve_frac = portfolio.4.map(|limit| Fraction(limit.0 / 2));
        let dated = |profile| DatedProfile { from: None, to: None, profile };
        p.pdt_guard.profiles = guard.0.into_iter().map(dated).collect();
        p.pdt_guard.account_type = if guard.1 { AccountType::Margin } else { AccountType::Cash };
        p.pdt_guard.max_day_trades = guard.2;
        p.pdt_guard.intraday_buffer_frac = guard.3;
        p.pdt_guard.maintenance_frac = guard.4.unwrap_or(p.pdt_guard.maintenance_frac);
        p.pdt_guard.min_equity_usd = guard.5;
        p.circuit_breakers.vix_threshold = breakers.0.map(f64::from);
        p.circuit_breakers.stale_data_s = breakers.1;
        p.circuit_breakers.max_drift_frac = breakers.2;
        p.circuit_breakers.dead_man_switch_h = breakers.3;
        p
    })
}

/// An account with all it points to.
#[derive(Debug, Clone)]
struct Account {
    holdings: Vec<Holding>,
    working: Vec<Working>,
    day_trades: DayTrades,
    money: (i64, i64, i64, i64, Option<i64>),
    inputs: (Option<f64>, Option<f64>, Option<f64>, Option<f64>),
    orders_today: u32,
    halted: bool,
    killed: bool,
}

impl Account {
    fn view(&self) -> AccountView<'_> {
        let usd = |dollars: i64| Money(dollars * 1_000_000);
        let (equity, cash, before, high, unsettled) = self.money;
        AccountView {
            date: 12_000,
            session: 100,
            equity: usd(equity),
            cash: usd(cash),
            unsettled: unsettled.map(usd),
            previous_close_equity: usd(before),
            high_water: usd(high),
            holdings: &self.holdings,
            working: &self.working,
            orders_today: self.orders_today,
            vix: self.inputs.0,
            data_age_s: self.inputs.1,
            drift_frac: self.inputs.2,
            operator_age_h: self.inputs.3,
            drawdown_halt: self.halted,
            killed: self.killed,
            day_trades: &self.day_trades,
        }
    }
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn sector() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![1 => Just(None), 4 => (0..3_usize).prop_map(Some)]
}

/// Dollars to the micro, from cents to hundreds.
fn a_price() -> impl Strategy<Value = Price> {
    prop_oneof![1 => Just(Price(50_000_000)), 3 => (1_000_000..300_000_000_i64).prop_map(Price)]
}

fn account() -> impl Strategy<Value = Account> {
    let holding = (-300..300_i64, a_price(), sector());
    let holdings = vec(holding, 0..5).prop_map(|held| {
        let at = |(symbol, (shares, mark, sector))| Holding {
            symbol,
            quantity: Shares::whole(shares),
            mark,
            sector,
            opened_session: 99,
        };
        held.into_iter().enumerate().map(at).collect::<Vec<_>>()
    });
    let working = (0..6_usize, side(), 1..200_i64, a_price(), any::<bool>(), any::<bool>(), sector());
    let working = vec(working, 0..4).prop_map(|orders| {
        let one = |(symbol, side, shares, price, opens, first, sector): (_, _, _, _, bool, _, _)| {
            let books_first = first && !opens;
            Working { symbol, side, quantity: Shares::whole(shares), price, opens, books_first, sector }
        };
        orders.into_iter().map(one).collect::<Vec<_>>()
    });
    let fills = vec((95..=100_u32, 0..4_usize, side(), 1..50_i64), 0..12).prop_map(|mut fills| {
        fills.sort_by_key(|fill| fill.0);
        let (mut book, mut positions) = (DayTrades::new(), [Shares::ZERO; 4]);
        for (order_id, (session, symbol, side, shares)) in fills.into_iter().enumerate() {
            book.on_fill(session, symbol, order_id as u64, side, Shares::whole(shares), positions[symbol]);
            positions[symbol] += Shares::whole(shares * side.sign());
        }
        book
    });
    let money = (1_000..200_000_i64, -50_000..200_000_i64, 1_000..200_000_i64, 1_000..200_000_i64);
    let money = (money, proptest::option::of(0..100_000_i64)).prop_map(|((a, b, c, d), e)| (a, b, c, d, e));
    let input = |most: f64| prop_oneof![1 => Just(None), 1 => Just(Some(f64::NAN)), 6 => (0.0..most).prop_map(Some)];
    let inputs = (input(80.0), input(400.0), input(1.0), input(60.0));
    let flags = (0..7_u32, prop::bool::weighted(0.03), prop::bool::weighted(0.03));
    (holdings, working, fills, money, inputs, flags).prop_map(
        |(holdings, working, day_trades, money, inputs, flags)| {
            let (orders_today, halted, killed) = flags;
            Account { holdings, working, day_trades, money, inputs, orders_today, halted, killed }
        },
    )
}

fn order() -> impl Strategy<Value = Candidate> {
    let stop = proptest::option::of(a_price());
    let cap = proptest::option::of(prop_oneof![4 => 0.0..1.0, 1 => Just(f64::NAN)]);
    let quantity =
        prop_oneof![4 => (1..2_000_i64).prop_map(Shares::whole), 1 => (1..2_000_000_000_i64).prop_map(Shares)];
    let lot = prop_oneof![Just(Shares::ONE), Just(Shares(1)), Just(Shares::whole(100))];
    (0..6_usize, side(), quantity, a_price(), stop, any::<bool>(), sector(), cap, lot).prop_map(
        |(symbol, side, quantity, price, stop_price, opens, sector, strategy_cap_frac, lot)| Candidate {
            symbol,
            side,
            quantity,
            price,
            stop_price,
            opens,
            sector,
            close: price,
            strategy_cap_frac,
            lot,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, max_global_rejects: 40_000, ..ProptestConfig::default() })]

    #[test]
    fn tightening_one_limit_never_admits_more(policy in policy(), account in account(), order in order()) {
        let (view, waived) = (account.view(), Waived::default());
        let before = assess(&policy, &waived, &view, &order);
        for (name, tighten) in TIGHTENINGS {
            let mut tighter = policy.clone();
            tighten(&mut tighter);
            let after = assess(&tighter, &waived, &view, &order);
            prop_assert!(after.admitted <= before.admitted, "{name}: {before:?} then {after:?}");
        }
    }

    #[test]
    fn the_action_says_how_much_is_admitted(policy in policy(), account in account(), order in order()) {
        let verdict = assess(&policy, &Waived::default(), &account.view(), &order);
        prop_assert_eq!(verdict.requested, order.quantity);
        prop_assert!(Shares::ZERO <= verdict.admitted && verdict.admitted <= order.quantity);
        match verdict.action {
            Action::Approve => prop_assert_eq!(verdict.admitted, order.quantity),
            Action::Reject => prop_assert_eq!(verdict.admitted, Shares::ZERO),
            Action::ReduceSize => prop_assert!(Shares::ZERO < verdict.admitted && verdict.admitted < order.quantity),
            Action::RequireHumanApproval => prop_assert!(Shares::ZERO < verdict.admitted),
        }
        prop_assert_eq!(verdict.step, verdict.code.step());
    }

    #[test]
    fn an_exit_passes_all_but_the_kill_switch(policy in policy(), account in account(), part in 1..=100_i64) {
        for holding in account.holdings.iter().filter(|holding| holding.quantity.0 != 0) {
            let side = if holding.quantity.0 > 0 { Side::Sell } else { Side::Buy };
            let quantity = Shares((holding.quantity.0.abs() / 100 * part).max(1));
            let exit = Candidate {
                symbol: holding.symbol, side, quantity, price: holding.mark, stop_price: None, opens: false,
                sector: None, close: holding.mark, strategy_cap_frac: Some(0.0), lot: Shares::ONE,
            };
            let verdict = assess(&policy, &Waived::default(), &account.view(), &exit);
            match account.killed {
                true => prop_assert_eq!(verdict.code, Code::KillSwitch),
                false => prop_assert_eq!((verdict.action, verdict.admitted), (Action::Approve, quantity)),
            }
        }
    }

    #[test]
    fn an_exit_never_turns_a_position_around(policy in policy(), account in account(), order in order()) {
        let exit = Candidate { opens: false, ..order };
        let verdict = assess(&policy, &Waived::default(), &account.view(), &exit);
        let held = account.holdings.iter().find(|h| h.symbol == exit.symbol).map_or(0, |h| h.quantity.0);
        let after = held + exit.side.sign() * verdict.admitted.0;
        prop_assert!(after.abs() <= held.abs() && after.signum() * held.signum() >= 0);
    }

    /// The other laws would hold of a cascade that refuses everything.
    #[test]
    fn what_no_limit_forbids_passes(account in account(), order in order()) {
        let order = Candidate { opens: true, lot: Shares(1), strategy_cap_frac: None, ..order };
        let view = AccountView { killed: false, drawdown_halt: false, ..account.view() };
        let verdict = assess(&Policy::unlimited(), &Waived::default(), &view, &order);
        prop_assert_eq!((verdict.action, verdict.code), (Action::Approve, Code::WithinLimits));
    }

    /// Whichever of the working orders fill, what an entry was judged by still holds: measured position by position,
    /// with one price per symbol.
    #[test]
    fn limits_hold_whatever_fills(policy in policy(), account in account(), order in order(), filled in any::<u8>()) {
        let mut account = account;
        let of = |symbol: usize| Price(10_000_000 * (symbol as i64 + 1));
        account.holdings.iter_mut().for_each(|h| h.mark = of(h.symbol));
        account.working.iter_mut().for_each(|w| (w.price, w.books_first) = (of(w.symbol), false));
        let order = Candidate { opens: true, price: of(order.symbol), close: of(order.symbol), ..order };
        let held = |symbol| account.holdings.iter().find(|h| h.symbol == symbol).map_or(0, |h| h.quantity.0);
        // A pure entry: nothing of it closes.
        prop_assume!(held(order.symbol) * order.side.sign() >= 0);
        let view = AccountView { killed: false, drawdown_halt: false, ..account.view() };
        let limits = policy;
        let mut policy = Policy::unlimited();
        policy.position_limits = PositionLimits { min_price_usd: None, stop_loss_frac: None, ..limits.position_limits };
        policy.portfolio_limits.max_positions = limits.portfolio_limits.max_positions;
        policy.portfolio_limits.min_cash_reserve_frac = limits.portfolio_limits.min_cash_reserve_frac;
        let verdict = assess(&policy, &Waived::default(), &view, &order);
        prop_assume!(verdict.admitted.0 > 0);

        let mut position: Vec<i64> = (0..6).map(held).collect();
        let mut spent = order.price.times(verdict.admitted).0 * i64::from(order.side == Side::Buy);
        position[order.symbol] += order.side.sign() * verdict.admitted.0;
        for (index, w) in account.working.iter().enumerate().filter(|(_, w)| w.opens) {
            if filled & (1 << index) != 0 {
                position[w.symbol] += w.side.sign() * w.quantity.0;
                spent += w.price.times(w.quantity).0 * i64::from(w.side == Side::Buy);
            }
        }
        let worth = |symbol: usize| i128::from(position[symbol].abs()) * i128::from(of(symbol).0) / 1_000_000;
        let share = |limit: Fraction| i128::from(limit.0) * i128::from(view.equity.0) / 1_000_000_000;
        let order_side = position[order.symbol] * order.side.sign() > 0;
        if let Some(limit) = policy.position_limits.max_position_frac && order_side {
            prop_assert!(worth(order.symbol) <= share(limit));
        }
        if policy.position_limits.no_leverage {
            prop_assert!((0..6).map(worth).sum::<i128>() <= share(Fraction::ONE));
        }
        if let Some(limit) = policy.portfolio_limits.max_positions {
            prop_assert!(position.iter().filter(|&&shares| shares != 0).count() <= limit as usize);
        }
        if let Some(limit) = policy.portfolio_limits.min_cash_reserve_frac {
            let owed: i64 = account.holdings.iter().map(|h| h.mark.times(Shares((-h.quantity.0).max(0))).0).sum();
            prop_assert!(i128::from(view.cash.0 - owed - spent) >= share(limit));
        }
    }
}
