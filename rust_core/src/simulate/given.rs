//! Signals that somebody else's code has decided, in place of a plan's conditions.

use crate::plan::evaluate::{Columns, Truths};
use crate::plan::{NodeId, Plan};
use crate::simulate::signals::Signals;

/// What was decided, by panel symbol and bar: 1 long, -1 short, 0 flat, NaN nothing; and how strongly.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    pub direction: Vec<Vec<f64>>,
    pub strength: Vec<Vec<f64>>,
}

/// A plan's columns with the roots of its entry and exit rules replaced.
pub struct Given<'a> {
    columns: &'a Columns<'a>,
    replaced: Vec<(NodeId, Vec<Vec<f64>>)>,
}

impl<'a> Given<'a> {
    /// The plan's rules must have a node of their own each for long, short, priority and exit.
    pub fn new(plan: &Plan, columns: &'a Columns<'a>, decided: &Decided) -> Self {
        let rules = plan.rules.clone().unwrap_or_default();
        let is = |wanted: f64| -> Vec<Vec<f64>> {
            let column = |own: &Vec<f64>| own.iter().map(|&value| f64::from(u8::from(value == wanted))).collect();
            decided.direction.iter().map(column).collect()
        };
        let roots = [
            (rules.long, is(1.0)),
            (rules.short, is(-1.0)),
            (rules.exit_long, is(0.0)),
            (rules.exit_short, is(0.0)),
            (rules.priority, decided.strength.clone()),
        ];
        let replaced = roots.into_iter().filter_map(|(node, column)| node.map(|node| (node, column))).collect();
        Self { columns, replaced }
    }

    fn own(&self, node: NodeId) -> Option<&Vec<Vec<f64>>> {
        self.replaced.iter().find(|(replaced, _)| *replaced == node).map(|(_, column)| column)
    }
}

impl Signals for Given<'_> {
    fn symbol(&self, node: NodeId, symbol: usize) -> &[f64] {
        match self.own(node) {
            Some(columns) => columns.get(symbol).map_or(&[], Vec::as_slice),
            None => Columns::symbol(self.columns, node, symbol),
        }
    }

    fn market(&self, node: NodeId) -> &[f64] {
        Columns::market(self.columns, node)
    }

    fn truths(&self, node: NodeId, symbol: usize) -> Option<&Truths> {
        if self.own(node).is_some() { None } else { Columns::truths(self.columns, node, symbol) }
    }
}
