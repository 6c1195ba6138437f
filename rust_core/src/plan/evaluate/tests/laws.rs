//! Laws for any bars: a prefix gives the prefix, and neither blocks nor threads change a bit.

use super::*;
use crate::logic::{Arithmetic, Elementwise};
use crate::plan::{CalendarFunction, Reduction};
use proptest::prelude::*;

/// A plan that uses every kind of node, and all nodes that lie on members' own bars or the market.
fn plan_of_everything() -> (Plan, Vec<NodeId>) {
    let mut draft = Draft::new(&["A", "B", "C"]);
    draft.0.groups = vec!["x".into(), "y".into()];
    draft.0.sectors = vec![Some(0), Some(1), Some(0)];
    let (close, high, low, volume) =
        (draft.bar(Field::Close), draft.bar(Field::High), draft.bar(Field::Low), draft.bar(Field::Volume));
    let fast = draft.indicator("sma", &[3.0], 0, &[close]);
    let slow = draft.indicator("ema", &[7.0], 0, &[close]);
    let band = draft.indicator("bbands", &[5.0, 2.0], 2, &[close]);
    let above = draft.compare(Comparison::Greater, fast, slow);
    let range = draft.own(Op::Arithmetic(Arithmetic::Subtract), &[high, low]);
    let as_of = draft.own(Op::AsOfDay { price: 1, volume: 0 }, &[range]);
    let turnover = draft.own(Op::AsOfDay { price: 0, volume: 1 }, &[volume]);
    let momentum = draft.indicator("change_ratio", &[4.0], 0, &[close]);
    let sector = draft.own(Op::Sector, &[]);
    let rank = draft.across(CrossSection::Rank, &[], &[momentum], false, false);
    let grouped = draft.across(CrossSection::ZScore, &[], &[momentum, sector], false, true);
    let top = draft.across(CrossSection::Top, &[1.0], &[momentum, above], true, false);
    let among = draft.own(Op::Among(vec!["A".into(), "C".into()]), &[]);
    let top_of_two = draft.across(CrossSection::Top, &[1.0], &[momentum, among], true, false);
    let breadth = draft.market(Op::Reduction(Reduction::Breadth), &[above]);
    let calm = draft.market(indicator("sma", &[2.0], 0), &[breadth]);
    let half = draft.constant(0.5);
    let (enter, exit) = (
        draft.market(Op::Compare(Comparison::Greater), &[calm, half]),
        draft.market(Op::Compare(Comparison::Less), &[calm, half]),
    );
    let regime = draft.market(Op::Regime, &[enter, exit]);
    let chosen = draft.own(Op::Elementwise(Elementwise::And), &[top, regime, above]);
    let week = draft.context(None, Some(Timeframe::Week));
    let weekly_close = draft.node(Op::Bar(Field::Close), &[], week, Scope::Symbol);
    let weekly_mean = draft.node(indicator("sma", &[2.0], 0), &[weekly_close], week, Scope::Symbol);
    let weekly = draft.own(Op::Bridge, &[weekly_mean]);
    let month = draft.context(Some("SPY"), Some(Timeframe::Month));
    let monthly_close = draft.node(Op::Bar(Field::Close), &[], month, Scope::Symbol);
    let monthly = draft.market(Op::Bridge, &[monthly_close]);
    let spy = draft.context(Some("SPY"), None);
    let spy_close = draft.node(Op::Bar(Field::Close), &[], spy, Scope::Symbol);
    let benchmark = draft.market(Op::Bridge, &[spy_close]);
    let month_end = draft.market(Op::Calendar(CalendarFunction::SessionsToMonthEnd), &[]);
    let late = draft.compare(Comparison::Less, weekly, close);
    let after = draft.indicator("count", &[3.0], 0, &[chosen]);
    draft.0.member = Some(late);
    let wanted = vec![
        fast, slow, band, above, as_of, turnover, rank, grouped, top, breadth, calm, regime, chosen, weekly, monthly,
        benchmark, month_end, late, after, among, top_of_two,
    ];
    (draft.0, wanted)
}

/// Bars of four symbols with gaps, late starts, splits and dividends.
fn tables() -> impl Strategy<Value = Table> {
    let bar = (0.9..1.1_f64, 0.0..0.02_f64, 0.0..0.02_f64, 0.0..1e6_f64, 0..10_u32);
    let symbol = (0..8_usize, proptest::collection::vec(bar, 40..90));
    let action =
        (0..4_usize, 1..80_usize, prop_oneof![Just(2.0), Just(0.125), Just(1.0)], prop_oneof![Just(0.0), Just(0.25)]);
    (proptest::collection::vec(symbol, 4), proptest::collection::vec(action, 0..8)).prop_map(|(symbols, actions)| {
        let stamps = sessions(2001, 8, 1, 110);
        let mut table = Table::default();
        for (name, (late, walk)) in ["B", "SPY", "A", "C"].into_iter().zip(&symbols) {
            let mut close = 100.0;
            let mut bars = Vec::new();
            for (index, &(change, up, down, volume, gap)) in walk.iter().enumerate() {
                let open = close;
                close = (close * change).clamp(5.0, 1e4);
                if gap > 0 {
                    let (high, low) = (open.max(close) * (1.0 + up), open.min(close) * (1.0 - down));
                    bars.push((stamps[late + index], [open, high, low, close, volume.floor()]));
                }
            }
            table.add_bars(name, &bars);
        }
        let names = table.names.clone();
        for (symbol, day, split, dividend) in actions {
            table.action(&names[symbol], stamps[day], split, dividend);
        }
        table
    })
}

