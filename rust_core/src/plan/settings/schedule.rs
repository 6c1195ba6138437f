//! When a target portfolio is brought back to target.

use super::{bad_choice, conflict, duration, report};
use crate::expr::code::Code;
use crate::expr::syntax::{Literal, Span};
use crate::expr::{Problem, literal};
use crate::plan::build::Builder;
use crate::plan::node::{Hold, Rebalance};
use crate::plan::roots::at_key;
use crate::plan::spec::PortfolioSpec;

/// The schedule of a portfolio; monthly when the file does not say.
pub(super) fn rebalance(spec: &PortfolioSpec, builder: &mut Builder) -> Option<Rebalance> {
    let text = spec.rebalance.as_deref().unwrap_or("monthly");
    let offset = offset(spec.offset, builder)?;
    let rebalance = match text {
        "every session" => Rebalance::EverySession,
        "weekly" => Rebalance::Weekly { offset },
        "monthly" => Rebalance::Monthly { offset },
        "quarterly" => Rebalance::Quarterly { offset },
        "on change" => Rebalance::OnChange,
        "on drift" => Rebalance::OnDrift,
        _ => return every(text, offset, builder),
    };
    if offset > 0 && matches!(rebalance, Rebalance::EverySession | Rebalance::OnChange | Rebalance::OnDrift) {
        conflict(
            "`offset` has no effect on this schedule",
            "weekly, monthly, quarterly or `20s`",
            &["portfolio", "offset"],
            builder,
        );
    }
    Some(rebalance)
}

fn every(text: &str, offset: u32, builder: &mut Builder) -> Option<Rebalance> {
    let path = ["portfolio", "rebalance"];
    let (expr, problems) = crate::expr::parse(text);
    let is_duration = problems.is_empty()
        && matches!(literal::of(&expr), Some(Literal::Sessions(_) | Literal::Days(_) | Literal::Number(_)));
    if !is_duration {
        let choices = ["every session", "weekly", "monthly", "quarterly", "on change", "on drift", "20s"];
        bad_choice("schedule", text, &path, &choices, builder);
        return None;
    }
    match duration(text, &path, "a number of sessions such as `20s`", builder)? {
        Hold::Sessions(every) => Some(Rebalance::Sessions { every, offset }),
        Hold::CalendarDays(_) => {
            let problem =
                at_key(Code::BadChoice, text, "rebalancing counts sessions").expected("sessions, such as `20s`");
            report(problem, &path, builder);
            None
        }
    }
}

fn offset(offset: Option<i64>, builder: &mut Builder) -> Option<u32> {
    let Some(offset) = offset else { return Some(0) };
    if let Ok(offset) = u32::try_from(offset)
        && offset <= 250
    {
        return Some(offset);
    }
    let problem = Problem::new(Code::OutOfRange, Span::default(), "`offset` is out of range")
        .found(offset.to_string())
        .expected("0 to 250 sessions");
    report(problem, &["portfolio", "offset"], builder);
    None
}
