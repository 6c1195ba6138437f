//! Splits and dividends, worked by hand.

use super::*;

/// Closes 100, 102 | 2:1 split | 52, 50 | dividend of 1 | 49, 51.
fn table() -> Table {
    let stamps = sessions(2024, 1, 2, 6);
    let closes = [100.0, 102.0, 52.0, 50.0, 49.0, 51.0];
    let volumes = [1000.0, 1000.0, 2000.0, 2000.0, 2000.0, 2000.0];
    let bars: Vec<(i64, [f64; 5])> =
        (0..6).map(|i| (stamps[i], [closes[i], closes[i], closes[i], closes[i], volumes[i]])).collect();
    let mut table = Table::default();
    table.add_bars("A", &bars);
    table.action("A", stamps[2], 2.0, 0.0);
    table.action("A", stamps[4], 1.0, 1.0);
    table
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64]) {
    let near = |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-9;
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(near), "{found:?} is not {expected:?}");
}

#[test]
fn an_average_across_a_split_and_a_dividend_stands_on_the_days_own_basis() {
    let table = table();
    let mut draft = Draft::new(&["A"]);
    let (close, volume) = (draft.bar(Field::Close), draft.bar(Field::Volume));
    let average = draft.indicator("sma", &[2.0], 0, &[close]);
    let as_of = draft.own(Op::AsOfDay { price: 1, volume: 0 }, &[average]);
    let own_close = draft.own(Op::AsOfDay { price: 1, volume: 0 }, &[close]);
    let average_volume = draft.indicator("sma", &[2.0], 0, &[volume]);
    let as_of_volume = draft.own(Op::AsOfDay { price: 0, volume: 1 }, &[average_volume]);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[as_of, own_close, as_of_volume]).unwrap();
    // The close as of its own day is the close.
    assert_close(columns.symbol(own_close, 0), &[100.0, 102.0, 52.0, 50.0, 49.0, 51.0]);
    // Day 2: yesterday's 102 is 51 in new shares, (51 + 52) / 2. Day 4: yesterday's 50 less its dividend, x (1 - 1/50)
    // = 49, (49 + 49) / 2.
    assert_close(columns.symbol(as_of, 0), &[NAN, 101.0, 51.5, 51.0, 49.0, 50.0]);
    // Day 2: yesterday's 1,000 old shares are 2,000 new ones. A dividend leaves volumes alone.
    assert_close(columns.symbol(as_of_volume, 0), &[NAN, 1000.0, 2000.0, 2000.0, 2000.0, 2000.0]);
}

#[test]
fn returns_pass_over_actions_without_a_step() {
    let table = table();
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let change = draft.indicator("change_ratio", &[1.0], 0, &[close]);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[change]).unwrap();
    // 52 after 51 in new shares; 49 after 50 less 1.
    let expected = [NAN, 0.02, 52.0 / 51.0 - 1.0, 50.0 / 52.0 - 1.0, 0.0, 51.0 / 49.0 - 1.0];
    assert_close(columns.symbol(change, 0), &expected);
}

#[test]
fn a_split_and_a_dividend_on_one_day_are_one_restatement() {
    let stamps = sessions(2024, 1, 2, 2);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[100.0, 49.0]));
    table.action("A", stamps[1], 2.0, 0.0);
    table.action("A", stamps[1], 1.0, 1.0);
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let change = draft.indicator("change_ratio", &[1.0], 0, &[close]);
    let panel = table.panel(true);
    assert_eq!(panel.symbols[0].actions.len(), 1);
    let columns = evaluate(&draft.0, &panel, &[change]).unwrap();
    // 100 becomes 50 in new shares and 49 after the dividend: nothing happened.
    assert_close(columns.symbol(change, 0), &[NAN, 0.0]);
}

#[test]
fn actions_before_the_first_bar_or_after_the_last_change_nothing() {
    let stamps = sessions(2024, 1, 2, 3);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[10.0, 11.0, 12.0]));
    table.action("A", stamps[0], 2.0, 0.0);
    table.action("A", stamps[2] + 1, 2.0, 0.0);
    let panel = table.panel(true);
    assert!(panel.symbols[0].actions.is_empty() && panel.symbols[0].forward.is_none());
}
