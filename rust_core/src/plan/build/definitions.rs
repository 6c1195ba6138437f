//! Features and regimes: parsed once, ordered so that each comes after what it uses, cycles named.

use crate::expr::code::Code;
use crate::expr::syntax::{Expr, Node, Span};
use crate::expr::{Diagnostic, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// A named part of the strategy.
#[derive(Debug)]
pub enum Definition {
    Feature(Expr),
    Regime { enter: Expr, exit: Expr },
}

impl Definition {
    /// Its expressions, each with the key it stands under.
    pub fn expressions<'d>(&'d self, name: &'d str) -> Vec<(Vec<&'d str>, &'d Expr)> {
        match self {
            Self::Feature(expr) => vec![(vec!["features", name], expr)],
            Self::Regime { enter, exit } => {
                vec![(vec!["regimes", name, "enter"], enter), (vec!["regimes", name, "exit"], exit)]
            }
        }
    }
}

/// All of them, and an order in which each comes after what it uses. Members of a cycle are not in the order.
#[derive(Debug, Default)]
pub struct Definitions {
    pub all: BTreeMap<String, Definition>,
    pub order: Vec<String>,
}

/// Names that an expression mentions outside call position, with their places.
pub fn names(expr: &Expr) -> Vec<(&str, Span)> {
    let (mut found, mut open) = (Vec::new(), vec![expr]);
    while let Some(expr) = open.pop() {
        if let Node::Name(name) = &expr.node {
            found.push((name.as_str(), expr.span));
        }
        open.extend(expr.children());
    }
    found
}

/// A use of one definition by another: the key, the place and the name.
type Use<'d> = (Vec<&'d str>, Span, &'d str);

impl Definitions {
    /// Orders the definitions and reports each cycle once.
    pub fn new(all: BTreeMap<String, Definition>) -> (Self, Vec<Diagnostic>) {
        let uses: BTreeMap<&str, Vec<Use<'_>>> =
            all.iter().map(|(name, d)| (name.as_str(), uses_of(name, d, &all))).collect();
        let mut diagnostics = Vec::new();
        let mut order = Vec::new();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let mut cyclic: BTreeSet<&str> = BTreeSet::new();
        for start in all.keys() {
            // The path from `start`, each with the number of its uses already walked.
            let mut path: Vec<(&str, usize)> = vec![(start, 0)];
            if done.contains(start.as_str()) {
                continue;
            }
            while let Some((name, next)) = path.last_mut() {
                let name = *name;
                let Some(used) = uses.get(name).and_then(|uses| uses.get(*next)) else {
                    path.pop();
                    if done.insert(name) && !cyclic.contains(name) {
                        order.push(name.to_string());
                    }
                    continue;
                };
                *next += 1;
                if let Some(from) = path.iter().position(|(n, _)| *n == used.2) {
                    let members: Vec<&str> = path.iter().skip(from).map(|(n, _)| *n).collect();
                    if !members.iter().all(|m| cyclic.contains(m)) {
                        diagnostics.push(cycle(&members, used));
                    }
                    cyclic.extend(members);
                } else if let Some((used, _)) = all.get_key_value(used.2)
                    && !done.contains(used.as_str())
                {
                    path.push((used, 0));
                }
            }
        }
        let order = order.into_iter().filter(|name| !cyclic.contains(name.as_str())).collect();
        (Self { all, order }, diagnostics)
    }

    /// Everything that these names lead to, themselves included.
    pub fn closure<'a>(&'a self, from: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut open: Vec<&str> = from.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some((name, definition)) = self.all.get_key_value(name) else { continue };
            if reached.insert(name.as_str()) {
                let parts = match definition {
                    Definition::Feature(expr) => vec![expr],
                    Definition::Regime { enter, exit } => vec![enter, exit],
                };
                open.extend(parts.into_iter().flat_map(names).map(|(name, _)| name));
            }
        }
        reached
    }
}

fn uses_of<'d>(name: &'d str, definition: &'d Definition, all: &BTreeMap<String, Definition>) -> Vec<Use<'d>> {
    let mut uses = Vec::new();
    for (path, expr) in definition.expressions(name) {
        let mut found = names(expr);
        found.sort_by_key(|(_, span)| *span);
        uses.extend(
            found
                .into_iter()
                .filter(|(used, _)| all.contains_key(*used))
                .map(|(used, span)| (path.clone(), span, used)),
        );
    }
    uses
}

fn cycle(members: &[&str], closing: &Use<'_>) -> Diagnostic {
    let (path, span, back) = closing;
    let shown: Vec<&str> = members.iter().copied().chain(std::iter::once(*back)).collect();
    let chain = shown.join(" -> ");
    Problem::new(Code::Cycle, *span, format!("the definitions need each other: {chain}"))
        .found(chain)
        .expected("definitions that do not lead back to themselves")
        .at(path)
}
