//! Scale-in, partial exits and cool-down, worked out by hand.

use super::*;

impl Case {
    /// A position-stage condition: a field of the position compared with a constant.
    pub fn field(&mut self, field: PositionField, comparison: Comparison, bound: f64) -> NodeId {
        let bound = self.constant(Unit::Ratio, bound);
        let value = self.position_node(Op::Position(field), vec![]);
        self.position_node(Op::Compare(comparison), vec![value, bound])
    }

    fn scale_in(mut self, times: u32, size_frac: f64) -> Self {
        let when = self.field(PositionField::Profit, Comparison::Greater, 0.05);
        self.rules().scale_in = Some(ScaleIn { when, times, size_frac });
        self
    }

    fn partial(mut self, profit: f64, close_frac: f64) -> Self {
        let when = self.field(PositionField::Profit, Comparison::Greater, profit);
        self.rules().partials.push(PartialExit { when, close_frac });
        self
    }
}

fn bars(prices: &[f64]) -> Vec<Bar> {
    prices.iter().map(|&price| flat(price)).collect()
}

fn reasons(output: &RunOutput) -> Vec<&'static str> {
    output.fills.reason.clone()
}

#[test]
fn additions_are_parts_of_the_first_entry_and_end_with_their_number() {
    // 100 at 100. At 110 the profit is 10%: 50 more at the next open, 120. The average is then 106.67, 120 is 12.5%
    // above: another 50, at 130. After two the rule is spent.
    let bars = bars(&[100.0, 100.0, 110.0, 120.0, 130.0, 140.0, 150.0]);
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).scale_in(2, 0.5).run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (3, 50.0, 120.0), (4, 50.0, 130.0)]);
    assert_eq!(reasons(&output), ["entry_long", "scale_in", "scale_in"]);
    // 200 shares at 150 and 100,000 - 10,000 - 6,000 - 6,500.
    assert_eq!(*equity(&output).last().unwrap(), 77_500.0 + 30_000.0);
    // Each is a round trip of its own.
    assert_eq!(output.trades.len(), 3);
}

#[test]
fn an_addition_has_its_own_stop_and_leaves_the_older_one_where_it_is() {
    // Stops 10% below each entry: 90 and 108. At a low of 105 the addition alone is stopped out.
    let mut bars = bars(&[100.0, 100.0, 110.0, 120.0, 118.0, 118.0]);
    bars[4] = [118.0, 118.0, 105.0, 106.0];
    let output = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.1).scale_in(1, 1.0).run();
    assert_eq!(fills(&output), [(1, 100.0, 100.0), (3, 100.0, 120.0), (4, -100.0, 108.0)]);
    assert_eq!(output.trades[0].entry_price.to_f64(), 120.0);
    assert_eq!(output.trades[1].exit_reason, None);
}

#[test]
fn an_addition_stops_at_the_cap_of_the_position_and_needs_membership_and_no_exit() {
    let bars = bars(&[100.0, 100.0, 110.0, 110.0, 110.0]);
    let run = |change: &dyn Fn(&mut Case)| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).scale_in(1, 1.0);
        change(&mut case);
        fills(&case.run())
    };
    // 14% of 101,000 over 110 x 1.01 is 127.3 shares; 100 are held.
    let capped = run(&|case| case.plan.sizing.max_position_frac = Some(0.14));
    assert_eq!(capped, [(1, 100.0, 100.0), (3, 27.0, 110.0)]);
    assert_eq!(run(&|case| case.plan.sizing.max_position_frac = Some(0.11)).len(), 1);
    let outside = run(&|case| {
        let member = case.when(&[0, 1]);
        (case.plan.member, case.plan.close_on_leave) = (Some(member), false);
    });
    assert_eq!(outside.len(), 1);
    // The exit holds from bar 2 on; the minimum hold keeps the position, and nothing is added to it.
    let leaving = run(&|case| {
        let exit = case.when(&[2, 3, 4]);
        case.rules().exit_long = Some(exit);
        case.plan.min_hold_days = 10;
    });
    assert_eq!(leaving.len(), 1);
}

#[test]
fn a_split_restates_what_an_addition_is_a_part_of() {
    // 100 at 100; 2:1 before bar 2, at 60 (120 before): half of 200 shares at the open of bar 3.
    let bars = bars(&[100.0, 100.0, 60.0, 60.0, 60.0]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).scale_in(1, 0.5);
    case.actions.push(("AAA", Action { bar: 2, split: 2.0, dividend: 0.0 }));
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0), (3, 100.0, 60.0)]);
}

#[test]
fn a_short_position_is_added_to_on_its_side() {
    let bars = bars(&[100.0, 100.0, 90.0, 85.0, 85.0]);
    let output = case(&[("AAA", &bars)]).short_at(&[0]).scale_in(1, 0.5).run();
    assert_eq!(fills(&output), [(1, -100.0, 100.0), (3, -50.0, 85.0)]);
}

