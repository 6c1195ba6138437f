//! Runs in a row come to what each comes to alone, plain ones included.

use super::properties::{build, charge, random};
use super::skip::{conditions, lone};
use super::*;
use crate::error::EngineError;
use crate::risk::Policy;
use crate::simulate::plain::may_be_plain;
use crate::simulate::summary::Tally;
use crate::simulate::{Series, run_every_step};
use crate::watch::Watch;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

fn tally(output: &RunOutput) -> Tally {
    let mut tally = Tally::default();
    tally.read(output);
    tally
}

/// Every step taken, whatever could be passed over.
fn stepped(case: &Case) -> RunOutput {
    run_every_step(&case.plan, &case.panel(), &case.columns, &case.config).unwrap()
}

/// Runs a case twice in a row, so that every run follows another on its own bars. Of minutes, closes of sessions count.
fn check(case: &Case) -> TestCaseResult {
    let panel = case.panel();
    let mut series = Series::new(&panel, &case.config).unwrap();
    let alone = stepped(case);
    let closes = series.sessions.closes.clone();
    for _ in 0..2 {
        let (equity, own) = series.run(&case.plan, &case.columns, &Watch::default()).unwrap();
        if panel.timeline.daily {
            prop_assert_eq!(format!("{equity:?}"), format!("{:?}", &alone.equity));
        }
        let expected: Vec<_> = closes.iter().map(|&row| alone.equity.equity[row]).collect();
        prop_assert_eq!(&equity.equity, &expected);
        let rows: Vec<usize> = (0..closes.len()).collect();
        let gross: Vec<_> = equity.gross_exposure_at(&rows).collect();
        prop_assert_eq!(gross, alone.equity.gross_exposure_at(&closes).collect::<Vec<_>>());
        prop_assert_eq!((equity.last(), own), (alone.equity.last(), &tally(&alone)));
    }
    Ok(())
}

