//! A target portfolio: who is chosen, with which weight, in which groups, and when it is brought back to target.

use super::groups::{self, Around};
use super::schedule::rebalance;
use super::selection::select;
use super::weight::weight;
use super::{Wanted, bad_choice, conflict, missing, number};
use crate::plan::build::Builder;
use crate::plan::node::{Corridor, Destination, NodeId, Portfolio, Rebalance, Weight};
use crate::plan::roots::Roots;
use crate::plan::spec::{CorridorSpec, PortfolioSpec};

/// The target portfolio of a strategy over these symbols.
pub(in crate::plan) fn portfolio(spec: &PortfolioSpec, symbols: &[String], roots: &mut Roots<'_>) -> Option<Portfolio> {
    let held = holdings(spec, symbols, roots);
    let rebalance = rebalance(spec, roots.builder);
    let corridor = corridor(spec.corridor.as_ref(), &["portfolio"], roots.builder);
    let to = destination(spec, roots.builder);
    let gross = match spec.gross.as_deref() {
        None => Some(1.0),
        Some(text) => number(text, Wanted::Fraction(0.01, 1.0), &["portfolio", "gross"], roots.builder),
    };
    if rebalance == Some(Rebalance::OnDrift) && !groups::have_corridors(spec.corridor.as_ref(), &spec.groups) {
        let path = ["portfolio", "rebalance"];
        missing("`corridor`", "`on drift`", "corridor: {absolute: 5%, relative: 25%}", &path, roots.builder);
    }
    let (select, weight) = held?;
    Some(Portfolio {
        select,
        weight,
        rebalance: rebalance?,
        corridor: corridor?.unwrap_or(Corridor::NONE),
        to: to?,
        gross_frac: gross?,
    })
}

/// Who is chosen, and with which weight: by the portfolio itself or by its groups.
fn holdings(spec: &PortfolioSpec, symbols: &[String], roots: &mut Roots<'_>) -> Option<(NodeId, Weight)> {
    if !spec.groups.is_empty() {
        groups::exclude(spec.select.as_deref(), spec.weight.as_deref(), &["portfolio"], roots.builder);
        let around = Around { path: &["portfolio"], members: symbols, among: None, depth: 1 };
        return groups::groups(&spec.groups, around, roots);
    }
    let Some(text) = spec.select.as_deref() else {
        missing("`select` or `groups`", "a portfolio", "select: top 5 by momentum", &["portfolio"], roots.builder);
        return None;
    };
    let selected = select(text, &["portfolio", "select"], None, roots);
    let score = selected.and_then(|(_, by)| by);
    let text = spec.weight.as_deref().unwrap_or("equal");
    let weight = weight(text, &["portfolio", "weight"], selected.is_some(), score, roots);
    Some((selected?.0, weight?))
}

/// `Some(None)` when left out, `None` when wrong.
pub(super) fn corridor(spec: Option<&CorridorSpec>, at: &[&str], builder: &mut Builder) -> Option<Option<Corridor>> {
    let Some(spec) = spec else { return Some(None) };
    let path = |key| [at, &["corridor", key]].concat();
    if spec.absolute.is_none() && spec.relative.is_none() {
        let example = "corridor: {absolute: 5%, relative: 25%}";
        missing("`absolute` or `relative`", "a corridor", example, &[at, &["corridor"]].concat(), builder);
        return None;
    }
    let mut bound = |text: Option<&str>, key| match text {
        None => Some(None),
        Some(text) => number(text, Wanted::Fraction(0.0, 1.0), &path(key), builder).map(Some),
    };
    let (absolute_frac, relative_frac) =
        (bound(spec.absolute.as_deref(), "absolute"), bound(spec.relative.as_deref(), "relative"));
    Some(Some(Corridor { absolute_frac: absolute_frac?, relative_frac: relative_frac? }))
}

fn destination(spec: &PortfolioSpec, builder: &mut Builder) -> Option<Destination> {
    let path = ["portfolio", "to"];
    match spec.to.as_deref() {
        None | Some("target") => Some(Destination::Target),
        Some("edge") => {
            if spec.corridor.is_none() && !groups::any_corridor(&spec.groups) {
                conflict("`to: edge` has no effect without a corridor", "corridor: 5%", &path, builder);
            }
            Some(Destination::Edge)
        }
        Some(text) => {
            bad_choice("destination", text, &path, &["target", "edge"], builder);
            None
        }
    }
}
