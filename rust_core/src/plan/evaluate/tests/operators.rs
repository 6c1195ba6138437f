//! Operators, indicators, latches and calendar functions on one member's bars.

use super::*;
use crate::logic::{Arithmetic, Elementwise};
use crate::plan::CalendarFunction;

#[test]
fn element_wise_operators_take_the_bars_one_by_one() {
    let stamps = sessions(2024, 1, 2, 4);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[1.0, 2.0, 3.0, 4.0]));
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let (two, zero) = (draft.constant(2.0), draft.constant(0.0));
    let minus = draft.own(Op::Arithmetic(Arithmetic::Subtract), &[close, two]);
    let quotient = draft.own(Op::Arithmetic(Arithmetic::Divide), &[two, minus]);
    let above = draft.compare(Comparison::Greater, close, two);
    let quotient_above = draft.compare(Comparison::Greater, quotient, zero);
    let both = draft.own(Op::Elementwise(Elementwise::And), &[above, quotient_above]);
    let choice = draft.own(Op::Elementwise(Elementwise::If), &[above, close, two]);
    let smallest = draft.own(Op::Elementwise(Elementwise::Min), &[close, two, choice]);
    let known = draft.own(Op::Elementwise(Elementwise::Coalesce), &[quotient, zero]);
    let panel = table.panel(true);
    let wanted = [quotient, quotient_above, both, choice, smallest, known];
    let columns = evaluate(&draft.0, &panel, &wanted).unwrap();
    // close - 2 is -1, 0, 1, 2; a division by 0 is missing.
    assert_same(columns.symbol(quotient, 0), &[-2.0, NAN, 2.0, 1.0]);
    assert_same(columns.symbol(quotient_above, 0), &[0.0, NAN, 1.0, 1.0]);
    // False and missing is false.
    assert_same(columns.symbol(both, 0), &[0.0, 0.0, 1.0, 1.0]);
    assert_same(columns.symbol(choice, 0), &[2.0, 2.0, 3.0, 4.0]);
    assert_same(columns.symbol(smallest, 0), &[1.0, 2.0, 2.0, 2.0]);
    assert_same(columns.symbol(known, 0), &[-2.0, 0.0, 2.0, 1.0]);
    let list = columns.true_at(quotient_above);
    assert_eq!((0..4).map(|step| list.at(step).to_vec()).collect::<Vec<_>>(), [vec![], vec![], vec![0], vec![0]]);
    assert!(columns.holds(quotient_above, 0, 2) && !columns.holds(quotient_above, 0, 1));
    assert!(list.at(99).is_empty() && list.total() == 2);
}

#[test]
fn outputs_of_one_indicator_come_from_one_machine() {
    let stamps = sessions(2024, 1, 2, 60);
    let closes: Vec<f64> = (0..60).map(|i| 50.0 + f64::from(i * 37 % 11)).collect();
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &closes));
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let numbers = [5.0, 2.0];
    let band: Vec<NodeId> = (0..3).map(|output| draft.indicator("bbands", &numbers, output, &[close])).collect();
    let again = draft.indicator("bbands", &numbers, 0, &[close]);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[band[0], band[1], band[2], again]).unwrap();
    // The middle is the mean of the last five closes; the bands lie the same way from it on both sides.
    let middle = columns.symbol(band[1], 0);
    assert!(middle[..4].iter().all(|x| x.is_nan()));
    for bar in 4..60 {
        let mean = closes[bar - 4..=bar].iter().sum::<f64>() / 5.0;
        let variance = closes[bar - 4..=bar].iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 5.0;
        let (high, low) = (mean + 2.0 * variance.sqrt(), mean - 2.0 * variance.sqrt());
        let mut found = [columns.symbol(band[0], 0)[bar], middle[bar], columns.symbol(band[2], 0)[bar]];
        found.sort_by(f64::total_cmp);
        for (x, y) in found.into_iter().zip([low, mean, high]) {
            assert!((x - y).abs() < 1e-9, "bar {bar}: {x} is not {y}");
        }
    }
    assert_eq!(bits(columns.symbol(again, 0)), bits(columns.symbol(band[0], 0)));
}

