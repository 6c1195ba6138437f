//! Position sizing. Without it: equal weights over as many positions as the universe has members.

use super::{Wanted, bad_choice, missing, number, report};
use crate::expr::code::Code;
use crate::expr::syntax::Span;
use crate::expr::{Problem, print};
use crate::plan::build::{Builder, Place};
use crate::plan::node::{NodeId, Sizing, SizingMethod};
use crate::plan::roots::Roots;
use crate::plan::spec::{SizingSpec, Spec};

const METHODS: [&str; 8] = [
    "equal_weight",
    "fixed_shares",
    "fixed_fraction",
    "risk_per_trade",
    "volatility_target",
    "inverse_volatility",
    "risk_parity",
    "half_kelly",
];

/// Bars over which volatility is measured when the file does not say: about a quarter of a year.
const LOOKBACK: u32 = 60;
/// Closed round trips before the measured statistics count as evidence.
const MIN_TRADES: u32 = 20;
/// Half Kelly never falls below this fraction, or a losing start would end the strategy without new evidence.
const FLOOR: f64 = 0.01;

/// The sizing of a strategy.
pub(in crate::plan) fn sizing(spec: &Spec, roots: &mut Roots<'_>) -> Option<Sizing> {
    let empty = SizingSpec::default();
    let sizing = spec.sizing.as_ref().unwrap_or(&empty);
    let name = sizing.method.as_deref().unwrap_or("equal_weight");
    if METHODS.contains(&name) {
        unused(sizing, name, roots.builder);
    }
    let method = method(sizing, name, spec, roots);
    let builder = &mut *roots.builder;
    let max_position_frac =
        optional(sizing.max_position.as_deref(), Wanted::Fraction(1e-4, 1.0), "max_position", builder);
    let max_positions = optional(sizing.max_positions.as_deref(), Wanted::Whole(1, 5_000), "max_positions", builder);
    let round_lot = optional(sizing.round_lot.as_deref(), Wanted::Whole(1, 1_000_000), "round_lot", builder);
    let fractional = sizing.fractional.unwrap_or(false);
    if fractional && sizing.round_lot.is_some() {
        super::conflict(
            "`round_lot` has no effect on fractional shares",
            "one of them",
            &["sizing", "round_lot"],
            builder,
        );
    }
    Some(Sizing {
        method: method?,
        max_position_frac: max_position_frac?,
        max_positions: max_positions?.map(|n| n as u32),
        fractional,
        round_lot: round_lot?.map_or(1, |n| n as u32),
    })
}

/// `Some(None)` when left out, `None` when wrong.
fn optional(text: Option<&str>, wanted: Wanted, key: &str, builder: &mut Builder) -> Option<Option<f64>> {
    match text {
        None => Some(None),
        Some(text) => number(text, wanted, &["sizing", key], builder).map(Some),
    }
}

fn method(sizing: &SizingSpec, name: &str, spec: &Spec, roots: &mut Roots<'_>) -> Option<SizingMethod> {
    match name {
        "equal_weight" => Some(SizingMethod::EqualWeight),
        "fixed_shares" => {
            let Some(text) = sizing.shares.as_deref() else {
                missing("`shares`", "`fixed_shares`", "shares: 100", &["sizing"], roots.builder);
                return None;
            };
            let shares = number(text, Wanted::Whole(1, 100_000_000), &["sizing", "shares"], roots.builder)?;
            Some(SizingMethod::FixedShares { shares })
        }
        "fixed_fraction" => {
            let fraction = required(sizing.fraction.as_deref(), "fraction", name, "fraction: 5%", roots.builder)?;
            Some(SizingMethod::FixedFraction { fraction })
        }
        "risk_per_trade" => {
            let exit = spec.exit.clone().unwrap_or_default();
            if exit.stop_loss.is_none() && exit.stop_price.is_none() && exit.trailing_stop.is_none() {
                missing("a stop", "`risk_per_trade`", "exit: {stop_loss: 8%}", &["sizing", "method"], roots.builder);
            }
            let fraction = required(sizing.fraction.as_deref(), "fraction", name, "fraction: 1%", roots.builder)?;
            Some(SizingMethod::RiskPerTrade { fraction })
        }
        "volatility_target" => {
            let target = required(sizing.target.as_deref(), "target", name, "target: 15%", roots.builder);
            let (lookback, volatility) = volatility(sizing.lookback.as_deref(), &["sizing", "lookback"], roots)?;
            Some(SizingMethod::VolatilityTarget { target: target?, lookback, volatility })
        }
        "inverse_volatility" => {
            let (lookback, volatility) = volatility(sizing.lookback.as_deref(), &["sizing", "lookback"], roots)?;
            Some(SizingMethod::InverseVolatility { lookback, volatility })
        }
        "risk_parity" => {
            let (lookback, changes) = changes(sizing.lookback.as_deref(), &["sizing", "lookback"], roots)?;
            Some(SizingMethod::RiskParity { lookback, changes })
        }
        "half_kelly" => half_kelly(sizing, roots.builder),
        _ => {
            bad_choice("sizing method", name, &["sizing", "method"], &METHODS, roots.builder);
            None
        }
    }
}

