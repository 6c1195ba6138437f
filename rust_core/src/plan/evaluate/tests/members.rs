//! Cross-sections, reductions, membership, and what is missing.

use super::*;
use crate::error::EngineError;
use crate::logic::Elementwise;
use crate::plan::Reduction;

/// Four members: B starts late, C misses the third session, D is in another sector.
fn table() -> (Table, Vec<i64>) {
    let stamps = sessions(2024, 1, 2, 4);
    let mut table = Table::default();
    table
        .add("D", &daily(&stamps, &[4.0, 4.0, 4.0, 1.0]))
        .add("A", &daily(&stamps, &[1.0, 2.0, 3.0, 4.0]))
        .add("C", &daily(&stamps, &[3.0, 2.0, NAN, 9.0]))
        .add("B", &daily(&stamps, &[NAN, 5.0, 3.0, 2.0]));
    (table, stamps)
}

/// Values of a node for A, B, C, D at a step.
fn row(columns: &Columns, node: NodeId, step: usize) -> Vec<f64> {
    (0..4).map(|symbol| columns.value(node, symbol, step)).collect()
}

#[test]
fn ranks_count_those_with_a_bar_and_ties_go_by_name() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    let close = draft.bar(Field::Close);
    let rank = draft.across(CrossSection::Rank, &[], &[close], false, false);
    let percentile = draft.across(CrossSection::Percentile, &[], &[close], false, false);
    let top = draft.across(CrossSection::Top, &[2.0], &[close], false, false);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[rank, percentile, top]).unwrap();
    assert_same(&row(&columns, rank, 0), &[3.0, NAN, 2.0, 1.0]);
    assert_same(&row(&columns, rank, 1), &[3.0, 1.0, 4.0, 2.0]);
    assert_same(&row(&columns, rank, 2), &[2.0, 3.0, NAN, 1.0]);
    assert_same(&row(&columns, percentile, 3), &[2.0 / 3.0, 1.0 / 3.0, 1.0, 0.0]);
    assert_same(&row(&columns, top, 1), &[0.0, 1.0, 0.0, 1.0]);
    assert_same(&row(&columns, top, 2), &[1.0, 0.0, NAN, 1.0]);
    assert_same(columns.symbol(top, 1), &[1.0, 0.0, 0.0]);
    assert_eq!(&columns.true_at(top)[0], [2, 3]);
}

#[test]
fn masks_and_groups_bound_the_population() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    draft.0.groups = vec!["energy".into(), "tech".into()];
    draft.0.sectors = vec![Some(1), Some(1), Some(1), Some(0)];
    let close = draft.bar(Field::Close);
    let sector = draft.own(Op::Sector, &[]);
    let three = draft.constant(3.0);
    let mask = draft.compare(Comparison::GreaterEqual, close, three);
    let masked = draft.across(CrossSection::Rank, &[], &[close, mask], true, false);
    let grouped = draft.across(CrossSection::Demean, &[], &[close, sector], false, true);
    let both = draft.across(CrossSection::Rank, &[], &[close, mask, sector], true, true);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[masked, grouped, both]).unwrap();
    assert_same(&row(&columns, masked, 2), &[2.0, 3.0, NAN, 1.0]);
    assert_same(&row(&columns, masked, 3), &[2.0, NAN, 1.0, NAN]);
    // Tech at step 3: 4, 2 and 9, their mean 5; energy has D alone.
    assert_same(&row(&columns, grouped, 3), &[-1.0, -3.0, 4.0, 0.0]);
    assert_same(&row(&columns, both, 2), &[1.0, 2.0, NAN, 1.0]);
}

#[test]
fn a_ranking_among_some_symbols_leaves_the_others_out() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    let close = draft.bar(Field::Close);
    let among = draft.own(Op::Among(vec!["A".into(), "C".into(), "X".into()]), &[]);
    draft.0.nodes[among].unit = Unit::Boolean;
    let top = draft.across(CrossSection::Top, &[1.0], &[close, among], true, false);
    let three = draft.constant(3.0);
    let high = draft.compare(Comparison::GreaterEqual, close, three);
    let both = draft.own(Op::Elementwise(Elementwise::And), &[high, among]);
    draft.0.nodes[both].unit = Unit::Boolean;
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[among, top, both]).unwrap();
    // B is missing at step 0, C at step 2.
    assert_same(&row(&columns, among, 1), &[1.0, 0.0, 1.0, 0.0]);
    assert_same(&row(&columns, top, 0), &[0.0, NAN, 1.0, 0.0]);
    assert_same(&row(&columns, top, 2), &[1.0, 0.0, NAN, 0.0]);
    assert_same(&row(&columns, both, 3), &[1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_sector_that_is_not_known_leaves_the_member_out_of_groups() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    draft.0.sectors = vec![Some(0), None, Some(0), Some(0)];
    let (close, sector) = (draft.bar(Field::Close), draft.own(Op::Sector, &[]));
    let rank = draft.across(CrossSection::Rank, &[], &[close, sector], false, true);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[rank]).unwrap();
    assert_same(&row(&columns, rank, 1), &[2.0, NAN, 3.0, 1.0]);
}

