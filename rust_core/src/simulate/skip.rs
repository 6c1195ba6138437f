//! Passing over steps at which nothing can happen: a lone symbol under plain rules, without limits.
//!
//! Between a rise of its entry condition and a truth of its exit condition such a run only marks to market and notes
//! where the entry condition rises again. What is passed over is exactly what `step` would have left alone; a property
//! test holds the two outputs equal.

use crate::bars::Placement;
use crate::plan::{EntryOrder, Plan};
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::Setup;
use crate::simulate::market::Market;
use crate::simulate::output::{Direction, SignalRow};
use crate::simulate::run::Run;
use crate::simulate::signals::{Column, WORD, bits_from};
use std::ops::Range;

/// What decides for a lone member: its own columns, by side long and short.
pub(super) struct LoneColumns<'a> {
    pub entries: [Option<Column<'a>>; 2],
    pub exits: [Option<Column<'a>>; 2],
    pub member: Option<Column<'a>>,
}

pub(super) struct Lone<'a> {
    symbol: usize,
    /// Step of its first bar; a bar follows at every step.
    first_step: usize,
    columns: LoneColumns<'a>,
    close_on_leave: bool,
}

impl<'a> Lone<'a> {
    /// `None` where a step may do something that the columns do not show: limits, protective orders (which the caller
    /// knows), position-stage rules, orders that wait, partial fills, missing bars, nights that cost something.
    pub fn new(plan: &Plan, market: &Market<'a>, rules: &RuleRoots<'a>, setup: &Setup) -> Option<Self> {
        let &[symbol] = market.members.as_slice() else { return None };
        let Placement::Dense { first: first_step } = market.bars(symbol).placement else { return None };
        let fills_at_once = plan.execution.entry == EntryOrder::Market
            && plan.execution.exit == EntryOrder::Market
            && setup.max_participation_frac.is_none();
        let is_plain = setup.policy.is_none() && setup.carry.is_none() && setup.conventions.fills_as_native();
        if !is_plain || !fills_at_once {
            return None;
        }
        let columns = rules.lone_columns(symbol)?;
        Some(Self { symbol, first_step, columns, close_on_leave: plan.close_on_leave })
    }

    /// The first bar in `bars` at which a close may decide something, the end where none does; and before it the bars at
    /// which an entry on the held side begins, which is a signal that leads to nothing. No exit is decided before bar
    /// `ripe`. Conditions are read by words of 64 bars.
    fn first_decision(&self, bars: Range<usize>, held: i64, ripe: usize, begins: &mut Vec<usize>) -> usize {
        let words = bars.start / WORD..bars.end.div_ceil(WORD);
        let before = words.start.checked_sub(1).map(|index| self.decisions(index, held, 0));
        let mut entered_before = before.map_or(0, |(_, enters)| enters >> (WORD - 1));
        for index in words {
            let from = index * WORD;
            let (decides, enters) = self.decisions(index, held, bits_from(ripe, from));
            let decides = (decides & bits_from(bars.start, from)) | bits_from(bars.end, from);
            let mut begun =
                enters & !(enters << 1 | entered_before) & bits_from(bars.start, from) & before_first(decides);
            while begun != 0 {
                begins.push(from + begun.trailing_zeros() as usize);
                begun &= begun - 1;
            }
            if decides != 0 {
                return from + decides.trailing_zeros() as usize;
            }
            entered_before = enters >> (WORD - 1);
        }
        bars.end
    }

    /// Of the bars of a word: at which closes something may be decided, and which have an entry on the held side.
    fn decisions(&self, index: usize, held: i64, ripe: u64) -> (u64, u64) {
        let LoneColumns { entries: [long, short], exits, member } = &self.columns;
        let word = |column: &Option<Column<'a>>| column.map_or(0, |column| column.word(index));
        let (long, short) = (word(long), word(short));
        if held == 0 {
            // An entry condition alone decides; whether it is admitted is for the step to say.
            return (long | short, 0);
        }
        let (own, other, exit) = if held > 0 { (long, short, &exits[0]) } else { (short, long, &exits[1]) };
        let (exit, member) = (word(exit), member.map_or(u64::MAX, |column| column.word(index)));
        let leaves = if self.close_on_leave { !member } else { 0 };
        (other | (exit | leaves) & ripe, own & !other & !exit & member)
    }
}

/// The bits below the lowest of a word; all for none.
const fn before_first(word: u64) -> u64 {
    !word & word.wrapping_sub(1)
}

impl Run<'_> {
    /// Marks through the steps from `now` on whose closes decide nothing; answers the first that may.
    pub(super) fn skip(&mut self, now: usize, last: usize) -> usize {
        let Some(lone) = &self.lone else { return now };
        let symbol = lone.symbol;
        let position = &mut self.state.account.positions[symbol];
        let bars = self.market.panel.symbols[symbol].close.as_ref();
        // The step before a corporate action is taken in full; so is everything past the symbol's last bar.
        let end = last.min(self.market.next_overnight().saturating_sub(1)).min(lone.first_step + bars.len() - 1);
        let Some(from) = now.checked_sub(lone.first_step) else { return now };
        if !position.working.is_empty() || now >= end {
            return now;
        }
        let held = position.quantity;
        // The first close whose next session the minimum hold lets the oldest lot out in.
        let entered = position.lots.iter().map(|lot| lot.entered.session).min().unwrap_or(0);
        let ripe = self.market.first_before_session(now, entered + self.plan.min_hold_days);
        let mut begins = std::mem::take(&mut self.scratch.bars);
        let range = from..end - lone.first_step;
        let until = lone.first_decision(range, held.0.signum(), ripe - lone.first_step, &mut begins) + lone.first_step;
        for bar in begins.drain(..) {
            let step = bar + lone.first_step;
            let ns = self.market.panel.timeline.ts_ns[step];
            let direction = if held.0 > 0 { Direction::Long } else { Direction::Short };
            let strength = self.rules.strength(symbol, bar, step);
            self.output.signals.push(SignalRow::new(ns, symbol, direction, strength));
        }
        self.scratch.bars = begins;
        let (cash, count) = (self.state.account.cash, until - now);
        let closes = &bars[from + 1..from + 1 + count];
        position.mark = self.output.equity.hold(cash, held, closes, position.mark);
        self.output.counters.steps_skipped += count as u64;
        until
    }
}