/// Whether a case runs plain in a series.
fn is_run_plain(case: &Case) -> bool {
    let panel = case.panel();
    let mut series = Series::new(&panel, &case.config).unwrap();
    may_be_plain(&case.plan, &case.config.check().unwrap())
        && series.run_plain(&case.plan, &case.columns, &|_, _| Ok(())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Runs in memory that others have used leave all that they leave alone.
    #[test]
    fn a_series_of_runs_is_each_run_alone(random in random(), one: bool, guarded: bool) {
        let case = if one { lone(&random, true, true, guarded) } else { build(&random, true) };
        check(&case)?;
        let panel = case.panel();
        let mut series = Series::new(&panel, &case.config).unwrap();
        let alone = case.run();
        for _ in 0..2 {
            series.run(&case.plan, &case.columns, &Watch::default()).unwrap();
            let output = series.spare.output.clone();
            if !output.orders.rows.is_empty() {
                prop_assert_eq!((output.symbols.len(), output.warnings.len()), (0, 0));
                let (symbols, warnings) = (alone.symbols.clone(), alone.warnings.clone());
                prop_assert_eq!(format!("{:?}", RunOutput { symbols, warnings, ..output }), format!("{alone:?}"));
            }
        }
    }
}

/// What a plain run hangs on beside its conditions.
#[derive(Debug, Clone)]
struct Terms {
    method: SizingMethod,
    cap: Option<f64>,
    fractional: bool,
    costs: u8,
    hold: u32,
    dividends: Vec<usize>,
    splits: Vec<(usize, f64)>,
    from: i32,
    conventions: &'static str,
    capital: &'static str,
    round_lot: u32,
    /// Whether entries have a priority, and whether the first condition is one of the market.
    ranked: bool,
    of_market: bool,
    /// Bars in a session, over and over.
    lengths: &'static [usize],
}

fn terms() -> impl Strategy<Value = Terms> {
    let methods = vec![
        SizingMethod::EqualWeight,
        SizingMethod::FixedFraction { fraction: 0.4 },
        SizingMethod::FixedFraction { fraction: 1.3 },
        SizingMethod::FixedShares { shares: 150.5 },
        SizingMethod::FixedShares { shares: 5_000.0 },
    ];
    let size = (prop::sample::select(methods), prop::option::of(0.2..1.0f64), any::<bool>());
    let dividends = prop::collection::vec(1..STEPS, 0..4);
    let conventions = vec!["native", "actions=ignored", "sizing=close", "shares=fractional", "fees=lean"];
    let ratios = prop::sample::select(vec![2.0, 1.5, 7.0, 0.125, 0.001]);
    let splits = prop::collection::vec((1..STEPS, ratios), 0..3);
    let rest = (0u8..4, 0u32..4, dividends, splits, 0i32..60, prop::sample::select(conventions));
    // Some that pay for two shares, and after a loss for one or none.
    let capital = prop::sample::select(vec!["100000", "100000", "101.5", "2000"]);
    let lengths = prop::sample::select(vec![&[1][..], &[1], &[4], &[3, 1, 7]]);
    let more = (capital, prop::sample::select(vec![1, 1, 10]), any::<[bool; 2]>(), lengths);
    (size, rest, more).prop_map(
        |((method, cap, fractional), rest, (capital, round_lot, [ranked, of_market], lengths))| {
            let (costs, hold, dividends, splits, from, conventions) = rest;
            Terms {
                method,
                cap,
                fractional,
                costs,
                hold,
                dividends,
                splits,
                from,
                conventions,
                capital,
                round_lot,
                ranked,
                of_market,
                lengths,
            }
        },
    )
}

const STEPS: usize = 200;

/// One symbol of 200 bars under market orders, its conditions given by step.
fn plain(conditions: &[Vec<bool>], shorts: bool, keep: bool, terms: &Terms) -> Case {
    let price = |step: usize, odd: usize| ((step * odd) % 29) as f64 / 10.0 + 48.0 + (step / 40) as f64;
    let bar = |step: usize| [price(step, 37), 60.0, 40.0, price(step, 41)];
    let bars: Vec<Bar> = (0..STEPS).map(bar).collect();
    let mut case = case(&[("AAA", &bars)]);
    let nodes: Vec<NodeId> = conditions
        .iter()
        .map(|bits| case.node(Unit::Boolean, vec![bits.iter().map(|&bit| f64::from(u8::from(bit))).collect()]))
        .collect();
    let rules = case.rules();
    (rules.long, rules.exit_long, rules.exit_short) = (Some(nodes[0]), Some(nodes[2]), Some(nodes[2]));
    rules.short = shorts.then_some(nodes[1]);
    case.plan.member = Some(nodes[3]);
    (case.plan.close_on_leave, case.plan.min_hold_days) = (!keep, terms.hold);
    if terms.of_market {
        case.plan.nodes[nodes[0]].scope = Scope::Market;
    }
    if terms.ranked {
        let priority = case.node(Unit::Ratio, vec![(0..STEPS).map(|step| (step % 17) as f64).collect()]);
        case.rules().priority = Some(priority);
    }
    let max_positions = Some(1);
    case.plan.sizing = Sizing {
        method: terms.method.clone(),
        max_position_frac: terms.cap,
        max_positions,
        fractional: terms.fractional,
        round_lot: terms.round_lot,
    };
    let sessions =
        terms.lengths.iter().cycle().zip(0..).flat_map(|(&length, session)| std::iter::repeat_n(session, length));
    case.sessions = sessions.take(STEPS).collect();
    charge(&mut case, terms.costs);
    let config = &mut case.config;
    (config.borrow_frac, config.interest) = (0.0, None);
    config.slippage = match terms.costs {
        0 => SlippageConfig::Zero,
        1 => SlippageConfig::Spread { spread_bps: 7.0 },
        _ => SlippageConfig::Bps { bps: 5.0 },
    };
    if terms.costs == 3 {
        config.commission = CommissionConfig::Bps { bps: 10.0 };
    }
    let longest = terms.lengths.iter().copied().max().unwrap_or(1) as i32;
    config.from_ns = Some(i64::from(FIRST_DATE + terms.from / longest) * DAY_NS);
    (config.conventions, config.capital_usd) = (terms.conventions.into(), terms.capital.into());
    case.actions.extend(terms.dividends.iter().map(|&bar| ("AAA", Action { bar, split: 1.0, dividend: 0.37 })));
    // Half of the splits are two in one night.
    let again = terms.splits.iter().filter(|(bar, _)| bar % 2 == 0);
    let splits = terms.splits.iter().chain(again).map(|&(bar, split)| ("AAA", Action { bar, split, dividend: 0.0 }));
    case.actions.extend(splits);
    case.actions.sort_by_key(|(_, action)| action.bar);
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// A plain run is the general one.
    #[test]
    fn a_plain_run_comes_to_what_the_general_one_does(
        conditions in conditions(),
        [shorts, keep] in any::<[bool; 2]>(),
        terms in terms(),
    ) {
        let case = plain(&conditions, shorts, keep, &terms);
        check(&case)?;
        prop_assert!(is_run_plain(&case));
        let mut whole = case.run();
        whole.counters.steps_skipped = 0;
        prop_assert_eq!(format!("{whole:?}"), format!("{:?}", stepped(&case)));
    }
}

#[test]
fn what_a_plain_run_cannot_tell_the_general_one_tells() {
    let bars: Vec<Bar> = (0..60).map(|bar| flat(10.0 + f64::from(bar % 7))).collect();
    let held = |change: &dyn Fn(&mut Case)| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&[20]).exit_at(&[40]);
        change(&mut case);
        case
    };
    let runs_plain = |case: &Case| {
        check(case).unwrap();
        is_run_plain(case)
    };
    let costs = |case: &mut Case, costs| charge(case, costs);
    assert!(runs_plain(&held(&|_| ())));
    let others: [&dyn Fn(&mut Case); 13] = [
        &|case| case.plan.execution.exit = EntryOrder::Limit,
        &|case| case.plan.execution.entry = EntryOrder::Bracket,
        &|case| case.plan.sizing.method = SizingMethod::RiskPerTrade { fraction: 0.01 },
        &|case| case.plan.sizing.max_positions = Some(0),
        &|case| case.rules().max_hold = Some(Hold::Sessions(5)),
        &|case| case.rules().cooldown = Some(Hold::Sessions(5)),
        &|case| case.config.max_participation_frac = Some(0.5),
        &|case| case.config.borrow_frac = 0.1,
        &|case| case.config.conventions = "last_bar=closed".into(),
        &|case| case.config.conventions = "sizing=free_portfolio".into(),
        &|case| case.config.conventions = "fill=next_close".into(),
        // The root of volume, and its square.
        &|case| costs(case, 1),
        &|case| costs(case, 2),
    ];
    for (place, change) in others.iter().enumerate() {
        assert!(!runs_plain(&held(*change)), "{place}");
    }
    let limited = |case: &mut Case| case.config.policy = Some(Policy::unlimited());
    assert!(!runs_plain(&held(&limited)));
    assert!(!runs_plain(&held(&|_| ()).stop_loss(0.3)));
    let late = (0..60).map(|bar| (bar >= 5).then(|| flat(10.0))).collect();
    assert!(!runs_plain(&sparse_case(vec![("AAA", late)]).buy_at(&[20])));
    let gone = (0..60).map(|bar| (bar < 30).then(|| flat(10.0))).collect();
    let mut gone = sparse_case(vec![("AAA", gone), ("BBB", vec![Some(flat(10.0)); 60])]);
    gone.plan.symbols.truncate(1);
    let bought = gone.when_each(&[&[20], &[]]);
    gone.rules().long = Some(bought);
    assert!(!runs_plain(&gone));
}