/// Every wanted node's values, by member and for the market.
fn all_bits(columns: &Columns, wanted: &[NodeId]) -> Vec<Vec<u64>> {
    let mut all = Vec::new();
    for &node in wanted {
        all.push(bits(columns.market(node)));
        all.extend(columns.members().iter().map(|&symbol| bits(columns.symbol(node, symbol))));
    }
    all
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_prefix_of_the_bars_gives_the_prefix_of_the_columns(table in tables(), cut in 30..100_usize) {
        let (plan, wanted) = plan_of_everything();
        let end_ns = sessions(2001, 8, 1, 110)[cut];
        let part = table.before(end_ns);
        let (whole_panel, part_panel) = (table.panel(true), part.panel(true));
        let whole = evaluate(&plan, &whole_panel, &wanted).unwrap();
        let part = evaluate(&plan, &part_panel, &wanted).unwrap();
        let steps = part_panel.timeline.len();
        for &node in &wanted {
            let market = whole.market(node);
            prop_assert_eq!(bits(&market[..steps.min(market.len())]), bits(part.market(node)), "node {}", node);
            for (symbol, bars) in part_panel.symbols.iter().enumerate() {
                let (whole, part) = (whole.symbol(node, symbol), part.symbol(node, symbol));
                prop_assert_eq!(part.len(), if bars.symbol == "SPY" { 0 } else { bars.len() });
                prop_assert_eq!(bits(&whole[..part.len()]), bits(part), "node {} of {}", node, bars.symbol);
            }
            if market.is_empty() {
                let (whole, part) = (whole.true_at(node), part.true_at(node));
                (0..steps).for_each(|step| assert_eq!(whole.at(step), part.at(step)));
            }
        }
    }

    #[test]
    fn blocks_and_threads_change_no_bit(table in tables(), block in 1..70_usize, threads in 2..5_usize) {
        let (plan, wanted) = plan_of_everything();
        let panel = table.panel(true);
        let expected = in_pool(1, || all_bits(&evaluate(&plan, &panel, &wanted).unwrap(), &wanted));
        let found = in_pool(threads, || all_bits(&evaluate_in_blocks(&plan, &panel, &wanted, block, &Watch::default()).unwrap(), &wanted));
        prop_assert_eq!(expected, found);
    }
}

#[test]
fn the_plan_of_everything_produces_values() {
    let stamps = sessions(2001, 8, 1, 110);
    let mut table = Table::default();
    for (name, phase) in [("A", 0.0), ("B", 2.0), ("C", 4.0), ("SPY", 1.0)] {
        let closes: Vec<f64> = (0..110).map(|i| 100.0 + 20.0 * (f64::from(i) / 6.0 + phase).sin()).collect();
        table.add(name, &daily(&stamps, &closes));
    }
    let (plan, wanted) = plan_of_everything();
    let panel = table.panel(true);
    let columns = evaluate(&plan, &panel, &wanted).unwrap();
    for node in wanted {
        let known = (0..110).filter(|&step| !columns.value(node, 0, step).is_nan()).count();
        assert!(known > 10, "node {node} has {known} values");
    }
}

/// Half-hour bars of two symbols over a half day, a change of clocks and the end of a quarter, with gaps and after
/// hours.
fn half_hours() -> impl Strategy<Value = Table> {
    let slot = (0..4_u32, 0..4_u32, 1.0..9.0_f64);
    proptest::collection::vec(slot, 200).prop_map(|slots| {
        let mut table = Table::default();
        let mut bars: [Vec<(i64, f64)>; 2] = Default::default();
        let mut slots = slots.iter().cycle();
        let dates =
            sessions(2024, 11, 27, 4).into_iter().chain(sessions(2024, 3, 7, 3)).chain(sessions(2024, 3, 27, 4));
        let mut dates: Vec<i32> = dates.map(|ts| (ts / DAY_NS) as i32).collect();
        dates.sort_unstable();
        for date in dates {
            let open = crate::calendar::session_open_ns(date);
            for (half_hour, &(first, second, close)) in (0..16).zip(slots.by_ref()) {
                let ts = open + half_hour * 30 * crate::calendar::MINUTE_NS;
                bars[0].extend((first > 0).then_some((ts, close)));
                bars[1].extend((second > 0).then_some((ts, close + 1.0)));
            }
        }
        table.add("A", &bars[0]).add("B", &bars[1]);
        table
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn higher_timeframes_of_intraday_bars_never_see_a_later_bar(table in half_hours(), cut in 1..130_usize) {
        let mut draft = Draft::new(&["A", "B"]);
        draft.0.timeframe = "30Min".into();
        let mut wanted = Vec::new();
        for timeframe in [Timeframe::Day, Timeframe::Week, Timeframe::Month, Timeframe::Quarter] {
            let context = draft.context(None, Some(timeframe));
            let fields = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
            for field in fields {
                let bar = draft.node(Op::Bar(field), &[], context, Scope::Symbol);
                wanted.push(draft.own(Op::Bridge, &[bar]));
            }
        }
        let whole_panel = table.panel(false);
        let end_ns = whole_panel.timeline.ts_ns[cut.min(whole_panel.timeline.len() - 1)];
        let part = table.before(end_ns);
        let part_panel = part.panel(false);
        let whole = evaluate(&draft.0, &whole_panel, &wanted).unwrap();
        let part = evaluate(&draft.0, &part_panel, &wanted).unwrap();
        for &node in &wanted {
            for bars in &part_panel.symbols {
                let of = |panel: &Panel| panel.position(&bars.symbol).unwrap();
                let (whole, part) = (whole.symbol(node, of(&whole_panel)), part.symbol(node, of(&part_panel)));
                prop_assert_eq!(part.len(), bars.len());
                prop_assert_eq!(bits(&whole[..part.len()]), bits(part));
            }
        }
    }
}
