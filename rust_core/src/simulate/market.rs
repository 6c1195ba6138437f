//! The panel as the simulation walks it: which bar a symbol has at a step, and what happens to it overnight.

use crate::bars::{Panel, Placement, SymbolBars, leading};
use crate::error::{EngineError, Result};
use crate::fill::BarPrices;
use crate::kernel::Moment;
use crate::plan::Plan;
use crate::units::{Price, Shares, Side};
use std::ops::Range;

/// Something that happens to a symbol before the open of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Overnight {
    Split(f64),
    Dividend(Price),
    Delisted,
}

/// Sessions without a bar after which a symbol counts as delisted: what is not known earlier is not used earlier, and
/// the SEC suspends trading for ten business days at most (Securities Exchange Act, section 12(k)(1)(A)).
const SILENT_SESSIONS: u32 = 10;

/// The steps before which a symbol has been silent for that long, whether or not it trades again later.
fn silences<'p>(panel: &'p Panel<'_>, bars: &'p SymbolBars<'_>) -> impl Iterator<Item = usize> + 'p {
    let (first, last) = (bars.step_of(0), bars.step_of(bars.len() - 1));
    // Bars without a gap are not walked.
    let from = if last - first + 1 == bars.len() { bars.len() - 1 } else { 0 };
    let timeline = &panel.timeline;
    (from..bars.len()).filter_map(move |bar| {
        let step = bars.step_of(bar);
        let next = if bar + 1 < bars.len() { bars.step_of(bar + 1) } else { timeline.len() };
        let known = timeline.session[step].saturating_add(SILENT_SESSIONS);
        let silent = step + timeline.session[step..next].partition_point(|&session| session <= known);
        (silent < next).then_some(silent)
    })
}

/// Where a session was found to begin, and the steps of one session up to there, on average.
#[derive(Default)]
struct Begin {
    session: u32,
    step: usize,
    length: usize,
}

pub(super) struct Market<'a> {
    pub panel: &'a Panel<'a>,
    /// Panel indices of the plan's symbols that have bars, ascending.
    pub members: Vec<usize>,
    /// (step, symbol, what), ascending by step, then symbol, then as dated.
    overnight: Vec<(usize, usize, Overnight)>,
    next_overnight: usize,
    /// By panel symbol, of those without gaps: step of the first bar and number of bars; (0, 0) for others. Small, so
    /// that a walk over many symbols finds it in the first cache.
    dense: Vec<(u32, u32)>,
    begin: Begin,
    clock: Clock<'a>,
}

/// The panel's timeline, each column at hand: every step asks for the time.
struct Clock<'a> {
    ts_ns: &'a [i64],
    session: &'a [u32],
    dates: &'a [i32],
}

impl<'a> Clock<'a> {
    fn of(panel: &'a Panel<'a>) -> Self {
        let timeline = &panel.timeline;
        Self { ts_ns: &timeline.ts_ns, session: &timeline.session, dates: &timeline.dates }
    }
}

/// What a market knows beside its panel; the same for every plan on the same symbols.
#[derive(Default)]
pub(super) struct Known {
    members: Vec<usize>,
    overnight: Vec<(usize, usize, Overnight)>,
    dense: Vec<(u32, u32)>,
}

impl<'a> Market<'a> {
    /// The market of a plan; `known` is what one knew of the same panel and symbols.
    ///
    /// # Errors
    /// As `new`.
    pub fn on(plan: &Plan, panel: &'a Panel<'a>, known: Option<Known>) -> Result<Self> {
        known.map_or_else(|| Self::new(plan, panel), |known| Ok(Self::again(panel, known)))
    }

    fn again(panel: &'a Panel<'a>, known: Known) -> Self {
        let Known { members, overnight, dense } = known;
        Self { panel, members, overnight, next_overnight: 0, dense, begin: Begin::default(), clock: Clock::of(panel) }
    }

    pub fn into_known(self) -> Known {
        Known { members: self.members, overnight: self.overnight, dense: self.dense }
    }

