//! How orders are sent. Without it: market orders at the next open.

use super::{Wanted, bad_choice, duration, missing, number};
use crate::plan::build::Builder;
use crate::plan::node::{EntryOrder, Execution, Hold};
use crate::plan::spec::{ExecutionSpec, Spec};

/// The execution of a strategy.
pub(in crate::plan) fn execution(spec: &Spec, builder: &mut Builder) -> Option<Execution> {
    let empty = ExecutionSpec::default();
    let execution = spec.execution.as_ref().unwrap_or(&empty);
    let entry = entry(execution.order_type.as_deref().unwrap_or("market"), builder);
    let exit = match execution.exit.as_deref() {
        None | Some("market") => Some(EntryOrder::Market),
        Some("limit") => Some(EntryOrder::Limit),
        Some(text) => {
            bad_choice("exit order", text, &["execution", "exit"], &["market", "limit"], builder);
            None
        }
    };
    let limit_offset = offset(execution.limit_offset.as_deref(), "limit_offset", builder);
    let stop_offset = offset(execution.stop_offset.as_deref(), "stop_offset", builder);
    let expected = "`1s`, the session, or more sessions";
    let time_in_force = match execution.time_in_force.as_deref() {
        None => Some(1),
        Some(text) => match duration(text, &["execution", "time_in_force"], expected, builder) {
            Some(Hold::Sessions(sessions)) => Some(sessions),
            Some(Hold::CalendarDays(_)) => {
                bad_choice("number of sessions", text, &["execution", "time_in_force"], &["1s"], builder);
                None
            }
            None => None,
        },
    };
    if let Some(fill) = execution.fill.as_deref().filter(|fill| *fill != "next_open") {
        bad_choice("fill", fill, &["execution", "fill"], &["next_open"], builder);
    }
    let entry = entry?;
    effects(execution, entry, exit?, spec, builder);
    Some(Execution {
        entry,
        exit: exit?,
        limit_offset_frac: limit_offset?,
        stop_offset_frac: stop_offset?,
        time_in_force_sessions: time_in_force?,
    })
}

fn entry(text: &str, builder: &mut Builder) -> Option<EntryOrder> {
    Some(match text {
        "market" => EntryOrder::Market,
        "limit" => EntryOrder::Limit,
        "stop" => EntryOrder::Stop,
        "stop_limit" => EntryOrder::StopLimit,
        "bracket" => EntryOrder::Bracket,
        _ => {
            let choices = ["market", "limit", "stop", "stop_limit", "bracket"];
            bad_choice("order type", text, &["execution", "order_type"], &choices, builder);
            return None;
        }
    })
}

/// At most 20% either way: farther from the close an order is a mistake.
fn offset(text: Option<&str>, key: &str, builder: &mut Builder) -> Option<f64> {
    match text {
        None => Some(0.0),
        Some(text) => number(text, Wanted::Fraction(-0.2, 0.2), &["execution", key], builder),
    }
}

/// Settings that the order types need or never read.
fn effects(execution: &ExecutionSpec, entry: EntryOrder, exit: EntryOrder, spec: &Spec, builder: &mut Builder) {
    let has_limit = matches!(entry, EntryOrder::Limit | EntryOrder::StopLimit) || exit == EntryOrder::Limit;
    if execution.limit_offset.is_some() && !has_limit {
        super::conflict(
            "`limit_offset` has no effect without a limit order",
            "order_type: limit",
            &["execution", "limit_offset"],
            builder,
        );
    }
    if execution.stop_offset.is_some() && !matches!(entry, EntryOrder::Stop | EntryOrder::StopLimit) {
        super::conflict(
            "`stop_offset` has no effect without a stop order",
            "order_type: stop",
            &["execution", "stop_offset"],
            builder,
        );
    }
    if entry == EntryOrder::Bracket {
        let exits = spec.exit.clone().unwrap_or_default();
        if exits.stop_loss.is_none() && exits.stop_price.is_none() {
            missing("a stop", "a bracket order", "exit: {stop_loss: 8%}", &["execution", "order_type"], builder);
        }
        if exits.take_profit.is_none() && exits.target_price.is_none() {
            missing("a target", "a bracket order", "exit: {take_profit: 25%}", &["execution", "order_type"], builder);
        }
    }
}