#[test]
fn a_regime_holds_between_its_conditions() {
    let stamps = sessions(2024, 1, 2, 8);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[10.0, 12.0, 11.0, 9.0, 7.0, 9.0, 13.0, 11.0]));
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let (high, low) = (draft.constant(11.5), draft.constant(8.0));
    let enter = draft.compare(Comparison::Greater, close, high);
    let exit = draft.compare(Comparison::Less, close, low);
    let regime = draft.own(Op::Regime, &[enter, exit]);
    let panel = table.panel(true);
    for block in [1, 3, 8] {
        let columns = evaluate_in_blocks(&draft.0, &panel, &[regime], block, &Watch::default()).unwrap();
        assert_same(columns.signal(regime, 0), &[0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    }
}

#[test]
fn calendar_functions_follow_the_date_of_the_step() {
    // Tuesday 2024-03-26, 27, Thursday 28 (Good Friday follows), Monday 2024-04-01.
    let stamps = sessions(2024, 3, 26, 4);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[1.0, 1.0, NAN, 1.0])).add("B", &daily(&stamps, &[1.0; 4]));
    let mut draft = Draft::new(&["A", "B"]);
    let functions = [
        CalendarFunction::DayOfWeek,
        CalendarFunction::Month,
        CalendarFunction::IsMonthEnd,
        CalendarFunction::SessionsToMonthEnd,
    ];
    let nodes: Vec<NodeId> = functions.map(|function| draft.market(Op::Calendar(function), &[])).to_vec();
    let own = draft.own(Op::Calendar(CalendarFunction::Month), &[]);
    let four = draft.constant(4.0);
    let april = draft.compare(Comparison::Equal, nodes[1], four);
    let panel = table.panel(true);
    let mut wanted = nodes.clone();
    wanted.extend([own, april]);
    let columns = evaluate(&draft.0, &panel, &wanted).unwrap();
    assert_same(columns.market(nodes[0]), &[2.0, 3.0, 4.0, 1.0]);
    assert_same(columns.market(nodes[1]), &[3.0, 3.0, 3.0, 4.0]);
    assert_same(columns.market(nodes[2]), &[0.0, 0.0, 1.0, 0.0]);
    assert_same(columns.market(nodes[3]), &[2.0, 1.0, 0.0, 21.0]);
    // A has no bar on the 28th.
    assert_same(columns.symbol(nodes[0], 0), &[2.0, 3.0, 1.0]);
    assert_same(columns.symbol(own, 0), &[3.0, 3.0, 4.0]);
    assert_same(columns.symbol(april, 0), &[0.0, 0.0, 1.0]);
    assert!(columns.value(april, 0, 2).is_nan() && columns.value(april, 1, 3) == 1.0);
    assert_eq!(&columns.true_at(april)[3], [0, 1]);
}

#[test]
fn constants_and_bars_may_be_roots() {
    let stamps = sessions(2024, 1, 2, 3);
    let mut table = Table::default();
    table.add("A", &daily(&stamps, &[10.0, NAN, 12.0])).add("B", &daily(&stamps, &[5.0; 3]));
    let mut draft = Draft::new(&["A", "B"]);
    let stop = draft.constant(0.08);
    let close = draft.bar(Field::Close);
    draft.0.rules = Some(Rules { stop_loss: Some(stop), priority: Some(close), ..Rules::default() });
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[]).unwrap();
    assert_same(columns.symbol(stop, 0), &[0.08, 0.08]);
    assert_same(columns.market(stop), &[0.08; 3]);
    assert_same(columns.symbol(close, 0), &[10.0, 12.0]);
    assert!(columns.value(close, 0, 1).is_nan());
    assert_eq!(columns.value(close, 0, 2), 12.0);
}