#[test]
fn each_partial_exit_closes_its_part_of_what_is_held_then_and_once() {
    // 101 at 100: above 10% half of 101 goes, rounded down to 50, at 125; above 20% 33% of 51, 16,, at 130; the rest stays.
    let bars = bars(&[100.0, 100.0, 115.0, 125.0, 130.0, 140.0, 150.0]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).partial(0.1, 0.5).partial(0.2, 0.33);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 101.0 };
    let output = case.run();
    assert_eq!(fills(&output), [(1, 101.0, 100.0), (3, -50.0, 125.0), (4, -16.0, 130.0)]);
    assert_eq!(reasons(&output), ["entry_long", "partial_exit", "partial_exit"]);
    let closed: Vec<_> = output.trades.iter().map(|trade| (trade.quantity.to_f64(), trade.pnl.to_f64())).collect();
    assert_eq!(closed, [(50.0, 1_250.0), (16.0, 480.0), (35.0, 1_750.0)]);
}

#[test]
fn a_partial_exit_closes_at_least_one_share_waits_for_the_minimum_hold_and_shrinks_the_stop() {
    let bars = bars(&[100.0, 100.0, 115.0, 115.0, 115.0, 115.0, 80.0]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).stop_loss(0.1).partial(0.1, 0.1);
    case.plan.sizing.method = SizingMethod::FixedShares { shares: 3.0 };
    case.plan.min_hold_days = 3;
    let output = case.run();
    // Filled in session 1, sold in session 4 at the earliest; the stop of 90 is passed at an open of 80.
    assert_eq!(fills(&output), [(1, 3.0, 100.0), (4, -1.0, 115.0), (6, -2.0, 80.0)]);
}

#[test]
fn a_new_position_may_take_its_partial_exits_again_and_an_exit_of_all_goes_first() {
    let bars = bars(&[100.0, 100.0, 115.0, 115.0, 100.0, 100.0, 115.0, 115.0, 115.0]);
    let output = case(&[("AAA", &bars)]).buy_at(&[0, 4]).exit_at(&[3, 7]).partial(0.1, 0.5).run();
    let expected = [
        (1, 100.0, 100.0),
        (3, -50.0, 115.0),
        (4, -50.0, 100.0),
        (5, 100.0, 100.0),
        (7, -50.0, 115.0),
        (8, -50.0, 115.0),
    ];
    assert_eq!(fills(&output), expected);
    let both = case(&[("AAA", &bars)]).buy_at(&[0]).exit_at(&[2]).partial(0.1, 0.5).run();
    assert_eq!(fills(&both), [(1, 100.0, 100.0), (3, -100.0, 115.0)]);
}

#[test]
fn entries_partials_and_the_youngest_entry_are_known_to_the_rules() {
    // Added at 120 in session 3. From then on entries is 2; the exit asks for two entries, the youngest two sessions old.
    let bars = bars(&[100.0, 100.0, 110.0, 120.0, 120.0, 120.0, 120.0, 120.0]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).scale_in(1, 0.5);
    let entries = case.field(PositionField::Entries, Comparison::Equal, 2.0);
    let age = case.field(PositionField::BarsSinceEntry, Comparison::GreaterEqual, 2.0);
    let price = case.field(PositionField::LastEntryPrice, Comparison::Equal, 120.0);
    let none = case.field(PositionField::Partials, Comparison::Equal, 0.0);
    let and = |case: &mut Case, a, b| case.position_node(Op::Elementwise(Elementwise::And), vec![a, b]);
    let first = and(&mut case, entries, age);
    let second = and(&mut case, price, none);
    let exit = and(&mut case, first, second);
    case.rules().exit_long = Some(exit);
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0), (3, 50.0, 120.0), (6, -150.0, 120.0)]);
}

#[test]
fn a_symbol_rests_after_an_exit_and_after_a_stop() {
    let bars = bars(&[100.0; 10]);
    let every: Vec<usize> = (0..10).filter(|bar| *bar != 2).collect();
    let run = |cooldown: Option<Hold>| {
        let mut case = case(&[("AAA", &bars)]).buy_at(&every).exit_at(&[2]);
        case.rules().cooldown = cooldown;
        fills(&case.run()).into_iter().map(|(step, ..)| step).collect::<Vec<_>>()
    };
    // Sold at the open of session 3; bought again from the close of that session on, or of session 6.
    assert_eq!(run(None), [1, 3, 4]);
    assert_eq!(run(Some(Hold::Sessions(3))), [1, 3, 7]);
    assert_eq!(run(Some(Hold::CalendarDays(3))), [1, 3, 7]);
    // Stopped out within bar 2.
    let mut fallen = bars.clone();
    fallen[2] = [100.0, 100.0, 85.0, 100.0];
    let mut case = case(&[("AAA", &fallen)]).buy_at(&[0, 2, 3, 4, 5, 6]).stop_loss(0.1);
    case.rules().cooldown = Some(Hold::Sessions(2));
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0), (2, -100.0, 90.0), (5, 100.0, 100.0)]);
}

#[test]
fn with_a_cooldown_a_reversal_only_closes_and_the_other_side_waits() {
    let bars = bars(&[100.0; 8]);
    let mut case = case(&[("AAA", &bars)]).buy_at(&[0]).short_at(&[2, 3, 4, 5, 6]);
    case.rules().cooldown = Some(Hold::Sessions(2));
    assert_eq!(fills(&case.run()), [(1, 100.0, 100.0), (3, -100.0, 100.0), (6, -100.0, 100.0)]);
}