    /// # Errors
    /// `Data` for a dividend that is no amount.
    pub fn new(plan: &Plan, panel: &'a Panel<'a>) -> Result<Self> {
        let mut members: Vec<usize> = plan
            .symbols
            .iter()
            .filter_map(|name| panel.position(name))
            .filter(|&s| !panel.symbols[s].is_empty())
            .collect();
        members.sort_unstable();
        members.dedup();
        let mut overnight = Vec::new();
        for &symbol in &members {
            let bars = &panel.symbols[symbol];
            for action in &bars.actions {
                let step = bars.step_of(action.bar);
                if action.split != 1.0 {
                    overnight.push((step, symbol, Overnight::Split(action.split)));
                }
                if action.dividend != 0.0 {
                    let per_share = Price::from_f64(action.dividend).ok_or_else(|| EngineError::Data {
                        what: format!("dividend of {}", bars.symbol),
                        index: action.bar,
                        problem: "is not finite".into(),
                    })?;
                    overnight.push((step, symbol, Overnight::Dividend(per_share)));
                }
            }
            overnight.extend(silences(panel, bars).map(|step| (step, symbol, Overnight::Delisted)));
        }
        // Stable: a split keeps its place before the dividend of the same day.
        overnight.sort_by_key(|&(step, symbol, _)| (step, symbol));
        let dense = panel.symbols.iter().map(|bars| match bars.placement {
            Placement::Dense { first } => (first as u32, bars.len() as u32),
            Placement::Sparse { .. } => (0, 0),
        });
        let known = Known { members, overnight, dense: dense.collect() };
        Ok(Self::again(panel, known))
    }

    pub fn symbols(&self) -> usize {
        self.panel.symbols.len()
    }

    pub fn steps(&self) -> usize {
        self.panel.timeline.len()
    }

    #[inline]
    pub fn bars(&self, symbol: usize) -> &'a SymbolBars<'a> {
        &self.panel.symbols[symbol]
    }

    #[inline]
    pub fn bar_at(&self, symbol: usize, step: usize) -> Option<usize> {
        let (first, bars) = self.dense[symbol];
        let bar = step.wrapping_sub(first as usize);
        if bar < bars as usize { Some(bar) } else { self.panel.symbols[symbol].bar_at(step) }
    }

    pub fn step_of(&self, symbol: usize, bar: usize) -> usize {
        self.panel.symbols[symbol].step_of(bar)
    }

    /// The symbol's bars at those steps.
    pub fn bars_within(&self, symbol: usize, steps: &Range<usize>) -> Range<usize> {
        let bars = &self.panel.symbols[symbol];
        let before = |step: usize| match &bars.placement {
            Placement::Dense { first } => step.saturating_sub(*first).min(bars.len()),
            Placement::Sparse { step_of, .. } => step_of.partition_point(|&at| (at as usize) < step),
        };
        before(steps.start)..before(steps.end)
    }

    /// Raw close; `None` without a bar or without a finite price.
    #[inline]
    pub fn close(&self, symbol: usize, step: usize) -> Option<Price> {
        self.bar_at(symbol, step).and_then(|bar| Price::from_f64(self.panel.symbols[symbol].close[bar]))
    }

    /// Raw open, likewise.
    #[inline]
    pub fn open(&self, symbol: usize, step: usize) -> Option<Price> {
        self.bar_at(symbol, step).and_then(|bar| Price::from_f64(self.panel.symbols[symbol].open[bar]))
    }

    /// Raw price that a market order takes at the close of a step: the ask or the bid where the bar has one, else the
    /// close; `None` without a bar.
    pub fn quote(&self, symbol: usize, step: usize, side: Side) -> Option<Price> {
        let bar = self.bar_at(symbol, step)?;
        let bars = &self.panel.symbols[symbol];
        let quoted = bars.quotes.as_ref().and_then(|quotes| quotes.taken(side, bar));
        Price::from_f64(quoted.unwrap_or(bars.close[bar]))
    }

