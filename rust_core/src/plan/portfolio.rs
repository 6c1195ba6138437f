//! A target portfolio as a plan holds it: who is chosen, with which weight, in which groups, and when it trades.

use super::node::NodeId;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Portfolio {
    /// Boolean per member: chosen. `top 5 by x where y` compiles to a cross-section node. With groups: by any of them.
    pub select: NodeId,
    pub weight: Weight,
    pub rebalance: Rebalance,
    pub corridor: Corridor,
    pub to: Destination,
    /// Sum of targets for the methods that share out (equal, inverse volatility, score, risk parity) and what the
    /// shares of groups are parts of; at most 1.
    pub gross_frac: f64,
}

impl Portfolio {
    /// Every group with its path, such as `defensive.gold`, each before those inside of it.
    pub fn groups(&self) -> Vec<(String, &Group)> {
        let mut found = Vec::new();
        self.weight.collect("", &mut found);
        found
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "method", content = "node", rename_all = "snake_case")]
pub enum Weight {
    Equal,
    /// In proportion to 1 / the node.
    InverseVolatility(NodeId),
    /// In proportion to the node where it is positive.
    Score(NodeId),
    /// The node is the weight.
    Expression(NodeId),
    /// Equal risk contributions over the changes of the last bars.
    RiskParity {
        lookback: u32,
        /// The change from the bar before, as a ratio.
        changes: NodeId,
    },
    /// Each group's share, shared out inside of it; in name order.
    Groups(Vec<Group>),
}

impl Weight {
    fn collect<'w>(&'w self, around: &str, found: &mut Vec<(String, &'w Group)>) {
        let Self::Groups(groups) = self else { return };
        for group in groups {
            let dot = if around.is_empty() { "" } else { "." };
            let path = format!("{around}{dot}{}", group.name);
            found.push((path.clone(), group));
            group.weight.collect(&path, found);
        }
    }
}

/// A part of the portfolio with a selection and weights of its own, or groups inside of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    pub name: String,
    /// Market-wide: the part of the group around it (of `gross` at the top) that this group takes.
    pub share: NodeId,
    /// Boolean per member: chosen by this group.
    pub select: NodeId,
    pub weight: Weight,
    /// `None`: that of the group around it.
    pub corridor: Option<Corridor>,
}

/// How far a holding may be from its target and still be left alone. Both bounds hold; the end counts as inside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Corridor {
    /// Of equity; `None`: any distance.
    pub absolute_frac: Option<f64>,
    /// Of the target; `None`: any distance.
    pub relative_frac: Option<f64>,
}

impl Corridor {
    /// Nothing but the target itself.
    pub const NONE: Self = Self { absolute_frac: Some(0.0), relative_frac: None };

    /// The largest distance from a target weight that is inside.
    pub fn half_width(&self, target: f64) -> f64 {
        let absolute = self.absolute_frac.unwrap_or(f64::INFINITY);
        let relative = self.relative_frac.map_or(f64::INFINITY, |part| part * target.abs());
        absolute.min(relative)
    }

    /// What is inside of both.
    pub fn and(self, other: Self) -> Self {
        let tighter = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self {
            absolute_frac: tighter(self.absolute_frac, other.absolute_frac),
            relative_frac: tighter(self.relative_frac, other.relative_frac),
        }
    }
}

/// How far a holding outside of its corridor is brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    Target,
    /// The near end of its corridor.
    Edge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "schedule", rename_all = "snake_case")]
pub enum Rebalance {
    EverySession,
    /// First scheduled session of the period, plus `offset` sessions.
    Weekly {
        offset: u32,
    },
    Monthly {
        offset: u32,
    },
    Quarterly {
        offset: u32,
    },
    Sessions {
        every: u32,
        offset: u32,
    },
    /// When the chosen set changes.
    OnChange,
    /// When a holding has left its corridor, or the chosen set changes.
    OnDrift,
}
