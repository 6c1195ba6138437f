//! Bars as columns: one timeline for the run, one block of columns per symbol, and dated corporate actions.
//!
//! Prices here are raw, as traded. `forward` holds what expressions read: prices rescaled by the actions *so far*, in
//! the units of the symbol's first bar. It depends on the past alone, so a longer history never changes a shorter
//! one, bit for bit; a value as of a day is the forward value divided by that day's factor (see `units::Unit`).
//!
//! `panel` builds and checks a panel from columns, `resample` makes the bars of a higher timeframe, which have no quotes.

mod panel;
mod quotes;
mod resample;

pub use panel::{DatedAction, LongColumns, SymbolColumns, are_sound};
pub use quotes::Quotes;
pub use resample::{Resampled, resample};

use crate::error::{EngineError, Result};
use crate::signature::Field;
use std::borrow::Cow;

/// No bar of this symbol at this step.
pub const NO_BAR: u32 = u32::MAX;

/// The moments at which some symbol has a bar, and the session each belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline<'a> {
    /// Bar stamps, nanoseconds since 1970 UTC, strictly increasing. A daily bar is stamped midnight UTC of its date.
    pub ts_ns: Cow<'a, [i64]>,
    /// Session index of each step; daily: the step itself.
    pub session: Cow<'a, [u32]>,
    /// Exchange date of each session, days since 1970-01-01 (New York).
    pub dates: Vec<i32>,
    /// Whether each step is a whole session.
    pub daily: bool,
}

impl Timeline<'_> {
    pub fn len(&self) -> usize {
        self.ts_ns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ts_ns.is_empty()
    }

    /// Exchange date of a step.
    pub fn date(&self, step: usize) -> i32 {
        self.dates[self.session[step] as usize]
    }

    /// The last step of the session that `step` belongs to, found fast if it lies `guess` steps later.
    pub fn session_end(&self, step: usize, guess: usize) -> usize {
        let own = self.session[step];
        step + leading(&self.session[step + 1..], guess, |&session| session == own)
    }
}

/// How many leading items the test holds for, which holds for none after the first that it fails. The guess is looked at
/// first, and near ends are found fast: each look into a long column may wait for memory.
pub(crate) fn leading<T>(items: &[T], guess: usize, holds: impl Fn(&T) -> bool) -> usize {
    let reaches = guess.checked_sub(1).is_none_or(|last| items.get(last).is_some_and(&holds));
    if reaches && !items.get(guess).is_some_and(&holds) {
        return guess;
    }
    let mut reach = 1;
    while items.get(reach).is_some_and(&holds) {
        reach *= 2;
    }
    items[..items.len().min(reach)].partition_point(holds)
}

/// A dated corporate action, in force from the open of `bar`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// Index into the symbol's own bars: the first bar that trades on the new basis (ex-date).
    pub bar: usize,
    /// New shares per old share; 1 for a dividend. 1:8 reverse is 0.125.
    pub split: f64,
    /// Cash per share held before the open, dollars on the basis *after* `split`; 0 for a split.
    pub dividend: f64,
}

/// Where a symbol's bars lie on the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// One bar at every step from `first` on, without a gap.
    Dense { first: usize },
    /// Step of each bar, and bar (or `NO_BAR`) of each step.
    Sparse { step_of: Vec<u32>, bar_at: Vec<u32> },
}

/// One symbol's columns, oldest first, all of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolBars<'a> {
    pub symbol: String,
    pub open: Cow<'a, [f64]>,
    pub high: Cow<'a, [f64]>,
    pub low: Cow<'a, [f64]>,
    pub close: Cow<'a, [f64]>,
    pub volume: Cow<'a, [f64]>,
    /// `None` when the data have no quotes. Expressions do not read them.
    pub quotes: Option<Quotes<'a>>,
    pub placement: Placement,
    /// By bar.
    pub actions: Vec<Action>,
    /// True when prices are already adjusted and no raw prices exist.
    pub adjusted_only: bool,
    /// `None` when there are no actions: raw prices serve as they are.
    pub forward: Option<Forward>,
}

/// Forward-adjusted columns and the factors that lead back to a day's own basis.
#[derive(Debug, Clone, PartialEq)]
pub struct Forward {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume: Vec<f64>,
    /// As-of-day price = forward price / `price[bar]`.
    pub price: Vec<f64>,
    /// As-of-day volume = forward volume * `split[bar]`.
    pub split: Vec<f64>,
}