    /// Raw close of the last bar at or before a step.
    pub fn last_close(&self, symbol: usize, step: usize) -> Option<Price> {
        let bars = &self.panel.symbols[symbol];
        let bar = match &bars.placement {
            Placement::Dense { first } => step.checked_sub(*first)?.min(bars.len().checked_sub(1)?),
            Placement::Sparse { step_of, .. } => step_of.partition_point(|&at| at as usize <= step).checked_sub(1)?,
        };
        Price::from_f64(bars.close[bar])
    }

    /// Raw prices of the bar at a step.
    #[inline]
    pub fn prices(&self, symbol: usize, step: usize) -> Option<BarPrices> {
        let bar = self.bar_at(symbol, step)?;
        let bars = &self.panel.symbols[symbol];
        BarPrices::from_f64(bars.open[bar], bars.high[bar], bars.low[bar], bars.close[bar])
    }

    /// Shares traded in the bar at a step; 0 without one.
    pub fn volume(&self, symbol: usize, step: usize) -> f64 {
        self.bar_at(symbol, step).map_or(0.0, |bar| self.panel.symbols[symbol].volume[bar])
    }

    /// What may trade of a symbol in a bar: that fraction of its volume, in whole shares unless `fractional`.
    pub fn capacity(&self, symbol: usize, step: usize, participation_frac: f64, fractional: bool) -> Shares {
        let capacity =
            Shares::from_f64((self.volume(symbol, step) * participation_frac).max(0.0)).unwrap_or(Shares::ZERO);
        if fractional { capacity } else { capacity.truncated() }
    }

    #[inline]
    pub fn moment(&self, step: usize) -> Moment {
        let Clock { ts_ns, session, dates } = &self.clock;
        let session = session[step];
        Moment { ns: ts_ns[step], session, date: dates[session as usize] }
    }

    #[inline]
    pub fn ns(&self, step: usize) -> i64 {
        self.clock.ts_ns[step]
    }

    #[inline]
    pub fn session(&self, step: usize) -> u32 {
        self.clock.session[step]
    }

    #[inline]
    pub fn opens_session(&self, step: usize) -> bool {
        step == 0 || self.session(step - 1) != self.session(step)
    }

    #[inline]
    pub fn ends_session(&self, step: usize) -> bool {
        self.clock.session.get(step + 1).is_none_or(|&next| next != self.session(step))
    }

    /// The session that the bar after `step` belongs to; the timeline is the calendar, so its last step ends one.
    #[inline]
    pub fn next_session(&self, step: usize) -> u32 {
        self.clock.session.get(step + 1).copied().unwrap_or_else(|| self.session(step) + 1)
    }

    /// The first step from `now` on whose next session is `session` or later. Each look into a long column waits for
    /// memory, so the first is where the session begins if those since the last question were of one length.
    pub fn first_before_session(&mut self, now: usize, session: u32) -> usize {
        if self.panel.timeline.daily {
            return now.max((session as usize).saturating_sub(1));
        }
        let &Begin { session: asked, step, length } = &self.begin;
        let since = session.saturating_sub(asked) as usize;
        let guess = (step + since * length).saturating_sub(now);
        let begins = now + leading(&self.clock.session[now..], guess, |&at| at < session);
        if let Some(length) = begins.saturating_sub(step).checked_div(since) {
            self.begin = Begin { session, step: begins, length };
        }
        now.max(begins.saturating_sub(1))
    }

    /// Skips what happened before the first step of a run.
    pub fn start_at(&mut self, step: usize) {
        self.next_overnight = self.overnight.partition_point(|&(at, _, _)| at <= step);
    }

    /// The step before whose open something happens next.
    #[inline]
    pub fn next_overnight(&self) -> usize {
        self.overnight.get(self.next_overnight).map_or(usize::MAX, |&(step, _, _)| step)
    }

    /// The next thing that happens before the open of `step`.
    pub fn pop_overnight(&mut self, step: usize) -> Option<(usize, Overnight)> {
        let &(at, symbol, what) = self.overnight.get(self.next_overnight)?;
        if at > step {
            return None;
        }
        self.next_overnight += 1;
        Some((symbol, what))
    }
}
