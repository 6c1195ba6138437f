//! The bars of every context: one lane per symbol, and one for the market.

use super::stages::Stages;
use crate::bars::{Panel, Placement, Resampled, resample};
use crate::calendar::{HOUR_NS, MINUTE_NS, Period, sessions_to_month_end, weekday};
use crate::error::{EngineError, Result};
use crate::logic::truth;
use crate::plan::{CalendarFunction, Plan, Timeframe};
use crate::signature::Field;
use rayon::prelude::*;

/// Timeline steps of a lane's bars.
#[derive(Debug, Clone, Copy)]
pub(super) enum Steps<'a> {
    From(usize),
    /// Never decreasing.
    At(&'a [u32]),
}

impl<'a> Steps<'a> {
    pub(super) fn of(placement: &'a Placement) -> Self {
        match placement {
            Placement::Dense { first } => Self::From(*first),
            Placement::Sparse { step_of, .. } => Self::At(step_of),
        }
    }

    pub(super) fn at(self, bar: usize) -> usize {
        match self {
            Self::From(first) => first + bar,
            Self::At(steps) => steps[bar] as usize,
        }
    }
}

/// One symbol's bars in one context, or the market's steps.
#[derive(Debug, Clone)]
pub(super) struct Lane<'a> {
    pub bars: usize,
    /// Forward-adjusted, in the order of `field_index`; empty for the market.
    pub fields: [&'a [f64]; 5],
    /// Price and split factors; `None` without corporate actions.
    pub factors: Option<(&'a [f64], &'a [f64])>,
    pub steps: Steps<'a>,
    /// Label of the member's sector, NaN unknown.
    pub sector: f64,
    /// Empty for the market.
    pub symbol: &'a str,
}

impl Lane<'_> {
    /// Whether the lane's symbol is one of these, which stand in name order.
    pub(super) fn is_among(&self, symbols: &[String]) -> f64 {
        truth(symbols.binary_search_by(|symbol| symbol.as_str().cmp(self.symbol)).is_ok())
    }
}

pub(super) const fn field_index(field: Field) -> usize {
    match field {
        Field::Open => 0,
        Field::High => 1,
        Field::Low => 2,
        Field::Close => 3,
        Field::Volume => 4,
    }
}

/// What the lanes borrow from: who the members are, and the bars of higher timeframes.
pub(super) struct Bars {
    /// Panel index of each member with bars, in name order.
    pub members: Vec<usize>,
    sectors: Vec<f64>,
    contexts: Vec<ContextBars>,
    pub warnings: Vec<String>,
}

struct ContextBars {
    /// Panel indices of the symbols.
    symbols: Vec<usize>,
    named: bool,
    /// By symbol; empty in the base timeframe.
    resampled: Vec<Resampled>,
}

/// All lanes by context.
pub(super) struct Lanes<'a> {
    contexts: Vec<Vec<Lane<'a>>>,
    /// Whether a context is one named symbol.
    pub named: Vec<bool>,
    /// Whether a context's bars are the panel's own, found by step.
    pub base: Vec<bool>,
    pub market: Lane<'a>,
    pub panel: &'a Panel<'a>,
    /// Panel index of each member.
    pub members: &'a [usize],
}

impl Bars {
    pub(super) fn new(plan: &Plan, panel: &Panel, stages: &Stages) -> Result<Self> {
        let mut found = Vec::new();
        let mut warnings = Vec::new();
        for (index, symbol) in plan.symbols.iter().enumerate() {
            match panel.position(symbol) {
                Some(position) if !panel.symbols[position].is_empty() => {
                    let sector = plan.sectors.get(index).copied().flatten();
                    found.push((position, sector.map_or(f64::NAN, |label| label as f64)));
                }
                _ => warnings.push(format!("{symbol} has no bars and takes no part")),
            }
        }
        found.sort_unstable_by_key(|&(position, _)| position);
        found.dedup_by_key(|&mut (position, _)| position);
        if found.is_empty() {
            return Err(EngineError::MissingInput {
                what: "bars of any symbol of the universe".into(),
                needed_by: plan.name.clone(),
                remedy: format!("import bars of {}", plan.symbols.join(", ")),
            });
        }
        let (members, sectors): (Vec<usize>, Vec<f64>) = found.into_iter().unzip();
        let contexts = plan.contexts.iter().enumerate();
        let contexts = contexts
            .map(|(index, _)| match stages.contexts[index] {
                true => ContextBars::new(plan, panel, index, &members),
                false => Ok(ContextBars { symbols: Vec::new(), named: false, resampled: Vec::new() }),
            })
            .collect::<Result<_>>()?;
        Ok(Self { members, sectors, contexts, warnings })
    }

