//! Named symbols and higher timeframes.

use super::*;
use crate::calendar::{MINUTE_NS, scheduled_close_ns, session_open_ns};
use crate::error::EngineError;

#[test]
fn a_named_symbol_is_read_by_step_and_missing_where_it_has_no_bar() {
    let stamps = sessions(2024, 1, 2, 5);
    let mut table = Table::default();
    table
        .add("A", &daily(&stamps, &[1.0, NAN, 3.0, 4.0, 5.0]))
        .add("SPY", &daily(&stamps, &[10.0, 11.0, 12.0, NAN, 14.0]));
    let mut draft = Draft::new(&["A"]);
    let spy = draft.context(Some("SPY"), None);
    let close = draft.node(Op::Bar(Field::Close), &[], spy, Scope::Symbol);
    let average = draft.node(indicator("sma", &[2.0], 0), &[close], spy, Scope::Symbol);
    let at_member = draft.own(Op::Bridge, &[average]);
    let at_market = draft.market(Op::Bridge, &[average]);
    let raw = draft.market(Op::Bridge, &[close]);
    let own_close = draft.bar(Field::Close);
    let above = draft.compare(Comparison::Less, own_close, raw);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[at_member, at_market, raw, above]).unwrap();
    // SPY's own bars average 10.5, 11.5 and (12 + 14) / 2; A has no bar at step 1, SPY none at step 3.
    assert_same(columns.market(at_market), &[NAN, 10.5, 11.5, NAN, 13.0]);
    assert_same(columns.symbol(at_member, 0), &[NAN, 11.5, NAN, 13.0]);
    assert_same(columns.market(raw), &[10.0, 11.0, 12.0, NAN, 14.0]);
    assert_same(columns.symbol(above, 0), &[1.0, 1.0, NAN, 1.0]);
}

#[test]
fn a_named_symbol_that_is_absent_is_said_to_be_missing() {
    let stamps = sessions(2024, 1, 2, 2);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[1.0, 2.0]));
    let mut draft = Draft::new(&["A"]);
    let vix = draft.context(Some("VIX"), None);
    let close = draft.node(Op::Bar(Field::Close), &[], vix, Scope::Symbol);
    let bridge = draft.market(Op::Bridge, &[close]);
    let panel = table.panel(true);
    match evaluate(&draft.0, &panel, &[bridge]).unwrap_err() {
        EngineError::MissingInput { what, .. } => assert_eq!(what, "bars of VIX"),
        other => panic!("{other}"),
    }
    // A context that nobody reads is not missed.
    let own = draft.bar(Field::Close);
    assert!(evaluate(&draft.0, &panel, &[own]).is_ok());
}

/// A weekly close and volume, read by the member's daily bars.
fn weekly(table: &Table, is_daily: bool, timeframe: Timeframe, base: &str) -> Vec<[f64; 5]> {
    let mut draft = Draft::new(&["A"]);
    draft.0.timeframe = base.into();
    let context = draft.context(None, Some(timeframe));
    let fields = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
    let nodes = fields.map(|field| {
        let bar = draft.node(Op::Bar(field), &[], context, Scope::Symbol);
        draft.own(Op::Bridge, &[bar])
    });
    let panel = table.panel(is_daily);
    let columns = evaluate(&draft.0, &panel, &nodes).unwrap();
    let bars = panel.symbols[0].len();
    (0..bars).map(|bar| nodes.map(|node| columns.symbol(node, 0)[bar])).collect()
}

#[test]
fn a_week_is_visible_from_the_close_of_its_last_scheduled_session() {
    // Wednesday 2024-03-20 to Tuesday 04-02; 03-29 is Good Friday, so that week ends on Thursday the 28th.
    let stamps = sessions(2024, 3, 20, 9);
    let bars: Vec<(i64, [f64; 5])> = (0..9)
        .map(|i| {
            let x = 100.0 + i as f64;
            (stamps[i], [x, x + 5.0, x - 5.0, x + 1.0, 10.0])
        })
        .collect();
    let mut table = Table::default();
    table.add_bars("A", &bars);
    let rows = weekly(&table, true, Timeframe::Week, "1Day");
    let missing = [NAN; 5];
    // 20, 21, 22 March: complete on Friday the 22nd. 25 to 28 March: complete on Thursday the 28th.
    let first = [100.0, 107.0, 95.0, 103.0, 30.0];
    let second = [103.0, 111.0, 98.0, 107.0, 40.0];
    let expected = [missing, missing, first, first, first, first, second, second, second];
    rows.iter().zip(&expected).for_each(|(found, expected)| assert_same(found, expected));
}