impl SymbolBars<'_> {
    pub fn len(&self) -> usize {
        self.close.len()
    }

    pub fn is_empty(&self) -> bool {
        self.close.is_empty()
    }

    /// The bar at a timeline step, if there is one.
    pub fn bar_at(&self, step: usize) -> Option<usize> {
        match &self.placement {
            Placement::Dense { first } => step.checked_sub(*first).filter(|&bar| bar < self.len()),
            Placement::Sparse { bar_at, .. } => bar_at.get(step).filter(|&&bar| bar != NO_BAR).map(|&bar| bar as usize),
        }
    }

    /// The timeline step of a bar.
    pub fn step_of(&self, bar: usize) -> usize {
        match &self.placement {
            Placement::Dense { first } => first + bar,
            Placement::Sparse { step_of, .. } => step_of[bar] as usize,
        }
    }

    /// The column that expressions read.
    pub fn field(&self, field: Field) -> &[f64] {
        match (&self.forward, field) {
            (Some(f), Field::Open) => &f.open,
            (Some(f), Field::High) => &f.high,
            (Some(f), Field::Low) => &f.low,
            (Some(f), Field::Close) => &f.close,
            (Some(f), Field::Volume) => &f.volume,
            (None, Field::Open) => &self.open,
            (None, Field::High) => &self.high,
            (None, Field::Low) => &self.low,
            (None, Field::Close) => &self.close,
            (None, Field::Volume) => &self.volume,
        }
    }

    /// Computes `forward` from `actions`. A split multiplies the factor by its ratio, a dividend by
    /// `1 / (1 - dividend / previous close)`, both known on the ex-date.
    ///
    /// # Errors
    /// `Data` for a split ratio that is not positive or a dividend that is not below the previous close.
    pub fn adjust(&mut self) -> Result<()> {
        if self.actions.is_empty() {
            self.forward = None;
            return Ok(());
        }
        let bars = self.len();
        let (mut price, mut split) = (vec![1.0; bars], vec![1.0; bars]);
        let (mut price_now, mut split_now, mut restated, mut from) = (1.0, 1.0, 1.0, 0);
        for action in &self.actions {
            if action.bar >= bars || action.bar < from {
                return Err(EngineError::Data {
                    what: format!("corporate actions of {}", self.symbol),
                    index: action.bar,
                    problem: "out of order or past the last bar".into(),
                });
            }
            price[from..action.bar].fill(price_now);
            split[from..action.bar].fill(split_now);
            // A split and a dividend on one date: the close before is restated by all splits of that date so far.
            restated = if action.bar == from { restated * action.split } else { action.split };
            from = action.bar;
            let before = if action.bar == 0 { f64::NAN } else { self.close[action.bar - 1] / restated };
            let dividend = if action.bar == 0 { 0.0 } else { action.dividend };
            let kept = if dividend == 0.0 { 1.0 } else { 1.0 - dividend / before };
            if !(action.split > 0.0 && action.split.is_finite() && kept > 0.0) {
                return Err(EngineError::Data {
                    what: format!("corporate action of {}", self.symbol),
                    index: action.bar,
                    problem: format!(
                        "split {} and dividend {} after a close of {before}",
                        action.split, action.dividend
                    ),
                });
            }
            if action.bar > 0 {
                split_now *= action.split;
                price_now *= action.split / kept;
            }
        }
        price[from..].fill(price_now);
        split[from..].fill(split_now);
        let scaled = |raw: &[f64], factor: &[f64]| raw.iter().zip(factor).map(|(x, f)| x * f).collect::<Vec<_>>();
        self.forward = Some(Forward {
            open: scaled(&self.open, &price),
            high: scaled(&self.high, &price),
            low: scaled(&self.low, &price),
            close: scaled(&self.close, &price),
            volume: self.volume.iter().zip(&split).map(|(x, f)| x / f).collect(),
            price,
            split,
        });
        Ok(())
    }
}

/// All bars of a run: symbols in name order on one timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel<'a> {
    pub timeline: Timeline<'a>,
    pub symbols: Vec<SymbolBars<'a>>,
}

impl Panel<'_> {
    /// Index of a symbol.
    pub fn position(&self, symbol: &str) -> Option<usize> {
        self.symbols.binary_search_by(|s| s.symbol.as_str().cmp(symbol)).ok()
    }
}
