//! Laws that hold for every run.

use super::*;
use crate::kernel::Trade;
use crate::simulate::config::{InterestConfig, PassThroughConfig, RateStep, TierConfig};
use crate::units::{Money, Shares};
use proptest::prelude::*;

/// Two symbols, forty bars around 100, rules that fire at random, every cost and order type.
#[derive(Debug, Clone)]
pub(super) struct Random {
    pub moves: Vec<(f64, f64, f64, f64)>,
    pub long: Vec<usize>,
    pub short: Vec<usize>,
    pub exit: Vec<usize>,
    pub entry: u8,
    pub stop: f64,
    pub target: f64,
    pub trailing: f64,
    pub participation: Option<f64>,
    pub split_at: usize,
    pub split: f64,
    pub min_hold: u32,
    pub portfolio: bool,
    pub costs: u8,
    /// Scale-in, partial exits and cool-down; for a portfolio groups, drift, edges and equal risk.
    pub extras: [bool; 4],
}

pub(super) const BARS: usize = 40;

pub(super) fn random() -> impl Strategy<Value = Random> {
    let moves = prop::collection::vec((-0.04..0.04f64, 0.0..0.03f64, 0.0..0.03f64, -0.03..0.03f64), 2 * BARS);
    let at = || prop::collection::vec(0..BARS, 0..12);
    let levels = (0.01..0.2f64, 0.01..0.2f64, 0.01..0.2f64);
    let split = (2..BARS, prop::sample::select(vec![2.0, 0.125, 1.5, 1.0]));
    let switches = (any::<bool>(), 0u8..4, any::<[bool; 4]>());
    let rest = (0u8..5, prop::option::of(0.000_005..0.000_02f64), 0u32..4, switches);
    (moves, at(), at(), at(), levels, split, rest).prop_map(
        |(
            moves,
            long,
            short,
            exit,
            (stop, target, trailing),
            (split_at, split),
            (entry, participation, min_hold, (portfolio, costs, extras)),
        )| {
            Random {
                moves,
                long,
                short,
                exit,
                entry,
                stop,
                target,
                trailing,
                participation,
                split_at,
                split,
                min_hold,
                portfolio,
                costs,
                extras,
            }
        },
    )
}

pub(super) fn build(random: &Random, shorts: bool) -> Case {
    let bars = |offset: usize| -> Vec<Bar> {
        let mut close = 100.0f64;
        (0..BARS)
            .map(|bar| {
                let (gap, up, down, drift) = random.moves[offset + bar];
                if bar == random.split_at {
                    close /= random.split;
                }
                let open = close * (1.0 + gap);
                close = open * (1.0 + drift);
                let cents = |price: f64| (price * 100.0).round() / 100.0;
                let (open, close_cents) = (cents(open), cents(close));
                close = close_cents;
                [open, cents(open.max(close) * (1.0 + up)), cents(open.min(close) * (1.0 - down)), close]
            })
            .collect()
    };
    let (first, second) = (bars(0), bars(BARS));
    let mut case = case(&[("AAA", &first), ("BBB", &second)]);
    let long = case.when_each(&[&random.long, &random.exit]);
    let exit = case.when_each(&[&random.exit, &random.long]);
    if random.portfolio {
        target(&mut case, random, [long, exit]);
    } else {
        case.rules().long = Some(long);
        if shorts {
            let short = case.when_each(&[&random.short, &random.short]);
            case.rules().short = Some(short);
        }
    }
    (case.rules().exit_long, case.rules().exit_short) = (Some(exit), Some(exit));
    extend_rules(&mut case, random);
    let trailing = case.constant(Unit::Ratio, random.trailing);
    case.rules().trailing_stop = Some(trailing);
    let mut case = case.stop_loss(random.stop).take_profit(random.target);
    let kinds = [EntryOrder::Market, EntryOrder::Limit, EntryOrder::Stop, EntryOrder::StopLimit, EntryOrder::Bracket];
    case.plan.execution.entry = kinds[random.entry as usize];
    case.plan.execution.limit_offset_frac = 0.005;
    case.plan.execution.stop_offset_frac = 0.005;
    case.plan.execution.time_in_force_sessions = 2;
    case.plan.min_hold_days = random.min_hold;
    case.plan.sizing.method = SizingMethod::FixedFraction { fraction: 0.45 };
    case.config.max_participation_frac = random.participation;
    charge(&mut case, random.costs);
    if random.split != 1.0 {
        case.actions.push(("AAA", Action { bar: random.split_at, split: random.split, dividend: 0.0 }));
        case.actions.push(("BBB", Action { bar: random.split_at, split: random.split, dividend: 0.0 }));
    }
    case.actions.push(("AAA", Action { bar: BARS - 1, split: 1.0, dividend: 0.5 }));
    case
}