#[test]
fn a_week_that_an_unscheduled_closure_cut_short_is_visible_only_afterwards() {
    // Monday 2001-09-10, then Monday 09-17 to Friday 09-21: the closures were not known, Friday the 14th was scheduled.
    let stamps = sessions(2001, 9, 10, 6);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[50.0, 40.0, 41.0, 42.0, 43.0, 44.0]));
    let closes: Vec<f64> = weekly(&table, true, Timeframe::Week, "1Day").iter().map(|row| row[3]).collect();
    assert_same(&closes, &[NAN, 50.0, 50.0, 50.0, 50.0, 44.0]);
}

#[test]
fn months_and_quarters_end_on_their_last_scheduled_session() {
    // 2024-03-27, 28 (last session of March and of the quarter), 04-01, ...
    let stamps = sessions(2024, 3, 27, 4);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[1.0, 2.0, 3.0, 4.0]));
    for timeframe in [Timeframe::Month, Timeframe::Quarter] {
        let closes: Vec<f64> = weekly(&table, true, timeframe, "1Day").iter().map(|row| row[3]).collect();
        assert_same(&closes, &[NAN, 2.0, 2.0, 2.0]);
    }
}

#[test]
fn a_day_of_minutes_is_visible_from_its_scheduled_close_half_days_too() {
    // Friday 2024-11-29 closes at 13:00; Monday 12-02 at 16:00. Bars of 30 minutes from the open, two after hours.
    let mut table = Table::default();
    let mut bars = Vec::new();
    let mut value = 0.0;
    let mut last_of_day = Vec::new();
    for date in [days_from_civil(2024, 11, 29), days_from_civil(2024, 12, 2)] {
        let (mut ts, close) = (session_open_ns(date), scheduled_close_ns(date));
        while ts < close + 60 * MINUTE_NS {
            value += 1.0;
            if ts + 30 * MINUTE_NS == close {
                last_of_day.push(bars.len());
            }
            bars.push((ts, value));
            ts += 30 * MINUTE_NS;
        }
    }
    table.add("A", &bars);
    assert_eq!(last_of_day, [6, 21], "seven half hours on the half day, nine bars with the after-hours, then 13");
    let rows = weekly(&table, false, Timeframe::Day, "30Min");
    let closes: Vec<f64> = rows.iter().map(|row| row[3]).collect();
    let mut expected = vec![NAN; 6];
    expected.extend([7.0; 15]);
    // Monday's bar: after-hours bars 8 and 9 of Friday count toward it; bars of Monday after hours do not.
    expected.extend([22.0; 3]);
    assert_same(&closes, &expected);
    assert_same(&rows[21], &[8.0, 22.0, 8.0, 22.0, 1500.0]);
    let failed = {
        let mut draft = Draft::new(&["A"]);
        let context = draft.context(None, Some(Timeframe::Day));
        let close = draft.node(Op::Bar(Field::Close), &[], context, Scope::Symbol);
        let bridge = draft.own(Op::Bridge, &[close]);
        let panel = table.panel(false);
        evaluate(&draft.0, &panel, &[bridge]).unwrap_err()
    };
    assert_eq!(failed.code(), "C101", "1Day does not tell how long these bars are");
}

#[test]
fn a_weekly_level_meets_the_days_own_basis_after_a_split() {
    // Week of 2024-01-02 to 05 at 100; the split comes on Monday the 8th.
    let stamps = sessions(2024, 1, 2, 6);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[100.0, 100.0, 100.0, 100.0, 50.0, 50.0]));
    table.action("A", stamps[4], 2.0, 0.0);
    let mut draft = Draft::new(&["A"]);
    let week = draft.context(None, Some(Timeframe::Week));
    let close = draft.node(Op::Bar(Field::Close), &[], week, Scope::Symbol);
    let then = draft.node(Op::AsOfDay { price: 1, volume: 0 }, &[close], week, Scope::Symbol);
    let forward = draft.own(Op::Bridge, &[close]);
    let now = draft.own(Op::AsOfDay { price: 1, volume: 0 }, &[forward]);
    let at_the_time = draft.own(Op::Bridge, &[then]);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[now, at_the_time]).unwrap();
    assert_same(columns.symbol(now, 0), &[NAN, NAN, NAN, 100.0, 50.0, 50.0]);
    assert_same(columns.symbol(at_the_time, 0), &[NAN, NAN, NAN, 100.0, 100.0, 100.0]);
}