    pub(super) fn lanes<'a>(&'a self, panel: &'a Panel<'a>) -> Result<Lanes<'a>> {
        let contexts = self.contexts.iter().map(|context| {
            let lanes = context.symbols.iter().enumerate().map(|(index, &symbol)| {
                let sector = if context.named { f64::NAN } else { self.sectors[index] };
                let name = panel.symbols[symbol].symbol.as_str();
                let higher = |bars| higher(bars, sector, name);
                context.resampled.get(index).map_or_else(|| own(panel, symbol, sector), higher)
            });
            lanes.collect()
        });
        Ok(Lanes {
            contexts: contexts.collect(),
            named: self.contexts.iter().map(|context| context.named).collect(),
            base: self.contexts.iter().map(|context| context.resampled.is_empty()).collect(),
            market: Lane {
                bars: panel.timeline.len(),
                fields: [&[]; 5],
                factors: None,
                steps: Steps::From(0),
                sector: f64::NAN,
                symbol: "",
            },
            panel,
            members: &self.members,
        })
    }
}

impl ContextBars {
    fn new(plan: &Plan, panel: &Panel, index: usize, members: &[usize]) -> Result<Self> {
        let context = &plan.contexts[index];
        let symbols = match &context.symbol {
            None => members.to_vec(),
            Some(symbol) => vec![panel.position(symbol).ok_or_else(|| EngineError::MissingInput {
                what: format!("bars of {symbol}"),
                needed_by: needed_by(plan, index),
                remedy: format!("import bars of {symbol}"),
            })?],
        };
        let mut resampled = Vec::new();
        if let Some(timeframe) = context.timeframe {
            let period = match timeframe {
                Timeframe::Day => Period::Day,
                Timeframe::Week => Period::Week,
                Timeframe::Month => Period::Month,
                Timeframe::Quarter => Period::Quarter,
            };
            let bar_ns = if panel.timeline.daily { 0 } else { bar_length_ns(&plan.timeframe)? };
            let bars = symbols.par_iter();
            resampled = bars.map(|&s| resample(&panel.symbols[s], &panel.timeline, period, bar_ns)).collect();
        }
        Ok(Self { symbols, named: context.symbol.is_some(), resampled })
    }
}

/// The text of the last expression in a context, for messages.
fn needed_by(plan: &Plan, context: usize) -> String {
    let node = plan.nodes.iter().rfind(|node| node.context == context);
    node.map_or_else(|| plan.name.clone(), |node| node.text.clone())
}

/// The length of an intraday bar from a timeframe such as `5Min` or `1Hour`.
fn bar_length_ns(timeframe: &str) -> Result<i64> {
    let digits = timeframe.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ns = match timeframe[digits.len()..].to_ascii_lowercase().as_str() {
        "min" | "minute" => Some(MINUTE_NS),
        "hour" => Some(HOUR_NS),
        _ => None,
    };
    let count: Option<i64> = digits.trim().parse().ok().filter(|count| (1..=1440).contains(count));
    count.zip(unit_ns).map(|(count, unit_ns)| count * unit_ns).ok_or_else(|| {
        EngineError::Config(format!("timeframe {timeframe:?} does not tell the length of the panel's intraday bars"))
    })
}

fn own<'a>(panel: &'a Panel<'a>, symbol: usize, sector: f64) -> Lane<'a> {
    let bars = &panel.symbols[symbol];
    let fields = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume].map(|field| bars.field(field));
    let factors = bars.forward.as_ref().map(|forward| (forward.price.as_slice(), forward.split.as_slice()));
    Lane { bars: bars.len(), fields, factors, steps: Steps::of(&bars.placement), sector, symbol: &bars.symbol }
}

fn higher<'a>(bars: &'a Resampled, sector: f64, symbol: &'a str) -> Lane<'a> {
    Lane {
        bars: bars.close.len(),
        fields: [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume],
        factors: (!bars.price.is_empty()).then_some((&bars.price, &bars.split)),
        steps: Steps::At(&bars.visible),
        sector,
        symbol,
    }
}

impl<'a> Lanes<'a> {
    pub(super) fn of_context(&self, context: usize) -> &[Lane<'a>] {
        &self.contexts[context]
    }

    /// A calendar function at every step.
    pub(super) fn calendar(&self, function: CalendarFunction) -> Vec<f64> {
        let timeline = &self.panel.timeline;
        let by_session: Vec<f64> = timeline.dates.iter().map(|&date| calendar_value(function, date)).collect();
        timeline.session.iter().map(|&session| by_session[session as usize]).collect()
    }
}

fn calendar_value(function: CalendarFunction, date: i32) -> f64 {
    match function {
        CalendarFunction::DayOfWeek => f64::from(weekday(date)),
        CalendarFunction::Month => f64::from(crate::calendar::civil_from_days(date).month),
        CalendarFunction::IsMonthEnd => crate::logic::truth(sessions_to_month_end(date) == 0),
        CalendarFunction::SessionsToMonthEnd => f64::from(sessions_to_month_end(date)),
    }
}
