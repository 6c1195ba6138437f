//! Where a lot's stop and target stand: from what the entry declared, the lot's entry price and its best close.

use crate::kernel::order::Reason;
use crate::kernel::ratio::Ratio;
use crate::units::Price;

/// How far a level lies from its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    Ratio(Ratio),
    Distance(Price),
}

impl Gap {
    /// Dollars per share from `anchor`.
    pub fn from_price(self, anchor: Price) -> Price {
        match self {
            Self::Ratio(ratio) => ratio.of_price(anchor),
            Self::Distance(distance) => distance,
        }
    }
}

/// What an entry declares for the lot it opens, as of the decision. Gaps are anchored at the lot's average entry price,
/// the trailing one at the best close since the fill (the entry price until a close is better).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protection {
    pub stop_loss: Option<Gap>,
    pub trailing: Option<Gap>,
    pub stop_price: Option<Price>,
    pub take_profit: Option<Gap>,
    pub target_price: Option<Price>,
    /// `stop_loss` is the risk policy's own.
    pub by_policy: bool,
    /// Sessions after the fill's session before a target may fill.
    pub target_after_sessions: u32,
}

impl Protection {
    pub fn has_stop(&self) -> bool {
        self.stop_loss.is_some() || self.trailing.is_some() || self.stop_price.is_some()
    }

    pub fn has_target(&self) -> bool {
        self.take_profit.is_some() || self.target_price.is_some()
    }

    /// The tightest stop of a lot (the highest of a long one) and which rule gave it; levels at or below zero are none.
    #[inline]
    pub fn stop_level(&self, is_long: bool, entry: Price, best: Price) -> Option<(Price, Reason)> {
        if self.has_stop() { self.tightest(is_long, entry, best) } else { None }
    }

    #[inline(never)]
    fn tightest(&self, is_long: bool, entry: Price, best: Price) -> Option<(Price, Reason)> {
        let below = |anchor: Price, gap: Gap| {
            let distance = gap.from_price(anchor);
            if is_long { anchor - distance } else { anchor + distance }
        };
        let loss_reason = if self.by_policy { Reason::DefaultStop } else { Reason::StopLoss };
        let levels = [
            self.stop_loss.map(|gap| (below(entry, gap), loss_reason)),
            self.stop_price.map(|level| (level, Reason::StopPrice)),
            self.trailing.map(|gap| (below(best, gap), Reason::TrailingStop)),
        ];
        let tighter = |a: Price, b: Price| if is_long { a > b } else { a < b };
        levels.into_iter().flatten().filter(|(level, _)| level.0 > 0).fold(None, |kept, next| match kept {
            Some((level, _)) if !tighter(next.0, level) => kept,
            _ => Some(next),
        })
    }

    /// The nearest target of a lot (the lowest of a long one).
    pub fn target_level(&self, is_long: bool, entry: Price) -> Option<(Price, Reason)> {
        let beyond = |gap: Gap| {
            let distance = gap.from_price(entry);
            if is_long { entry + distance } else { entry - distance }
        };
        let levels = [
            self.take_profit.map(|gap| (beyond(gap), Reason::TakeProfit)),
            self.target_price.map(|level| (level, Reason::TargetPrice)),
        ];
        let nearer = |a: Price, b: Price| if is_long { a < b } else { a > b };
        levels.into_iter().flatten().filter(|(level, _)| level.0 > 0).fold(None, |kept, next| match kept {
            Some((level, _)) if !nearer(next.0, level) => kept,
            _ => Some(next),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_stop_and_the_nearest_target_count() {
        let protection = Protection {
            stop_loss: Some(Gap::Ratio(Ratio(80_000_000))),
            trailing: Some(Gap::Distance(Price(3_000_000))),
            take_profit: Some(Gap::Ratio(Ratio(250_000_000))),
            target_price: Some(Price(120_000_000)),
            ..Protection::default()
        };
        // Long at 100, best close 98: 8% below is 92, 3.00 under the best is 95, so the trailing stop is tighter.
        let (entry, best) = (Price(100_000_000), Price(98_000_000));
        assert_eq!(protection.stop_level(true, entry, best), Some((Price(95_000_000), Reason::TrailingStop)));
        // 25% above is 125; the level at 120 is nearer.
        assert_eq!(protection.target_level(true, entry), Some((Price(120_000_000), Reason::TargetPrice)));
        // Short at 100, best (lowest) close 98: 108 and 101; targets 75 and 120: for a short 120 is the nearer one.
        assert_eq!(protection.stop_level(false, entry, best), Some((Price(101_000_000), Reason::TrailingStop)));
        assert_eq!(protection.target_level(false, entry), Some((Price(120_000_000), Reason::TargetPrice)));
    }
}
