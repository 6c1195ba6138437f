//! The parts of a target portfolio: who is chosen by each, and with which weight.
//!
//! A portfolio without groups is one sleeve. With groups each innermost group is one; its part of equity is the product
//! of the shares on its path. Conventions of this room:
//! - A share that is missing or below zero is none, and stays in cash, as does that of a group that chose nobody.
//! - Shares beside each other that exceed the whole are scaled down to it together.
//! - A symbol that several groups chose gets the sum of their targets, and stays within the tightest of their corridors.

use crate::plan::{Corridor, NodeId, Portfolio, Weight};
use crate::simulate::market::Market;
use crate::simulate::parity::{self, Unweighed};
use crate::simulate::signals::Root;
use crate::units::exceeds;

/// What one member is to weigh.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub symbol: usize,
    /// Of equity; negative for a short.
    pub weight: f64,
    pub corridor: Corridor,
}

/// One selection with its weights.
pub(super) struct Sleeve<'a> {
    /// Its place among the groups; `None` for the portfolio itself.
    pub group: Option<u16>,
    select: Root<'a>,
    weight: Option<Root<'a>>,
    method: Weight,
    corridor: Corridor,
    /// Place among the shares of the group whose part it fills.
    share: Option<usize>,
    /// Those last traded for, ascending.
    pub chosen: Vec<usize>,
}

impl Sleeve<'_> {
    pub fn is_chosen(&self, symbol: usize, bar: usize, step: usize) -> bool {
        self.select.is_true(symbol, bar, step)
    }

    /// What its members are ordered or weighed by; NaN where that is nothing of their own.
    pub fn strength(&self, symbol: usize, bar: usize, step: usize) -> f64 {
        match self.method {
            Weight::RiskParity { .. } => f64::NAN,
            _ => self.weight.as_ref().map_or(f64::NAN, |root| root.value(symbol, bar, step)),
        }
    }
}

/// A group's share of what is around it.
struct Share<'a> {
    root: Root<'a>,
    around: Option<usize>,
}

/// All sleeves, in the order of the plan.
pub(super) struct Sleeves<'a> {
    pub sleeves: Vec<Sleeve<'a>>,
    /// Each before those inside of it.
    shares: Vec<Share<'a>>,
    /// Of each share, at the close last weighed: the part of equity.
    parts: Vec<f64>,
    gross_frac: f64,
}

impl<'a> Sleeves<'a> {
    pub fn new(portfolio: &Portfolio, root: &impl Fn(NodeId) -> Root<'a>) -> Self {
        let mut sleeves =
            Self { sleeves: Vec::new(), shares: Vec::new(), parts: Vec::new(), gross_frac: portfolio.gross_frac };
        sleeves.add(portfolio.select, &portfolio.weight, portfolio.corridor, None, root);
        sleeves
    }

    fn add(
        &mut self,
        select: NodeId,
        weight: &Weight,
        corridor: Corridor,
        share: Option<usize>,
        root: &impl Fn(NodeId) -> Root<'a>,
    ) {
        if let Weight::Groups(groups) = weight {
            for group in groups {
                self.shares.push(Share { root: root(group.share), around: share });
                let own = self.shares.len() - 1;
                self.add(group.select, &group.weight, group.corridor.unwrap_or(corridor), Some(own), root);
            }
            return;
        }
        self.sleeves.push(Sleeve {
            group: share.and_then(|place| u16::try_from(place).ok()),
            select: root(select),
            weight: match *weight {
                Weight::InverseVolatility(node) | Weight::Score(node) | Weight::Expression(node) => Some(root(node)),
                Weight::RiskParity { changes, .. } => Some(root(changes)),
                Weight::Equal | Weight::Groups(_) => None,
            },
            method: weight.clone(),
            corridor,
            share,
            chosen: Vec::new(),
        });
    }

    /// Whether the sets at a step, one per sleeve, differ from those last traded for; a symbol without a bar keeps its
    /// place.
    pub fn have_changed(&self, sets: &[Vec<usize>], has_bar: impl Fn(usize) -> bool) -> bool {
        self.sleeves.iter().zip(sets).any(|(sleeve, now)| differ(&sleeve.chosen, now, &has_bar))
    }