#[test]
fn a_fee_per_share_is_refused_on_adjusted_prices() {
    let bars: Vec<Bar> = (0..60).map(|_| flat(10.0)).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[20]);
    let mut panel = case.panel();
    panel.symbols[0].adjusted_only = true;
    let run = |case: &Case| {
        let mut series = Series::new(&panel, &case.config).unwrap();
        let in_series = series.run(&case.plan, &case.columns, &Watch::default()).map(|_| ());
        (run_on(&case.plan, &panel, &case.columns, &case.config).map(|_| ()), in_series)
    };
    assert_eq!(run(&case), (Ok(()), Ok(())));
    charge(&mut case, 0);
    let (alone, in_series) = run(&case);
    assert!(matches!(alone, Err(EngineError::MissingInput { .. })));
    assert_eq!(in_series, alone);
}

/// The first of two splits in one night leaves the exit of a reversal out, and not its entry.
#[test]
fn an_exit_is_restated_by_a_second_split_too() {
    let bars: Vec<Bar> = (0..60).map(|bar| flat(if bar < 40 { 10.0 } else { 20.0 })).collect();
    let mut case = case(&[("AAA", &bars)]).buy_at(&[20]).short_at(&[40]);
    case.plan.sizing.method = SizingMethod::FixedFraction { fraction: 0.5 };
    let splits = [1.0 / 4_500.0, 2.0].map(|split| ("AAA", Action { bar: 41, split, dividend: 0.0 }));
    case.actions.extend(splits);
    let output = case.run();
    assert_eq!(output.orders.rows[2].status, OrderStatus::Cancelled);
    assert_eq!(format!("{:?}", output.orders), format!("{:?}", stepped(&case).orders));
    check(&case).unwrap();
}

#[test]
fn a_series_ends_when_its_watch_is_told_to() {
    let bars: Vec<Bar> = (0..60).map(|_| flat(10.0)).collect();
    for case in [case(&[("AAA", &bars)]).buy_at(&[20]), case(&[("AAA", &bars)]).buy_at(&[20]).stop_loss(0.3)] {
        let (panel, watch) = (case.panel(), Watch::default());
        let mut series = Series::new(&panel, &case.config).unwrap();
        assert!(series.run(&case.plan, &case.columns, &watch).is_ok());
        watch.stop();
        assert_eq!(series.run(&case.plan, &case.columns, &watch).err(), Some(EngineError::Interrupted));
    }
}

#[test]
fn a_series_keeps_equity_at_session_closes() {
    let bars: Vec<Bar> = (0..60).map(|bar| flat(10.0 + f64::from(bar % 7))).collect();
    let mut short = case(&[("AAA", &bars)]);
    let (sell, cover) = (short.when(&[3, 30]), short.when(&[20]));
    (short.rules().short, short.rules().exit_short) = (Some(sell), Some(cover));
    let long = || case(&[("AAA", &bars)]).buy_at(&[4, 33]).exit_at(&[21]);
    for mut case in [long(), short, long().stop_loss(0.5)] {
        case.sessions = (0..60).map(|bar| bar / 4).collect();
        let panel = case.panel();
        let series = Series::new(&panel, &case.config).unwrap();
        assert_eq!(series.sessions.closes, [0, 3, 7, 11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 51, 55, 59]);
        assert!(case.run().trades.len() > 1);
        check(&case).unwrap();
    }
}
