//! Settings that are not expressions: sizing, execution, target portfolio, holding times. Defaults stand here.

mod execution;
mod groups;
mod portfolio;
mod rules;
mod schedule;
mod selection;
mod sizing;
mod weight;

pub(super) use execution::execution;
pub(super) use portfolio::portfolio;
pub(super) use rules::{cooldown, partials, scale_in};
pub(super) use sizing::sizing;

use super::build::Builder;
use super::node::Hold;
use super::roots::at_key;
use super::spec::Spec;
use crate::expr::code::Code;
use crate::expr::nearest::nearest;
use crate::expr::syntax::{Expr, Literal, Span};
use crate::expr::{self, Problem, literal, print};
use crate::units::Unit;
use std::rc::Rc;

/// Sessions after the fill's session before a rule may close a position, when the file does not say.
pub const MIN_HOLD_DAYS: u32 = 2;

/// Timeframes of a strategy.
pub const TIMEFRAMES: [&str; 6] = ["1Min", "5Min", "15Min", "30Min", "1Hour", "1Day"];

/// Bars in one regular session of 390 minutes.
pub(super) fn bars_per_session(timeframe: &str) -> Option<usize> {
    Some(match timeframe {
        "1Min" => 390,
        "5Min" => 78,
        "15Min" => 26,
        "30Min" => 13,
        "1Hour" => 7,
        "1Day" => 1,
        _ => return None,
    })
}

pub(super) fn report(problem: Problem, path: &[&str], builder: &mut Builder) {
    builder.diagnostics.push(problem.at(path));
}

/// Reports a word that is none of the choices.
pub(super) fn bad_choice(what: &str, text: &str, path: &[&str], choices: &[&str], builder: &mut Builder) {
    let problem = at_key(Code::BadChoice, text, format!("`{text}` is not a {what}"))
        .expected(choices.join(", "))
        .suggest_if(nearest(text, choices.iter().copied()));
    report(problem, path, builder);
}

/// Reports a setting that another one makes necessary.
pub(super) fn missing(what: &str, because: &str, example: &str, path: &[&str], builder: &mut Builder) {
    let problem = Problem::new(Code::MissingSetting, Span::default(), format!("{because} needs {what}"))
        .found(format!("no {what}"))
        .expected(example);
    report(problem, path, builder);
}

/// Reports settings that exclude each other.
pub(super) fn conflict(message: &str, expected: &str, path: &[&str], builder: &mut Builder) {
    let problem = Problem::new(Code::ConflictingSettings, Span::default(), message).expected(expected);
    report(problem, path, builder);
}

/// What a literal of a setting must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// A percentage within these bounds, ends included, as a fraction.
    Fraction(f64, f64),
    /// A number within these bounds, ends included.
    Number(f64, f64),
    /// A whole number within these bounds, ends included.
    Whole(u32, u32),
}

/// The tree of a setting, read once where it is bound many times, and whether nothing is wrong with it.
fn setting(text: &str, builder: &mut Builder) -> (Rc<Expr>, bool) {
    if let Some(tree) = builder.memo.as_ref().and_then(|memo| memo.tree(text)) {
        return (tree, true);
    }
    let (tree, problems) = expr::parse(text);
    let tree = Rc::new(tree);
    if let Some(memo) = builder.memo.as_mut().filter(|_| problems.is_empty()) {
        memo.plant(text, &tree);
    }
    (tree, problems.is_empty())
}

/// The number behind a setting: a literal, or a param.
pub(super) fn number(text: &str, wanted: Wanted, path: &[&str], builder: &mut Builder) -> Option<f64> {
    let (expr, is_sound) = setting(text, builder);
    let written = literal::of(&expr).filter(|_| is_sound).map(literal::value);
    let named = match &expr.node {
        crate::expr::Node::Name(name) => builder.params.get(name).copied(),
        _ => None,
    };
    let (value, unit) = match (written, named) {
        (Some(found), _) => found,
        (None, Some(Some(parameter))) => (parameter.value, parameter.unit),
        // The param is broken and reported.
        (None, Some(None)) => return None,
        (None, None) => {
            report(
                at_key(Code::BadLiteral, text, format!("`{text}` is not a literal")).expected(describe(wanted)),
                path,
                builder,
            );
            return None;
        }
    };
    let problem = match (wanted, unit) {
        (Wanted::Fraction(min, max), Unit::Percent) if (min..=max).contains(&value) => return Some(value),
        (Wanted::Number(min, max), Unit::Number) if (min..=max).contains(&value) => return Some(value),
        (Wanted::Whole(min, max), Unit::Number)
            if value.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(&value) =>
        {
            return Some(value);
        }
        (Wanted::Fraction(min, max), Unit::Number) => {
            let meant = Some(literal::percent_meant(value)).filter(|meant| (min..=max).contains(meant));
            at_key(Code::UnitMissing, text, "a percentage is needed").suggest_if(meant.map(print::percent))
        }
        (Wanted::Whole(..), Unit::Number) if value.fract() != 0.0 => {
            at_key(Code::NotWhole, text, "a whole number is needed")
        }
        (Wanted::Fraction(..), Unit::Percent) | (Wanted::Number(..) | Wanted::Whole(..), Unit::Number) => {
            at_key(Code::OutOfRange, text, format!("`{text}` is out of range"))
        }
        _ => at_key(Code::BadLiteral, text, format!("`{text}` has the wrong unit")),
    };
    report(problem.expected(describe(wanted)), path, builder);
    None
}