    /// Targets of the sets at a step, by symbol, ascending; members without a usable value get none.
    pub fn weigh(
        &mut self,
        sets: &[Vec<usize>],
        market: &Market<'_>,
        now: usize,
        cap: Option<f64>,
        unweighed: &mut Unweighed,
    ) -> Vec<Target> {
        self.share_out(now);
        let mut targets: Vec<Target> = Vec::new();
        for (sleeve, chosen) in self.sleeves.iter().zip(sets) {
            // Without groups an expression states parts of equity; within one, parts of the group.
            let (part, stated) = match sleeve.share {
                None => (self.gross_frac, 1.0),
                Some(place) => (self.parts[place], self.parts[place]),
            };
            sleeve.targets(chosen, (part, stated), market, now, unweighed, &mut targets);
        }
        if !self.shares.is_empty() {
            targets.sort_by_key(|target| target.symbol);
            targets.dedup_by(|later, kept| {
                let is_same = later.symbol == kept.symbol;
                if is_same {
                    kept.weight += later.weight;
                    kept.corridor = kept.corridor.and(later.corridor);
                }
                is_same
            });
        }
        if let Some(cap) = cap {
            targets.iter_mut().for_each(|target| target.weight = target.weight.clamp(-cap, cap));
        }
        targets
    }

    /// Each group's part of equity at a close.
    fn share_out(&mut self, now: usize) {
        let stated = |share: &Share<'a>| Some(share.root.value(0, 0, now)).filter(|s| *s > 0.0).unwrap_or(0.0);
        self.parts.clear();
        for share in &self.shares {
            let beside = self.shares.iter().filter(|other| other.around == share.around);
            let sum: f64 = beside.map(stated).sum();
            let own = if exceeds(sum, 1.0) { stated(share) / sum } else { stated(share) };
            let around = share.around.map_or(self.gross_frac, |place| self.parts[place]);
            self.parts.push(around * own);
        }
    }
}

impl Sleeve<'_> {
    fn targets(
        &self,
        chosen: &[usize],
        (part, stated): (f64, f64),
        market: &Market<'_>,
        now: usize,
        unweighed: &mut Unweighed,
        targets: &mut Vec<Target>,
    ) {
        let present: Vec<usize> =
            chosen.iter().copied().filter(|&symbol| market.bar_at(symbol, now).is_some()).collect();
        let first = targets.len();
        match (&self.weight, &self.method) {
            (Some(root), Weight::RiskParity { lookback, .. }) => {
                let weights = parity::weights(root, *lookback, market, &present, now);
                unweighed.note(&present, &weights, market.moment(now).date);
                targets.extend(present.iter().zip(weights).map(|(&symbol, weight)| self.target(symbol, weight)));
            }
            _ => targets.extend(present.iter().map(|&symbol| self.target(symbol, self.raw(market, symbol, now)))),
        }
        let own = &mut targets[first..];
        let sum: f64 = own.iter().map(|target| target.weight.abs()).sum();
        let shares_out = !matches!(self.method, Weight::Expression(_));
        // Weights that an expression states stand as they are, unless together they exceed what may be held.
        if sum > 0.0 && (shares_out || exceeds(sum * stated, part)) {
            own.iter_mut().for_each(|target| target.weight *= part / sum);
        } else if stated != 1.0 {
            own.iter_mut().for_each(|target| target.weight *= stated);
        }
    }

    fn target(&self, symbol: usize, weight: f64) -> Target {
        Target { symbol, weight, corridor: self.corridor }
    }

    /// A weight before it is brought to the whole; 0 for a value that cannot be used.
    fn raw(&self, market: &Market<'_>, symbol: usize, now: usize) -> f64 {
        let bar = market.bar_at(symbol, now).unwrap_or_default();
        let value = self.weight.as_ref().map_or(1.0, |root| root.value(symbol, bar, now));
        let raw = match self.method {
            Weight::InverseVolatility(_) => 1.0 / value,
            _ => value,
        };
        let is_usable = raw.is_finite() && (raw > 0.0 || matches!(self.method, Weight::Expression(_)));
        if is_usable { raw } else { 0.0 }
    }
}

/// Whether a set differs from another one by more than symbols without a bar; both ascend.
pub(super) fn differ(before: &[usize], now: &[usize], has_bar: impl Fn(usize) -> bool) -> bool {
    let left = before.iter().any(|symbol| now.binary_search(symbol).is_err() && has_bar(*symbol));
    left || now.iter().any(|symbol| before.binary_search(symbol).is_err())
}
