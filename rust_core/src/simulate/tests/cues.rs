//! Entry signals over more steps than are listed at a time.

use super::*;
use crate::logic::holds;
use crate::simulate::output::Direction;

const STEPS: usize = 1_300;

/// Stretches of random truths, one per step.
fn truths(seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut value = 0.0;
    (0..STEPS)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if state >> 61 == 0 {
                value = [0.0, 1.0, f64::NAN][(state >> 40) as usize % 3];
            }
            value
        })
        .collect()
}

#[test]
fn every_rise_of_an_entry_condition_is_a_signal_wherever_bars_begin_and_lack() {
    let bars = |is_there: &dyn Fn(usize) -> bool| -> Vec<Option<Bar>> {
        (0..STEPS).map(|step| is_there(step).then_some(flat(50.0))).collect()
    };
    let present = vec![
        ("A", bars(&|_| true)),
        ("B", bars(&|step| (70..1_111).contains(&step))),
        ("C", bars(&|step| step > 5 && step % 9 != 0 && !(400..700).contains(&step))),
        ("D", bars(&|step| step >= 512)),
    ];
    let of_bars = |(_, bars): &(&str, Vec<Option<Bar>>), values: Vec<f64>| -> Vec<f64> {
        bars.iter().zip(values).filter_map(|(bar, value)| bar.map(|_| value)).collect()
    };
    let column = |seed: u64| -> Vec<Vec<f64>> {
        present.iter().zip(seed..).map(|(symbol, seed)| of_bars(symbol, truths(seed))).collect()
    };
    let (long, exit) = (column(11), column(23));
    let strength: Vec<Vec<f64>> =
        present.iter().map(|symbol| of_bars(symbol, (0..STEPS).map(|step| (step * 7 % 31) as f64).collect())).collect();
    // Of the market: one value per step, whoever has a bar.
    let member = truths(47);

    let mut case = sparse_case(present.clone());
    let nodes = [long.clone(), exit.clone(), strength.clone(), vec![member.clone()]]
        .map(|columns| case.node(Unit::Boolean, columns));
    case.plan.nodes[nodes[3]].scope = Scope::Market;
    case.plan.member = Some(nodes[3]);
    case.plan.sizing.max_positions = Some(2);
    *case.rules() =
        Rules { long: Some(nodes[0]), exit_long: Some(nodes[1]), priority: Some(nodes[2]), ..Rules::default() };

    let mut expected = Vec::new();
    for (symbol, (_, bars)) in present.iter().enumerate() {
        let mut was_true = false;
        for (bar, step) in (0..STEPS).filter(|&step| bars[step].is_some()).enumerate() {
            let is_true = holds(long[symbol][bar]) && !holds(exit[symbol][bar]) && holds(member[step]);
            if is_true && !was_true {
                expected.push((step, symbol, strength[symbol][bar]));
            }
            was_true = is_true;
        }
    }
    expected.sort_by_key(|&(step, symbol, _)| (step, symbol));
    let output = case.run();
    let first_ns = i64::from(FIRST_DATE) * DAY_NS;
    let rises = output.signals.iter().filter(|row| row.direction == Direction::Long);
    let found: Vec<_> = rises.map(|row| (((row.ns - first_ns) / DAY_NS) as usize, row.symbol, row.strength)).collect();
    assert!(expected.len() > 50, "{}", expected.len());
    assert_eq!(found, expected);
}
