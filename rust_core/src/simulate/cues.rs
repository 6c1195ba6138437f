//! Who has a signal at which step: listed symbol by symbol, read step by step.
//!
//! Most symbols do nothing at most steps, and a step visits only those with a cue. Conditions lie by symbol, so they are
//! read a window of steps at a time, in words of 64 bars, into one row per step; a window is small enough to stay in the
//! second cache, and long enough that its rows are written in few passes over the symbols.

use crate::simulate::conditions::RuleRoots;
use crate::simulate::lone::Lone;
use crate::simulate::market::Market;
use crate::simulate::signals::{Root, WORD, bits_from};
use std::ops::Range;

const LONG: u32 = 1 << 29;
const SHORT: u32 = 1 << 30;
const RISES: u32 = 1 << 31;

/// Steps of a window: one word of bars, for symbols that trade from the first step on.
const WINDOW: usize = 8 * WORD;

/// One symbol's signal at one step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cue {
    /// The symbol in 29 bits, which side, and whether the bar before had none.
    code: u32,
    /// The priority; NaN where none is declared.
    pub strength: f64,
}

impl Cue {
    pub const fn new(symbol: usize, is_long: bool, rises: bool, strength: f64) -> Self {
        let code = symbol as u32 | if is_long { LONG } else { SHORT } | if rises { RISES } else { 0 };
        Self { code, strength }
    }

    pub const fn symbol(self) -> usize {
        (self.code & (LONG - 1)) as usize
    }

    pub const fn is_long(self) -> bool {
        self.code & LONG != 0
    }

    pub const fn rises(self) -> bool {
        self.code & RISES != 0
    }
}

/// For each step of a window, the symbols with a signal, ascending.
#[derive(Debug, Default)]
pub(super) struct Cues {
    window: Range<usize>,
    /// Room for one step's cues in `rows`.
    width: usize,
    /// Cues of each step.
    filled: Vec<usize>,
    rows: Vec<Cue>,
}

impl Cues {
    pub fn covers(&self, step: usize) -> bool {
        self.window.contains(&step)
    }

    pub fn at(&self, step: usize) -> &[Cue] {
        let row = step.wrapping_sub(self.window.start);
        let filled = self.filled.get(row).copied().unwrap_or(0);
        self.rows.get(row.wrapping_mul(self.width)..).map_or(&[], |rows| &rows[..filled])
    }

    /// Lists the window that a step lies in. `word` (symbol, index, is long) tells at which of the symbol's bars from
    /// `64 * index` on there is a cue, `strength` how strong it is; `sides` are those that are asked for.
    pub fn list(
        &mut self,
        market: &Market<'_>,
        step: usize,
        sides: [bool; 2],
        word: impl Fn(usize, usize, bool) -> u64,
        strength: Option<&Root<'_>>,
    ) {
        let start = step - step % WINDOW;
        self.window = start..market.steps().min(start + WINDOW);
        self.width = market.members.len() * sides.into_iter().filter(|is_asked| *is_asked).count();
        self.filled.clear();
        self.filled.resize(WINDOW, 0);
        self.rows.resize(self.width * WINDOW, Cue::default());
        let (mut room, unknown) = ([f64::NAN; WINDOW], [f64::NAN; WINDOW]);
        for &symbol in &market.members {
            let bars = market.bars_within(symbol, &self.window);
            let strengths =
                strength.map_or(unknown.as_slice(), |root| root.read(market, symbol, bars.clone(), &mut room));
            let step_of = |bar: usize| market.step_of(symbol, bar);
            for (_, is_long) in sides.into_iter().zip([true, false]).filter(|(is_asked, _)| *is_asked) {
                for_each_truth(
                    bars.clone(),
                    |index| word(symbol, index, is_long),
                    |bar, rises| {
                        let row = step_of(bar) - self.window.start;
                        let filled = &mut self.filled[row];
                        let cue = Cue::new(symbol, is_long, rises, strengths[bar - bars.start]);
                        self.rows[row * self.width + *filled] = cue;
                        *filled += 1;
                    },
                );
            }
        }
    }
}

/// Visits those of a symbol's bars at which a condition holds, given in words of 64 bars, and whether it did not hold at
/// the bar before.
fn for_each_truth(bars: Range<usize>, word: impl Fn(usize) -> u64, mut visit: impl FnMut(usize, bool)) {
    let words = bars.start / WORD..bars.end.div_ceil(WORD);
    // Within a word the bar before is a bit of the word itself.
    let mut before = if bars.start.is_multiple_of(WORD) && !words.is_empty() {
        words.start.checked_sub(1).map_or(0, |index| word(index) >> (WORD - 1))
    } else {
        0
    };
    for index in words {
        let (from, holding) = (index * WORD, word(index));
        let rises = holding & !(holding << 1 | before);
        before = holding >> (WORD - 1);
        let mut rest = holding & bits_from(bars.start, from) & !bits_from(bars.end, from);
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            visit(from + bit, rises >> bit & 1 == 1);
        }
    }
}

/// The cues of one step: a part of the list, or the only member's own.
pub(super) enum CuesAt<'c> {
    Listed(&'c [Cue]),
    Lone(Option<Cue>),
}

impl<'c> CuesAt<'c> {
    /// Those of the list, where one is kept; else of the first member alone.
    #[inline]
    pub fn of(
        listed: Option<&'c Cues>,
        lone: Option<&Lone>,
        rules: &RuleRoots<'_>,
        market: &Market<'_>,
        step: usize,
    ) -> Self {
        match (lone, listed, market.members.first()) {
            (Some(lone), ..) => Self::Lone(lone.cue(rules, step)),
            (_, Some(cues), _) => Self::Listed(cues.at(step)),
            (_, None, Some(&symbol)) => Self::Lone(rules.cue(market, symbol, step)),
            (_, None, None) => Self::Lone(None),
        }
    }
}

impl std::ops::Deref for CuesAt<'_> {
    type Target = [Cue];

    fn deref(&self) -> &[Cue] {
        match self {
            Self::Listed(cues) => cues,
            Self::Lone(cue) => cue.as_slice(),
        }
    }
}
