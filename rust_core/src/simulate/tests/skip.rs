//! Steps that are passed over leave what they leave when they are taken.

use super::properties::{BARS, Random, build, charge, extend_rules, random};
use super::*;
use proptest::prelude::*;

/// One symbol under plain rules, with a membership that comes and goes.
pub(super) fn lone(random: &Random, shorts: bool, keep: bool, guarded: bool) -> Case {
    let two = build(random, false);
    let mut case = sparse_case(vec![two.bars[0].clone()]);
    let long = case.when(&random.long);
    let exit = case.when(&random.exit);
    (case.rules().long, case.rules().exit_long, case.rules().exit_short) = (Some(long), Some(exit), Some(exit));
    if shorts {
        let short = case.when(&random.short);
        case.rules().short = Some(short);
    }
    extend_rules(&mut case, random);
    let member: Vec<usize> = (0..BARS).filter(|bar| !random.short.contains(&(bar / 2))).collect();
    let member = case.when(&member);
    case.plan.member = Some(member);
    case.plan.close_on_leave = !keep;
    case.plan.min_hold_days = random.min_hold;
    charge(&mut case, random.costs);
    case.actions = two.actions.iter().filter(|(name, _)| *name == "AAA").copied().collect();
    if guarded {
        let trailing = case.constant(Unit::Ratio, random.trailing);
        case.rules().trailing_stop = Some(trailing);
        case = case.stop_loss(random.stop).take_profit(random.target);
        case.plan.execution = two.plan.execution.clone();
        case.config.max_participation_frac = random.participation;
    }
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn skipping_changes_nothing(random in random(), shorts: bool, keep: bool, guarded: bool, stretch in 1usize..4) {
        let mut random = random;
        // Conditions that stay true for a while, as states do.
        for bars in [&mut random.long, &mut random.exit] {
            *bars = bars.iter().flat_map(|&bar| bar..bar + stretch).filter(|&bar| bar < BARS).collect();
        }
        let case = lone(&random, shorts, keep, guarded);
        let mut skipped = case.run();
        let stepped = crate::simulate::run_every_step(&case.plan, &case.panel(), &case.columns, &case.config).unwrap();
        prop_assert_eq!(stepped.counters.steps_skipped, 0);
        skipped.counters.steps_skipped = 0;
        prop_assert_eq!(format!("{skipped:?}"), format!("{stepped:?}"));
    }
}

/// Conditions of one symbol, each a bit per step: long, short, exit, member. Runs of equal bits, as states have.
pub(super) fn conditions() -> impl Strategy<Value = Vec<Vec<bool>>> {
    let runs = prop::collection::vec((any::<bool>(), 1usize..40), 12..30);
    let steps = runs.prop_map(|runs| {
        let bits = runs.into_iter().flat_map(|(bit, count)| std::iter::repeat_n(bit, count));
        bits.chain(std::iter::repeat(false)).take(200).collect::<Vec<bool>>()
    });
    prop::collection::vec(steps, 4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The same over words of bars, for a symbol that is listed late, with conditions of its own or of the market.
    #[test]
    fn words_say_what_every_step_says(
        conditions in conditions(),
        late in 0usize..70,
        hold in 0u32..4,
        [shorts, keep, of_market] in any::<[bool; 3]>(),
    ) {
        let bar = |step: usize| flat(50.0 + ((step * 37) % 23) as f64);
        let bars = (0..200).map(|step| (step >= late).then(|| bar(step))).collect();
        let mut case = sparse_case(vec![("AAA", bars)]);
        let nodes: Vec<NodeId> = conditions.iter().enumerate().map(|(place, bits)| {
            let is_of_market = of_market && place % 2 == 0;
            let own = &bits[if is_of_market { 0 } else { late }..];
            let node = case.node(Unit::Boolean, vec![own.iter().map(|&bit| f64::from(u8::from(bit))).collect()]);
            if is_of_market {
                case.plan.nodes[node].scope = Scope::Market;
            }
            node
        }).collect();
        let rules = case.rules();
        (rules.long, rules.exit_long, rules.exit_short) = (Some(nodes[0]), Some(nodes[2]), Some(nodes[2]));
        rules.short = shorts.then_some(nodes[1]);
        case.plan.member = Some(nodes[3]);
        (case.plan.close_on_leave, case.plan.min_hold_days) = (!keep, hold);
        let mut skipped = case.run();
        let stepped = crate::simulate::run_every_step(&case.plan, &case.panel(), &case.columns, &case.config).unwrap();
        prop_assert!(skipped.counters.steps_skipped > 0);
        skipped.counters.steps_skipped = 0;
        prop_assert_eq!(format!("{skipped:?}"), format!("{stepped:?}"));
    }
}

#[test]
fn quiet_steps_are_skipped() {
    let bars: Vec<Bar> = (0..100).map(|_| flat(10.0)).collect();
    let output = case(&[("AAA", &bars)]).buy_at(&[20]).exit_at(&[60]).run();
    assert_eq!(output.fills.order_id.len(), 2);
    // Of 100 steps those that decide (20, 60), and the last, are taken in full.
    assert!(output.counters.steps_skipped >= 95, "{}", output.counters.steps_skipped);
}