fn describe(wanted: Wanted) -> String {
    let percent = |x: f64| format!("{}%", print::number(x * 100.0));
    match wanted {
        Wanted::Fraction(min, max) => format!("a percentage from {} to {}", percent(min), percent(max)),
        Wanted::Number(min, max) => format!("a number from {} to {}", print::number(min), print::number(max)),
        Wanted::Whole(min, max) => format!("a whole number from {min} to {max}"),
    }
}

/// A holding time: `90d` or `20s`.
pub(super) fn hold(text: &str, builder: &mut Builder) -> Option<Hold> {
    duration(text, &["exit", "max_hold"], "`90d` calendar days or `20s` sessions", builder)
}

/// A duration of at least one; a literal or a param cannot lose its letter, so params are not taken here.
pub(super) fn duration(text: &str, path: &[&str], expected: &str, builder: &mut Builder) -> Option<Hold> {
    let (expr, problems) = expr::parse(text);
    let problem = match literal::of(&expr).filter(|_| problems.is_empty()) {
        Some(Literal::Days(days)) if days > 0 => return Some(Hold::CalendarDays(days)),
        Some(Literal::Sessions(sessions)) if sessions > 0 => return Some(Hold::Sessions(sessions)),
        Some(Literal::Number(value)) => at_key(Code::UnitMissing, text, "a duration needs its unit")
            .suggest(format!("{}s", print::number(value)))
            .note("`d` is calendar days, `s` sessions."),
        Some(Literal::Days(_) | Literal::Sessions(_)) => at_key(Code::OutOfRange, text, "a duration is at least 1"),
        _ => at_key(Code::BadLiteral, text, format!("`{text}` is not a duration")),
    };
    report(problem.expected(expected), path, builder);
    None
}

/// Sessions to hold at least, 2 or more: this is swing trading.
pub(super) fn min_hold_days(spec: &Spec, builder: &mut Builder) -> Option<u32> {
    let Some(days) = spec.min_hold_days else { return Some(MIN_HOLD_DAYS) };
    if let Ok(days) = u32::try_from(days)
        && (2..=5_000).contains(&days)
    {
        return Some(days);
    }
    let text = days.to_string();
    let problem =
        at_key(Code::OutOfRange, &text, "`min_hold_days` is out of range").expected("2 to 5000 sessions").suggest("2");
    report(problem, &["min_hold_days"], builder);
    None
}

/// Whether a symbol that leaves the universe is sold: yes, unless the file says `hold`.
pub(super) fn close_on_leave(spec: &Spec, builder: &mut Builder) -> Option<bool> {
    match spec.exit.as_ref().and_then(|e| e.on_leave.as_deref()) {
        None | Some("close") => Some(true),
        Some("hold") => Some(false),
        Some(text) => {
            bad_choice("choice", text, &["exit", "on_leave"], &["close", "hold"], builder);
            None
        }
    }
}

/// Settings that need or exclude each other.
pub(super) fn coherence(spec: &Spec, builder: &mut Builder) {
    if spec.symbols.is_empty() {
        missing("symbols", "the universe", "symbols: [AAPL, MSFT]", &["symbols"], builder);
    }
    for (index, symbol) in spec.symbols.iter().enumerate() {
        if spec.symbols.iter().take(index).any(|s| s == symbol) {
            let problem =
                Problem::new(Code::ConflictingSettings, Span::default(), format!("the symbol `{symbol}` stands twice"))
                    .found(format!("`{symbol}`"))
                    .expected("each symbol once");
            report(problem, &["symbols", &index.to_string()], builder);
        }
    }
    match (&spec.entry, &spec.portfolio) {
        (Some(_), Some(_)) => conflict(
            "`entry` and `portfolio` are two styles of one strategy",
            "rules per symbol (`entry`) or a target portfolio (`portfolio`)",
            &["portfolio"],
            builder,
        ),
        (None, None) => {
            missing("`entry` or `portfolio`", "a strategy", "entry: {long: close > sma(close, 200)}", &[], builder)
        }
        (Some(entry), None) if entry.long.is_none() && entry.short.is_none() => {
            missing("`long` or `short`", "`entry`", "long: close > sma(close, 200)", &["entry"], builder);
        }
        _ => {}
    }
    let Some(exit) = &spec.exit else { return };
    if exit.stop_loss.is_some() && exit.stop_price.is_some() {
        conflict("`stop_loss` and `stop_price` both set the stop", "one of them", &["exit", "stop_price"], builder);
    }
    if exit.take_profit.is_some() && exit.target_price.is_some() {
        conflict(
            "`take_profit` and `target_price` both set the target",
            "one of them",
            &["exit", "target_price"],
            builder,
        );
    }
}
