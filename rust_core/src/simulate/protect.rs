//! Stops and targets that a plan declares, as of the decision.

use crate::kernel::Ratio;
use crate::kernel::protection::{Gap, Protection};
use crate::plan::{NodeId, Plan};
use crate::simulate::market::Market;
use crate::simulate::signals::{Root, Signals};
use crate::units::{Price, Unit};

struct GapRoot<'a> {
    root: Root<'a>,
    /// A distance in dollars per share, else a ratio.
    is_distance: bool,
}

/// The protective roots of a plan.
#[derive(Default)]
pub(super) struct Levels<'a> {
    stop_loss: Option<GapRoot<'a>>,
    trailing: Option<GapRoot<'a>>,
    take_profit: Option<GapRoot<'a>>,
    stop_price: Option<Root<'a>>,
    target_price: Option<Root<'a>>,
    target_after_sessions: u32,
}

impl<'a> Levels<'a> {
    pub fn new<S: Signals + ?Sized>(plan: &Plan, market: &Market<'a>, signals: &'a S) -> Self {
        let root = |node: NodeId| Root::new(node, plan, market, signals);
        let gap = |node: NodeId| GapRoot {
            root: root(node),
            is_distance: matches!(plan.nodes[node].unit, Unit::Scaled { .. }),
        };
        plan.rules.as_ref().map_or_else(Self::default, |rules| Self {
            stop_loss: rules.stop_loss.map(gap),
            trailing: rules.trailing_stop.map(gap),
            take_profit: rules.take_profit.map(gap),
            stop_price: rules.stop_price.map(root),
            target_price: rules.target_price.map(root),
            target_after_sessions: plan.min_hold_days,
        })
    }

    /// Whether entries declare anything.
    pub fn are_declared(&self) -> bool {
        let gaps = [&self.stop_loss, &self.trailing, &self.take_profit];
        let levels = [&self.stop_price, &self.target_price];
        gaps.into_iter().any(Option::is_some) || levels.into_iter().any(Option::is_some)
    }

    /// What an entry decided at this bar declares; `None` where a declared level is missing or not above zero, because
    /// nothing is entered whose stop is unknown.
    #[inline(never)]
    pub fn protection(&self, symbol: usize, bar: usize, step: usize) -> Option<Protection> {
        let gap = |declared: &Option<GapRoot<'a>>| match declared {
            None => Some(None),
            Some(GapRoot { root, is_distance }) => {
                let value = root.value(symbol, bar, step);
                let gap = if *is_distance {
                    Price::from_f64(value).filter(|distance| distance.0 > 0).map(Gap::Distance)
                } else {
                    Ratio::from_f64(value).filter(|ratio| ratio.0 > 0).map(Gap::Ratio)
                };
                gap.map(Some)
            }
        };
        let level = |declared: &Option<Root<'a>>| match declared {
            None => Some(None),
            Some(root) => Price::from_f64(root.value(symbol, bar, step)).filter(|level| level.0 > 0).map(Some),
        };
        Some(Protection {
            stop_loss: gap(&self.stop_loss)?,
            trailing: gap(&self.trailing)?,
            take_profit: gap(&self.take_profit)?,
            stop_price: level(&self.stop_price)?,
            target_price: level(&self.target_price)?,
            by_policy: false,
            target_after_sessions: self.target_after_sessions,
        })
    }
}