/// Costs of every kind between them.
pub(super) fn charge(case: &mut Case, costs: u8) {
    let config = &mut case.config;
    config.commission = CommissionConfig::PerShare {
        per_share_usd: "0.005".into(),
        minimum_usd: "1.00".into(),
        maximum_frac: Some("0.01".into()),
        maximum_wins: costs == 0,
    };
    config.slippage = SlippageConfig::Bps { bps: 5.0 };
    if costs % 2 == 1 {
        let tier = |up_to_shares, per_share_usd: &str| TierConfig { up_to_shares, per_share_usd: per_share_usd.into() };
        config.commission = CommissionConfig::Tiered {
            tiers: vec![tier(Some(300), "0.0035"), tier(Some(1_000), "0.002"), tier(None, "0.0005")],
            minimum_usd: "0.35".into(),
            maximum_frac: Some("0.01".into()),
            pass_through: PassThroughConfig {
                clearing_usd: "0.0002".into(),
                clearing_maximum_frac: "0.005".into(),
                exchange_remove_usd: "0.003".into(),
                exchange_add_usd: "0.001".into(),
                of_commission_frac: "0.000735".into(),
            },
        };
        config.regulatory_fees = true;
        config.slippage = SlippageConfig::SquareRoot {
            coefficient: 1.0,
            volatility_sessions: 5,
            volume_sessions: 3,
            fallback_bps: 5.0,
        };
    }
    if costs == 2 {
        // 200 shares a bar, at an impact of 1% together.
        (case.volume, config.max_participation_frac) = (20_000.0, None);
        config.slippage = SlippageConfig::VolumeShare { impact: 100.0, limit_frac: 0.01 };
    }
    if costs >= 2 {
        config.borrow_frac = 0.3;
        config.interest = Some(InterestConfig {
            benchmark: vec![RateStep { from: None, annual_frac: 0.05 }],
            credit_below_frac: 0.005,
            debit_above_frac: 0.015,
            floor_usd: "1000".into(),
        });
    }
}

/// Rules that add to a position, close a part of it, and let its symbol rest.
pub(super) fn extend_rules(case: &mut Case, random: &Random) {
    let [adds, parts, rests, _] = random.extras;
    if adds {
        let when = case.field(PositionField::Profit, Comparison::Greater, random.trailing / 10.0);
        case.rules().scale_in = Some(ScaleIn { when, times: 2, size_frac: 0.5 });
    }
    if parts {
        for (profit, close_frac) in [(random.target / 10.0, 0.5), (-random.stop / 10.0, 0.3)] {
            let when = case.field(PositionField::Profit, Comparison::Greater, profit);
            case.rules().partials.push(PartialExit { when, close_frac });
        }
    }
    case.rules().cooldown = rests.then_some(Hold::Sessions(random.min_hold + 1));
}

/// A target portfolio of one or two selections.
fn target(case: &mut Case, random: &Random, [one, other]: [NodeId; 2]) {
    let [grouped, drifts, edge, parity] = random.extras;
    let changes: Vec<Vec<f64>> = [0, BARS]
        .iter()
        .map(|offset| (0..BARS).map(|bar| random.moves[offset + bar].0 + random.moves[offset + bar].3).collect())
        .collect();
    let changes = case.node(Unit::Ratio, changes);
    let weight = if parity { Weight::RiskParity { lookback: 5, changes } } else { Weight::Equal };
    let weight = if grouped {
        let share = case.node(Unit::Ratio, vec![(0..BARS).map(|bar| random.moves[bar].1 * 30.0).collect()]);
        case.plan.nodes[share].scope = Scope::Market;
        let group = |name: &str, select, weight| Group { name: name.into(), share, select, weight, corridor: None };
        Weight::Groups(vec![group("a", one, weight.clone()), group("b", other, weight)])
    } else {
        weight
    };
    case.plan.portfolio = Some(Portfolio {
        select: one,
        weight,
        rebalance: if drifts { Rebalance::OnDrift } else { Rebalance::EverySession },
        corridor: Corridor { absolute_frac: Some(0.01), relative_frac: parity.then_some(0.1) },
        to: if edge { Destination::Edge } else { Destination::Target },
        gross_frac: 1.0,
    });
}