#[test]
fn only_members_count_unless_membership_itself_asks() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    let close = draft.bar(Field::Close);
    let rank_of_all = draft.across(CrossSection::Rank, &[], &[close], false, false);
    let three = draft.constant(3.0);
    // Everybody but the best: decided by a rank over all.
    let second = draft.constant(2.0);
    let member = draft.compare(Comparison::GreaterEqual, rank_of_all, second);
    let rank = draft.across(CrossSection::Rank, &[], &[close], false, false);
    let high = draft.compare(Comparison::GreaterEqual, close, three);
    let breadth = draft.market(Op::Reduction(Reduction::Breadth), &[high]);
    draft.0.member = Some(member);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[rank_of_all, rank, breadth]).unwrap();
    assert_same(&row(&columns, rank_of_all, 1), &[3.0, 1.0, 4.0, 2.0]);
    assert_same(&row(&columns, rank, 1), &[2.0, NAN, 3.0, 1.0]);
    // Step 1 without B: closes 2, 2, 4; step 3 without C: 4, 2, 1. Step 0 without D: 1, 3; step 2 without D: 3, 3.
    assert_same(columns.market(breadth), &[0.5, 1.0 / 3.0, 1.0, 1.0 / 3.0]);
}

#[test]
fn reductions_give_one_value_a_step_that_rules_may_read() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    let close = draft.bar(Field::Close);
    let all = [Reduction::Mean, Reduction::Median, Reduction::Sum];
    let nodes: Vec<NodeId> = all.map(|reduction| draft.market(Op::Reduction(reduction), &[close])).to_vec();
    let above = draft.compare(Comparison::Greater, close, nodes[0]);
    let how_many = draft.market(Op::Reduction(Reduction::CountTrue), &[above]);
    let average = draft.market(indicator("sma", &[2.0], 0), &[how_many]);
    let fewer = draft.market(Op::Compare(Comparison::Less), &[how_many, average]);
    let both = draft.own(Op::Elementwise(Elementwise::And), &[above, fewer]);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[nodes[0], nodes[1], nodes[2], how_many, average, both]).unwrap();
    // Closes by step: 1 3 4 | 2 5 2 4 | 3 3 4 | 4 2 9 1.
    assert_same(columns.market(nodes[0]), &[8.0 / 3.0, 3.25, 10.0 / 3.0, 4.0]);
    assert_same(columns.market(nodes[1]), &[3.0, 3.0, 3.0, 3.0]);
    assert_same(columns.market(nodes[2]), &[8.0, 13.0, 10.0, 16.0]);
    assert_same(columns.market(how_many), &[2.0, 2.0, 1.0, 1.0]);
    assert_same(columns.market(average), &[NAN, 2.0, 1.5, 1.0]);
    // Only at step 2 are there fewer than on average, and D alone is above the mean.
    assert_same(&row(&columns, both, 2), &[0.0, 0.0, NAN, 1.0]);
    assert_same(&row(&columns, both, 3), &[0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_cross_section_of_a_cross_section_is_a_later_stage() {
    let (table, _) = table();
    let mut draft = Draft::new(&["A", "B", "C", "D"]);
    let close = draft.bar(Field::Close);
    let rank = draft.across(CrossSection::Rank, &[], &[close], false, false);
    let smooth = draft.indicator("sma", &[2.0], 0, &[rank]);
    let again = draft.across(CrossSection::Rank, &[], &[smooth], false, false);
    let panel = table.panel(true);
    let columns = evaluate(&draft.0, &panel, &[smooth, again]).unwrap();
    // Ranks of A: 3 3 2 2, of B: - 1 3 3, of C: 2 4 - 1, of D: 1 2 1 4; windows count a member's own bars.
    assert_same(columns.symbol(smooth, 0), &[NAN, 3.0, 2.5, 2.0]);
    assert_same(columns.symbol(smooth, 2), &[NAN, 3.0, 2.5]);
    assert_same(&row(&columns, again, 3), &[4.0, 1.0, 2.0, 3.0]);
}

#[test]
fn members_without_bars_are_warned_of_and_a_universe_without_is_refused() {
    let (table, _) = table();
    let panel = table.panel(true);
    let mut draft = Draft::new(&["A", "ZZZ"]);
    let close = draft.bar(Field::Close);
    let columns = evaluate(&draft.0, &panel, &[close]).unwrap();
    assert_eq!(columns.warnings, ["ZZZ has no bars and takes no part"]);
    assert_eq!(columns.members(), [0]);
    assert!(columns.symbol(close, 3).is_empty(), "D is not of the universe");
    let mut draft = Draft::new(&["YYY", "ZZZ"]);
    let close = draft.bar(Field::Close);
    let failed = evaluate(&draft.0, &panel, &[close]).unwrap_err();
    assert!(matches!(failed, EngineError::MissingInput { .. }), "{failed}");
}

#[test]
fn a_plan_that_does_not_fit_together_is_refused() {
    let (table, _) = table();
    let panel = table.panel(true);
    let refused = |draft: &Draft, wanted: NodeId| {
        let failed = evaluate(&draft.0, &panel, &[wanted]).unwrap_err();
        assert_eq!(failed.code(), "D101", "{failed}");
    };
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    refused(&draft, 99);
    let over_market = draft.market(Op::Compare(Comparison::Less), &[close, close]);
    refused(&draft, over_market);
    let mut draft = Draft::new(&["A"]);
    let itself = draft.own(Op::Regime, &[0, 0]);
    refused(&draft, itself);
    let mut draft = Draft::new(&["A"]);
    let week = draft.context(None, Some(Timeframe::Week));
    let close = draft.bar(Field::Close);
    let weekly = draft.node(indicator("sma", &[2.0], 0), &[close], week, Scope::Symbol);
    refused(&draft, weekly);
    let mut draft = Draft::new(&["A"]);
    let close = draft.bar(Field::Close);
    let top = draft.across(CrossSection::Top, &[], &[close], false, false);
    refused(&draft, top);
}
