//! Groups of a target portfolio, corridors and rebalancing on drift, equal risk.

use super::*;
use crate::simulate::output::Direction;

/// A share that is the same on all days.
fn share(case: &mut Case, values: &[f64]) -> NodeId {
    let node = case.node(Unit::Ratio, vec![values.to_vec()]);
    case.plan.nodes[node].scope = Scope::Market;
    node
}

fn group(name: &str, share: NodeId, select: NodeId, weight: Weight) -> Group {
    Group { name: name.into(), share, select, weight, corridor: None }
}

fn portfolio(select: NodeId, weight: Weight, rebalance: Rebalance) -> Portfolio {
    Portfolio { select, weight, rebalance, corridor: Corridor::NONE, to: Destination::Target, gross_frac: 1.0 }
}

/// Net shares of each symbol after all fills.
fn held(output: &RunOutput, symbols: usize) -> Vec<f64> {
    let mut held = vec![0.0; symbols];
    for row in 0..output.fills.order_id.len() {
        held[output.fills.symbol[row]] += output.fills.side[row].sign() as f64 * output.fills.quantity[row].to_f64();
    }
    held
}

#[test]
fn nested_shares_multiply_and_a_symbol_of_two_groups_adds_up() {
    // Everything at 100, bought on 101. `core` takes 60%: AAA and BBB, 30% each. `rest` takes 40%: half of it is
    // `inner` (BBB alone, 20%), a quarter `empty`, which chooses nobody (10% stay in cash), a quarter is not given out.
    let bars = [flat(100.0); 2];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
    let (both, second) = (case.when_each(&[&[0, 1], &[0, 1]]), case.when_each(&[&[], &[0, 1]]));
    let nobody = case.when_each(&[&[], &[]]);
    let shares: Vec<NodeId> = [0.6, 0.4, 0.5, 0.25].iter().map(|&part| share(&mut case, &[part; 2])).collect();
    let inner =
        vec![group("empty", shares[3], nobody, Weight::Equal), group("inner", shares[2], second, Weight::Equal)];
    let groups =
        vec![group("core", shares[0], both, Weight::Equal), group("rest", shares[1], second, Weight::Groups(inner))];
    case.plan.portfolio = Some(portfolio(both, Weight::Groups(groups), Rebalance::EverySession));
    let output = case.run();
    // 30,000 / 101 = 297.03 and 50,000 / 101 = 495.05.
    assert_eq!(held(&output, 2), [297.0, 495.0]);
    assert_eq!(output.groups, ["core", "rest", "rest.empty", "rest.inner"]);
    let rows: Vec<_> = output.signals.iter().map(|row| (row.symbol, row.direction, row.group)).collect();
    assert_eq!(rows, [(0, Direction::Long, Some(0)), (1, Direction::Long, Some(0)), (1, Direction::Long, Some(3))]);
}