fn check(output: &RunOutput, case: &Case, cash_floor: bool) -> Result<(), TestCaseError> {
    // The ledger replayed gives the cash, entry by entry and at the end.
    let mut cash = Money::ZERO;
    for entry in &output.ledger {
        cash += entry.amount;
        prop_assert_eq!(entry.cash, cash);
        prop_assert!(!cash_floor || cash.0 >= 0, "cash {cash:?}");
    }
    prop_assert_eq!(output.equity.cash().last().copied(), Some(cash));
    // Fills rebuild the positions, and with the closes the equity of every step, to the micro-dollar.
    let panel = case.panel();
    let mut held = [Shares::ZERO; 2];
    let mut fill = 0;
    let mut ledger = 0;
    let mut cash = Money::ZERO;
    let rows = output.equity.cash();
    for step in 0..BARS {
        let ns = panel.timeline.ts_ns[step];
        for (symbol, bars) in panel.symbols.iter().enumerate() {
            for action in bars.actions.iter().filter(|action| action.bar == step && action.split != 1.0) {
                held[symbol] = Shares::from_f64(held[symbol].to_f64() * action.split).unwrap().truncated();
            }
        }
        while fill < output.fills.order_id.len() && output.fills.filled_ns[fill] == ns {
            let signed = output.fills.side[fill].sign() * output.fills.quantity[fill].0;
            held[output.fills.symbol[fill]] += Shares(signed);
            fill += 1;
        }
        while ledger < output.ledger.len() && output.ledger[ledger].ns <= ns {
            cash += output.ledger[ledger].amount;
            ledger += 1;
        }
        let value: Money = panel
            .symbols
            .iter()
            .zip(held)
            .map(|(bars, held)| crate::units::Price::from_f64(bars.close[step]).unwrap().times(held))
            .sum();
        prop_assert_eq!(rows.get(step), Some(&cash));
        prop_assert_eq!(output.equity.equity[step], cash + value, "step {}", step);
    }
    prop_assert_eq!(fill, output.fills.order_id.len());
    // What is still open is what is held, and profits of all round trips are the change of equity, but for what the
    // ledger alone shows.
    let open: Shares = output
        .trades
        .iter()
        .filter(|trade| trade.exit_reason.is_none())
        .map(|trade| if trade.is_long { trade.quantity } else { -trade.quantity })
        .sum();
    prop_assert_eq!(open, held[0] + held[1]);
    let pnl: Money = output.trades.iter().map(|trade: &Trade| trade.pnl).sum();
    let is_apart = |kind: &str| matches!(kind, "dividend" | "borrow_fee" | "interest");
    let apart: Money =
        output.ledger.iter().filter(|entry| is_apart(entry.kind.as_str())).map(|entry| entry.amount).sum();
    let change = *output.equity.equity.last().unwrap() - Money::from_f64(100_000.0).unwrap();
    prop_assert_eq!(pnl + apart, change);
    // No order filled more than it asked for, and terminal ones agree with their fills.
    for order in &output.orders.rows {
        prop_assert!(order.filled <= order.quantity && order.filled.0 >= 0);
        let is_full = order.filled == order.quantity && order.filled.0 > 0;
        prop_assert!(is_full || order.status != OrderStatus::Filled);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_books_balance_at_every_step(random in random()) {
        let case = build(&random, true);
        check(&case.run(), &case, false)?;
    }

    #[test]
    fn cash_is_never_negative_without_shorts(random in random()) {
        let case = build(&random, false);
        check(&case.run(), &case, true)?;
    }

    #[test]
    fn a_longer_history_never_changes_a_shorter_run(random in random(), cut in 5..BARS) {
        let mut case = build(&random, true);
        let whole = case.run();
        case.config.to_ns = Some(i64::from(FIRST_DATE + cut as i32 - 1) * DAY_NS);
        let part = case.run();
        prop_assert_eq!(&whole.equity.equity[..cut], &part.equity.equity[..]);
        let fills = part.fills.order_id.len();
        prop_assert_eq!(&whole.fills.order_id[..fills], &part.fills.order_id[..]);
    }
}
