//! A plan's conditions on computed columns: who is a member, who may enter, who must leave.

use crate::kernel::Ratio;
use crate::plan::{Hold, NodeId, Plan, SizingMethod};
use crate::simulate::cues::{Cue, Cues};
use crate::simulate::lone::Words;
use crate::simulate::market::Market;
use crate::simulate::signals::{Root, Signals, WORD};

/// The roots of a plan's conditions.
#[derive(Default)]
pub(super) struct RuleRoots<'a> {
    pub member: Option<Root<'a>>,
    pub long: Option<Root<'a>>,
    pub short: Option<Root<'a>>,
    priority: Option<Root<'a>>,
    pub exit_long: Option<Root<'a>>,
    pub exit_short: Option<Root<'a>>,
    pub volatility: Option<Root<'a>>,
    /// One bar's change, and over how many of them risk is measured.
    pub changes: Option<(Root<'a>, u32)>,
    pub max_hold: Option<Hold>,
    pub scale_in: Option<ScaleInRoot<'a>>,
    /// By place.
    pub partials: Vec<(Root<'a>, Ratio)>,
    pub cooldown: Option<Hold>,
}

/// When an open position is added to, and by how much.
pub(super) struct ScaleInRoot<'a> {
    pub when: Root<'a>,
    pub times: u32,
    /// Of the first entry's shares.
    pub size: Ratio,
}

impl<'a> RuleRoots<'a> {
    pub fn new<S: Signals + ?Sized>(plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        let root = |node: NodeId| Root::new(node, plan, market, signals);
        let rules = plan.rules.clone().unwrap_or_default();
        let volatility = match plan.sizing.method {
            SizingMethod::VolatilityTarget { volatility, .. } | SizingMethod::InverseVolatility { volatility, .. } => {
                Some(root(volatility))
            }
            _ => None,
        };
        let changes = match plan.sizing.method {
            SizingMethod::RiskParity { lookback, changes } => Some((root(changes), lookback)),
            _ => None,
        };
        let ratio = |frac: f64| Ratio::from_f64(frac).unwrap_or_default();
        Self {
            member: plan.member.map(root),
            long: rules.long.map(root),
            short: rules.short.map(root),
            priority: rules.priority.map(root),
            exit_long: rules.exit_long.map(root),
            exit_short: rules.exit_short.map(root),
            volatility,
            changes,
            max_hold: rules.max_hold,
            scale_in: rules.scale_in.map(|rule| ScaleInRoot {
                when: root(rule.when),
                times: rule.times,
                size: ratio(rule.size_frac),
            }),
            partials: rules.partials.iter().map(|rule| (root(rule.when), ratio(rule.close_frac))).collect(),
            cooldown: rules.cooldown,
        }
    }

    pub fn is_member(&self, symbol: usize, bar: usize, step: usize) -> bool {
        self.member.as_ref().is_none_or(|member| member.is_true(symbol, bar, step))
    }

    /// The priority of an entry, NaN where none is declared.
    pub fn strength(&self, symbol: usize, bar: usize, step: usize) -> f64 {
        self.priority.as_ref().map_or(f64::NAN, |root| root.value(symbol, bar, step))
    }

    /// Lists entry cues around a step: long or short, a member, and no exit at the same close. Both sides at once is
    /// neither.
    pub fn list(&self, cues: &mut Cues, market: &Market<'a>, step: usize) {
        let sides = [self.long.is_some(), self.short.is_some()];
        let word = |symbol: usize, index: usize, is_long: bool| self.word(market, symbol, index, is_long);
        cues.list(market, step, sides, word, self.priority.as_ref());
    }

    /// At which of 64 bars a symbol is a member.
    pub fn member_word(&self, market: &Market<'a>, symbol: usize, index: usize) -> u64 {
        self.member.as_ref().map_or(u64::MAX, |member| member.word(market, symbol, index))
    }

    /// At which of 64 bars a side may be entered.
    fn word(&self, market: &Market<'a>, symbol: usize, index: usize, is_long: bool) -> u64 {
        let word = |root: &Option<Root<'a>>| root.as_ref().map_or(0, |root| root.word(market, symbol, index));
        let (own, other, exit) = if is_long {
            (&self.long, &self.short, &self.exit_long)
        } else {
            (&self.short, &self.long, &self.exit_short)
        };
        word(own) & !word(other) & !word(exit) & self.member_word(market, symbol, index)
    }

    /// The side that may be entered at a bar: 1, -1, or 0 for none.
    fn side(&self, symbol: usize, bar: usize, step: usize) -> i64 {
        let holds = |root: &Option<Root<'a>>| root.as_ref().is_some_and(|root| root.is_true(symbol, bar, step));
        let (long, short) = (holds(&self.long), holds(&self.short));
        if long == short || !self.is_member(symbol, bar, step) {
            return 0;
        }
        match (long, holds(if long { &self.exit_long } else { &self.exit_short })) {
            (_, true) => 0,
            (true, false) => 1,
            (false, false) => -1,
        }
    }

    /// The same for one member at one step, without the list.
    pub fn cue(&self, market: &Market<'a>, symbol: usize, step: usize) -> Option<Cue> {
        let bar = market.bar_at(symbol, step)?;
        let side = self.side(symbol, bar, step);
        let before = if bar == 0 { 0 } else { self.side(symbol, bar - 1, market.step_of(symbol, bar - 1)) };
        (side != 0).then(|| Cue::new(symbol, side > 0, side != before, self.strength(symbol, bar, step)))
    }

    /// Whether all that decides is conditions of the market.
    pub fn are_plain(&self) -> bool {
        let holds = self.max_hold.is_none() && self.cooldown.is_none();
        let has_parts = self.scale_in.is_some() || !self.partials.is_empty();
        let exits = [&self.exit_long, &self.exit_short];
        holds && !has_parts && !exits.into_iter().flatten().any(Root::is_of_position)
    }

    /// For each side: at which of a symbol's first bars it may be entered, as in `word`, and at which it is to be left.
    pub fn write_words(
        &self,
        market: &Market<'a>,
        (symbol, bars): (usize, usize),
        close_on_leave: bool,
        into: &mut Words,
    ) {
        let count = bars.div_ceil(WORD);
        let (long, short) = ((&self.long, &self.exit_long), (&self.short, &self.exit_short));
        for (side, ((own, exit), (other, _))) in [(long, short), (short, long)].into_iter().enumerate() {
            let Words { enters, leaves } = &mut *into;
            let (enters, leaves) = (&mut enters[side], &mut leaves[side]);
            enters.clear();
            leaves.clear();
            if own.is_none() {
                continue;
            }
            let on = (market, symbol);
            enters.resize(count, 0);
            combine(enters, own, on, |_, own| own);
            combine(enters, other, on, |word, other| word & !other);
            combine(enters, exit, on, |word, exit| word & !exit);
            combine(enters, &self.member, on, |word, member| word & member);
            leaves.resize(count, 0);
            combine(leaves, exit, on, |_, exit| exit);
            if close_on_leave {
                combine(leaves, &self.member, on, |word, member| word | !member);
            }
        }
    }
}

/// Combines words with those of a condition, where there is one.
fn combine<'a>(
    words: &mut [u64],
    root: &Option<Root<'a>>,
    (market, symbol): (&Market<'a>, usize),
    with: impl Fn(u64, u64) -> u64,
) {
    if let Some(root) = root {
        root.combine(market, symbol, words, with);
    }
}