#[test]
fn shares_of_the_day_follow_the_market_and_never_exceed_the_whole() {
    // Day 0: 80% and 20%. Day 1: 80% and 80%, scaled to halves. Day 2: missing and below zero: cash.
    let bars = [flat(100.0); 4];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
    let all: &[usize] = &[0, 1, 2, 3];
    let (first, second, both) = (case.when_each(&[all, &[]]), case.when_each(&[&[], all]), case.when_each(&[all, all]));
    let a = share(&mut case, &[0.8, 0.8, f64::NAN, f64::NAN]);
    let b = share(&mut case, &[0.2, 0.8, -0.3, -0.3]);
    let groups = vec![group("a", a, first, Weight::Equal), group("b", b, second, Weight::Equal)];
    case.plan.portfolio = Some(portfolio(both, Weight::Groups(groups), Rebalance::EverySession));
    let output = case.run();
    // 80,000 / 101 = 792.07, 20,000 / 101 = 198.01; then 50,000 / 101 = 495.05 of each; then nothing.
    let expected = [(1, 792.0), (1, 198.0), (2, -297.0), (2, 297.0), (3, -495.0), (3, -495.0)];
    let rows: Vec<(usize, f64)> = fills(&output).into_iter().map(|(step, quantity, _)| (step, quantity)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn an_expression_inside_of_a_group_is_a_part_of_the_group() {
    // 50% and 30% of a group of 40%, of 90%: 18,000 and 10,800 over 101.
    let bars = [flat(100.0); 2];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
    let both = case.when_each(&[&[0], &[0]]);
    let weight = case.node(Unit::Ratio, vec![vec![0.5; 2], vec![0.3; 2]]);
    let part = share(&mut case, &[0.4; 2]);
    let groups = vec![group("a", part, both, Weight::Expression(weight))];
    case.plan.portfolio = Some(portfolio(both, Weight::Groups(groups), Rebalance::EverySession));
    case.plan.portfolio.as_mut().unwrap().gross_frac = 0.9;
    assert_eq!(held(&case.run(), 2), [178.0, 106.0]);
}

/// AAA with a share of `target`, the rest in cash; its price moves at step 2.
fn drifting(target: f64, moved: f64, corridor: Corridor, to: Destination) -> RunOutput {
    let prices = [100.0, 100.0, moved, moved, moved];
    let bars: Vec<Bar> = prices.iter().map(|&price| flat(price)).collect();
    let mut case = case(&[("AAA", &bars)]);
    let select = case.when(&[0, 1, 2, 3, 4]);
    let weight = case.constant(Unit::Ratio, target);
    let plan = portfolio(select, Weight::Expression(weight), Rebalance::OnDrift);
    case.plan.portfolio = Some(Portfolio { corridor, to, ..plan });
    case.plan.sizing.fractional = true;
    case.config.cash_buffer_frac = 0.0;
    case.run()
}

const FIVE_25: Corridor = Corridor { absolute_frac: Some(0.05), relative_frac: Some(0.25) };

#[test]
fn on_drift_trades_when_either_bound_is_left_and_not_before() {
    // 50% at 100; at 120 the weight is 60/110 = 54.5%, inside 5%; at 125 it is 62.5/112.5 = 55.6%, outside.
    assert_eq!(fills(&drifting(0.5, 120.0, FIVE_25, Destination::Target)).len(), 1);
    let output = drifting(0.5, 125.0, FIVE_25, Destination::Target);
    // Equity 112,500: 450 shares at 125 are 50%.
    assert_eq!(fills(&output), [(1, 500.0, 100.0), (3, -50.0, 125.0)]);
    // A tenth: at 130 it is 13/103 = 12.6%, within 5% and beyond a quarter of the target, so 10,300 / 130 = 79.23 stay.
    let small = fills(&drifting(0.1, 130.0, FIVE_25, Destination::Target));
    assert_eq!((small[0], small[1].0), ((1, 100.0, 100.0), 3));
    assert!((small[1].1 + 100.0 - 10_300.0 / 130.0).abs() < 1e-5, "{small:?}");
    let only = |absolute, relative| Corridor { absolute_frac: absolute, relative_frac: relative };
    assert_eq!(fills(&drifting(0.1, 130.0, only(Some(0.05), None), Destination::Target)).len(), 1);
    assert_eq!(fills(&drifting(0.5, 125.0, only(None, Some(0.25)), Destination::Target)).len(), 1);
}

#[test]
fn to_the_edge_trades_no_further_than_into_the_corridor() {
    // At 125 of 112,500: 62,500 held, the edge of 55% is 61,875: 625 / 125 = 5 shares are sold.
    let above = fills(&drifting(0.5, 125.0, FIVE_25, Destination::Edge));
    assert_eq!((above[1].0, above.len()), (3, 2));
    assert!((above[1].1 + 5.0).abs() < 1e-5, "{above:?}");
    // At 80 of 90,000: 40,000 held is 44.4%, the edge of 45% is 40,500: 500 / 80 = 6.25 shares are bought.
    let below = fills(&drifting(0.5, 80.0, FIVE_25, Destination::Edge));
    assert!((below[1].1 - 6.25).abs() < 1e-5 && below.len() == 2, "{below:?}");
}

#[test]
fn one_holding_outside_brings_all_back_and_a_new_set_is_traded_for() {
    // Thirds of AAA and BBB; AAA doubles at step 2: 66.7 and 33.3 of 133.3. AAA is outside 10%, BBB inside; both move.
    let bars = |price: f64| -> Vec<Bar> { [100.0, 100.0, price, price, price].iter().map(|&p| flat(p)).collect() };
    let (doubled, same) = (bars(200.0), bars(100.0));
    let run = |to: Destination, second: &[usize]| {
        let mut case = case(&[("AAA", &doubled), ("BBB", &same)]);
        let select = case.when_each(&[&[0, 1, 2, 3, 4], second]);
        let weight = case.constant(Unit::Ratio, 0.3);
        let plan = portfolio(select, Weight::Expression(weight), Rebalance::OnDrift);
        let corridor = Corridor { absolute_frac: Some(0.1), relative_frac: None };
        case.plan.portfolio = Some(Portfolio { corridor, to, ..plan });
        case.config.cash_buffer_frac = 0.0;
        fills(&case.run())
    };
    // 300 of each; equity 130,000: AAA is 60,000 (46%), BBB 30,000 (23%); 30% are 39,000: 195 of AAA, 390 of BBB.
    let both = [0, 1, 2, 3, 4];
    assert_eq!(
        run(Destination::Target, &both),
        [(1, 300.0, 100.0), (1, 300.0, 100.0), (3, -105.0, 200.0), (3, 90.0, 100.0)]
    );
    // To the edge of 40%, 52,000: 8,000 / 200 = 40 are sold, and BBB is left alone.
    assert_eq!(run(Destination::Edge, &both), [(1, 300.0, 100.0), (1, 300.0, 100.0), (3, -40.0, 200.0)]);
    // BBB joins at step 1, while AAA lies inside: it is bought to its target all the same.
    assert_eq!(run(Destination::Edge, &[1, 2, 3, 4])[..2], [(1, 300.0, 100.0), (2, 300.0, 100.0)]);
}

#[test]
fn a_group_may_have_its_own_corridor_and_the_tightest_counts_for_a_shared_symbol() {
    let bars: Vec<Bar> = [100.0, 100.0, 110.0, 110.0].iter().map(|&price| flat(price)).collect();
    let run = |own: Option<f64>| {
        let mut case = case(&[("AAA", &bars)]);
        let select = case.when(&[0, 1, 2, 3]);
        let half = share(&mut case, &[0.25; 4]);
        let tight = own.map(|own| Corridor { absolute_frac: Some(own), relative_frac: None });
        let groups = vec![
            group("a", half, select, Weight::Equal),
            Group { corridor: tight, ..group("b", half, select, Weight::Equal) },
        ];
        let corridor = Corridor { absolute_frac: Some(0.05), relative_frac: None };
        case.plan.portfolio =
            Some(Portfolio { corridor, ..portfolio(select, Weight::Groups(groups), Rebalance::OnDrift) });
        case.config.cash_buffer_frac = 0.0;
        fills(&case.run()).len()
    };
    // 50% at 110: 55/105 = 52.4%, inside 5%, outside 2%.
    assert_eq!((run(None), run(Some(0.02))), (1, 2));
}

#[test]
fn equal_risk_weighs_the_chosen_by_their_last_changes_and_names_who_has_none() {
    // Over the last four changes AAA moves by 1% and BBB by 2%: weights 2/3 and 1/3. CCC has no bar at step 2.
    let path = |step: f64| -> Vec<Option<Bar>> {
        [0.0, 1.0, 0.0, 1.0, 0.0, 0.0].iter().map(|&up| Some(flat(100.0 * (1.0 + step * up)))).collect()
    };
    let (calm, wild) = (path(0.01), path(0.02));
    let mut holey = path(0.01);
    holey[2] = None;
    let mut case = sparse_case(vec![("AAA", calm), ("BBB", wild), ("CCC", holey)]);
    let select = case.when_each(&[&[4], &[4], &[3]]);
    let change = |step: f64| vec![f64::NAN, step, -step, step, -step, 0.0];
    let changes = case.node(Unit::Ratio, vec![change(0.01), change(0.02), vec![f64::NAN, 0.01, 0.0, 0.01, -0.01]]);
    let weight = Weight::RiskParity { lookback: 4, changes };
    case.plan.portfolio = Some(portfolio(select, weight, Rebalance::EverySession));
    let output = case.run();
    // 66,666.67 and 33,333.33 of 100,000 over 101, at a close of 100: 660.07 and 330.03.
    assert_eq!(held(&output, 3), [660.0, 330.0, 0.0]);
    assert_eq!(output.warnings.len(), 1);
    assert!(output.warnings[0].starts_with("CCC: no weight by risk parity at 1 decision, first on 2024-01-06"));
    // One bar earlier the window is not full: nothing is known, nothing is bought.
    case.config.to_ns = Some(i64::from(FIRST_DATE + 3) * DAY_NS);
    let early = case.when_each(&[&[3], &[3], &[]]);
    case.plan.portfolio.as_mut().unwrap().select = early;
    let longer = Weight::RiskParity { lookback: 5, changes };
    case.plan.portfolio.as_mut().unwrap().weight = longer;
    assert_eq!(held(&case.run(), 3), [0.0; 3]);
}

#[test]
fn sizing_by_equal_risk_shares_out_over_candidates_and_holdings() {
    let bars = [flat(100.0); 7];
    let mut case = case(&[("AAA", &bars), ("BBB", &bars)]);
    let long = case.when_each(&[&[4], &[5]]);
    let change = |step: f64| vec![f64::NAN, step, -step, step, -step, step, -step];
    let changes = case.node(Unit::Ratio, vec![change(0.01), change(0.03)]);
    case.rules().long = Some(long);
    case.plan.sizing.method = SizingMethod::RiskParity { lookback: 4, changes };
    case.plan.sizing.max_position_frac = Some(0.6);
    // AAA alone would take everything: 60% by its cap, 594. BBB beside it: a quarter, 25,000 / 101 = 247.5.
    assert_eq!(fills(&case.run()), [(5, 594.0, 100.0), (6, 247.0, 100.0)]);
}