fn required(text: Option<&str>, key: &str, method: &str, example: &str, builder: &mut Builder) -> Option<f64> {
    let Some(text) = text else {
        missing(&format!("`{key}`"), &format!("`{method}`"), example, &["sizing"], builder);
        return None;
    };
    number(text, Wanted::Fraction(1e-4, 1.0), &["sizing", key], builder)
}

fn half_kelly(sizing: &SizingSpec, builder: &mut Builder) -> Option<SizingMethod> {
    let Some(prior) = &sizing.prior else {
        let example = "prior: {trades: 30, win_rate: 52%, payoff: 1.3}";
        missing("`prior`", "`half_kelly`", example, &["sizing"], builder);
        return None;
    };
    let trades = number(&prior.trades, Wanted::Number(0.0, 100_000.0), &["sizing", "prior", "trades"], builder);
    let win_rate = number(&prior.win_rate, Wanted::Fraction(0.0, 1.0), &["sizing", "prior", "win_rate"], builder);
    let payoff = number(&prior.payoff, Wanted::Number(0.01, 100.0), &["sizing", "prior", "payoff"], builder);
    let min_trades = optional(sizing.min_trades.as_deref(), Wanted::Whole(0, 100_000), "min_trades", builder);
    let floor = optional(sizing.floor.as_deref(), Wanted::Fraction(0.0, 1.0), "floor", builder);
    Some(SizingMethod::HalfKelly {
        prior_trades: trades?,
        prior_win_rate: win_rate?,
        prior_payoff: payoff?,
        min_trades: min_trades?.map_or(MIN_TRADES, |n| n as u32),
        floor: floor?.unwrap_or(FLOOR),
    })
}

/// The annual volatility of daily (bar) returns: their sample deviation over `lookback` bars, scaled by the root of
/// the bars in a year of 252 sessions.
pub(in crate::plan) fn volatility(text: Option<&str>, path: &[&str], roots: &mut Roots<'_>) -> Option<(u32, NodeId)> {
    let lookback = match text {
        None => LOOKBACK,
        Some(text) => number(text, Wanted::Whole(2, 5_000), path, roots.builder)? as u32,
    };
    let (n, bars) = (f64::from(lookback), roots.builder.graph.bars_per_session() as f64);
    // `stddev` divides by n; a sample divides by n - 1.
    let scale = (252.0 * bars * n / (n - 1.0)).sqrt();
    let text = format!("stddev(change_ratio(close, 1), {lookback}) * {}", print::number(scale));
    let (expr, _) = crate::expr::parse(&text);
    let value = roots.builder.lower(&expr, Place { path, context: 0, allows_position: false })?;
    Some((lookback, value.node))
}

/// The node of one bar's change as a ratio, and over how many of them a covariance is measured.
pub(in crate::plan) fn changes(text: Option<&str>, path: &[&str], roots: &mut Roots<'_>) -> Option<(u32, NodeId)> {
    let lookback = match text {
        None => LOOKBACK,
        Some(text) => number(text, Wanted::Whole(2, 5_000), path, roots.builder)? as u32,
    };
    let (expr, _) = crate::expr::parse("change_ratio(close, 1)");
    let value = roots.builder.lower(&expr, Place { path, context: 0, allows_position: false })?;
    Some((lookback, value.node))
}

/// Reports settings of another method.
fn unused(sizing: &SizingSpec, method: &str, builder: &mut Builder) {
    let given = [
        ("fraction", sizing.fraction.is_some(), &["fixed_fraction", "risk_per_trade"][..]),
        ("shares", sizing.shares.is_some(), &["fixed_shares"]),
        ("target", sizing.target.is_some(), &["volatility_target"]),
        ("lookback", sizing.lookback.is_some(), &["volatility_target", "inverse_volatility", "risk_parity"]),
        ("prior", sizing.prior.is_some(), &["half_kelly"]),
        ("min_trades", sizing.min_trades.is_some(), &["half_kelly"]),
        ("floor", sizing.floor.is_some(), &["half_kelly"]),
    ];
    for (key, is_given, methods) in given {
        if is_given && !methods.contains(&method) {
            let problem = Problem::new(
                Code::ConflictingSettings,
                Span::default(),
                format!("`{key}` has no effect with `{method}`"),
            )
            .found(format!("`{key}`"))
            .expected(format!("`{key}` with {}", methods.join(" or ")));
            report(problem, &["sizing", key], builder);
        }
    }
}
