//! A group of bindings in one graph: bound together, computed together, simulated one after the other.

use super::Bindings;
use super::score::Scorer;
use crate::bars::Panel;
use crate::error::Result;
use crate::plan::evaluate::{Kept, evaluate_given};
use crate::plan::family::{Bound, Hasher};
use crate::plan::{Digest, NodeId, Op, Plan, Scope};
use crate::watch::Watch;

/// Nodes above which a graph takes no more bindings.
const NODES: usize = 8_192;

/// What a column is, whichever graph it stands in: the digest of its node, whether it is a condition, and where members
/// are compared, the digest of the condition that makes members.
pub type Identity = (Digest, bool, Option<Digest>);

/// Bindings in one graph.
#[derive(Clone)]
pub struct Task {
    pub plan: Plan,
    digests: Vec<Digest>,
    pub bound: Vec<(usize, Bound)>,
    /// Nodes that decide in some binding, ascending.
    pub wanted: Vec<NodeId>,
    /// Nodes that compare members or stand on one that does.
    across: Vec<bool>,
}

impl Task {
    /// Binds the bindings at these places, in as many graphs as they need.
    ///
    /// # Errors
    /// `Config` for a binding that does not compile.
    pub fn bind(bindings: &Bindings<'_>, places: &[usize]) -> Result<Vec<Self>> {
        let mut tasks = Vec::new();
        let mut rest = places;
        while !rest.is_empty() {
            let mut shared = bindings.family.shared()?;
            let mut bound: Vec<(usize, Bound)> = Vec::new();
            for &place in rest {
                if shared.len() > NODES {
                    break;
                }
                let found = shared.bind(bindings.at(place)).map_err(|found| bindings.refused(place, &found))?;
                // Who is compared with whom is one thing in one graph.
                if shared.compares_members() && bound.first().is_some_and(|(_, first)| first.member() != found.member())
                {
                    break;
                }
                bound.push((place, found));
            }
            rest = &rest[bound.len()..];
            let Some((_, first)) = bound.first() else { break };
            let wanted = shared.roots(bound.iter().map(|(_, bound)| bound));
            let (plan, digests) = shared.into_plan(first);
            let across = across(&plan);
            tasks.push(Self { plan, digests, bound, wanted, across });
        }
        Ok(tasks)
    }

    /// The same on a universe of one symbol.
    pub fn of(&self, symbol: &str) -> Self {
        let mut task = self.clone();
        let place = self.plan.symbols.iter().position(|known| known == symbol);
        task.plan.sectors = vec![place.and_then(|place| self.plan.sectors[place])];
        task.plan.symbols = vec![symbol.into()];
        task
    }

    pub fn identity(&self, id: NodeId) -> Identity {
        let is_condition = self.plan.nodes[id].unit == crate::units::Unit::Boolean;
        let member = self.plan.member.filter(|_| self.across[id]).map(|member| self.digests[member]);
        (self.digests[id], is_condition, member)
    }

    /// Whether a node is worth a column of its own beyond this graph.
    pub fn is_column(&self, id: NodeId) -> bool {
        let node = &self.plan.nodes[id];
        node.scope != Scope::Position && !matches!(node.op, Op::Constant(_) | Op::Bar(_) | Op::Sector)
    }

    /// Nodes that what is wanted stands on, itself included.
    pub fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.plan.nodes.len()];
        self.wanted.iter().for_each(|&id| needed[id] = true);
        // Numbers across members wait for membership even where no rule names it.
        if let Some(member) = self.plan.member {
            needed[member] = true;
        }
        for id in (0..needed.len()).rev() {
            if needed[id] {
                self.plan.nodes[id].inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        needed
    }

    /// Simulates every binding.
    ///
    /// # Errors
    /// As `simulate::run`; `Interrupted` once the watch is told to stop.
    pub fn run(
        mut self,
        panel: &Panel<'_>,
        given: &[(NodeId, Kept)],
        scorer: &mut Scorer<'_>,
        watch: &Watch,
    ) -> Result<()> {
        let columns = evaluate_given(&self.plan, panel, &self.wanted, given, watch)?;
        let hasher = Hasher::new(&self.plan);
        for (place, bound) in &self.bound {
            watch.go_on()?;
            bound.decide(&mut self.plan);
            let hash = hasher.hash(&self.plan, &self.digests);
            scorer.score(*place, &self.plan, hash, &columns, watch)?;
        }
        Ok(())
    }
}

fn across(plan: &Plan) -> Vec<bool> {
    let mut across: Vec<bool> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let own = matches!(node.op, Op::CrossSection { .. } | Op::Reduction(_));
        across.push(own || node.inputs.iter().any(|&input| across[input]));
    }
    across
}
