//! Columns that several groups of bindings read: found, computed once, and kept as long as memory allows.

use super::task::{Identity, Task};
use crate::bars::Panel;
use crate::error::Result;
use crate::plan::evaluate::{Kept, keep};
use crate::plan::{Node, NodeId, Plan, Sizing, SizingMethod};
use crate::watch::Watch;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Bytes of columns that one thread computes at once.
const LITTLE: usize = 1 << 22;

/// Columns by what they are, within a bound of memory.
#[derive(Debug)]
pub struct Cache {
    bytes_max: usize,
    columns: BTreeMap<Identity, Cached>,
    /// Counts batches.
    now: u64,
    computed: u64,
}

#[derive(Debug)]
struct Cached {
    column: Kept,
    read: u64,
}

impl Cache {
    /// Keeps up to so many bytes.
    pub fn new(bytes_max: usize) -> Self {
        Self { bytes_max, columns: BTreeMap::new(), now: 0, computed: 0 }
    }

    pub const fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Columns computed so far, by the groups themselves too; what stands behind a shared column alone is not counted.
    pub const fn computed(&self) -> u64 {
        self.computed
    }

    /// Memory in use.
    pub fn bytes(&self) -> usize {
        self.columns.values().map(|cached| cached.column.bytes()).sum()
    }

    /// Drops what was not read for the longest time until `more` bytes fit; what this batch reads stays.
    fn make_room(&mut self, more: usize) {
        let mut used = self.bytes() + more;
        let mut idle: Vec<(u64, Identity, usize)> = self
            .columns
            .iter()
            .filter(|(_, cached)| cached.read < self.now)
            .map(|(identity, cached)| (cached.read, *identity, cached.column.bytes()))
            .collect();
        idle.sort_unstable();
        for (_, identity, bytes) in idle {
            if used <= self.bytes_max {
                break;
            }
            self.columns.remove(&identity);
            used -= bytes;
        }
    }
}

/// What the groups of a batch have in common: for each group, the nodes whose columns come from the cache.
pub struct Common {
    pub reads: Vec<Vec<(NodeId, Identity)>>,
    /// One group and node that each column can be computed from.
    sources: BTreeMap<Identity, (usize, NodeId)>,
    /// Columns that the groups compute for themselves.
    own: usize,
}

impl Common {
    /// A column is shared if two groups need it or the cache has it; of those, each group reads the ones that it
    /// decides by or that something of its own stands on.
    pub fn find(tasks: &[Task], cache: &Cache) -> Self {
        let needed: Vec<Vec<bool>> = tasks.iter().map(Task::needed).collect();
        let mut seen: FxHashMap<Identity, u32> = FxHashMap::default();
        for (task, needed) in tasks.iter().zip(&needed) {
            for id in (0..needed.len()).filter(|&id| needed[id] && task.is_column(id)) {
                *seen.entry(task.identity(id)).or_insert(0) += 1;
            }
        }
        let (mut sources, mut own) = (BTreeMap::new(), 0);
        let reads = tasks.iter().zip(&needed).enumerate().map(|(place, (task, needed))| {
            let shared: Vec<bool> = (0..needed.len())
                .map(|id| {
                    let is_shared = |identity| seen.get(&identity).is_some_and(|&times| times > 1);
                    let identity = task.identity(id);
                    task.is_column(id) && (is_shared(identity) || cache.columns.contains_key(&identity))
                })
                .collect();
            own += (0..needed.len()).filter(|&id| needed[id] && !shared[id] && task.is_column(id)).count();
            let mut read = vec![false; needed.len()];
            task.wanted.iter().chain(&task.plan.member).for_each(|&id| read[id] = shared[id]);
            for id in (0..needed.len()).filter(|&id| needed[id] && !shared[id]) {
                task.plan.nodes[id].inputs.iter().for_each(|&input| read[input] |= shared[input]);
            }
            let reads: Vec<(NodeId, Identity)> =
                (0..read.len()).filter(|&id| read[id]).map(|id| (id, task.identity(id))).collect();
            reads.iter().for_each(|&(id, identity)| {
                sources.entry(identity).or_insert((place, id));
            });
            reads
        });
        let reads = reads.collect();
        Self { reads, sources, own }
    }

    /// How many columns the cache has to hold for it.
    pub fn columns(&self) -> usize {
        self.sources.len()
    }

    /// Computes what the cache lacks.
    pub fn compute(
        &self,
        tasks: &[Task],
        panel: &Panel<'_>,
        cache: &mut Cache,
        column_bytes: usize,
        watch: &Watch,
    ) -> Result<()> {
        cache.now += 1;
        cache.computed += self.own as u64;
        let now = cache.now;
        for identity in self.sources.keys() {
            cache.columns.entry(*identity).and_modify(|cached| cached.read = now);
        }
        let missing: Vec<(Identity, (usize, NodeId))> = self
            .sources
            .iter()
            .filter(|(identity, _)| !cache.columns.contains_key(*identity))
            .map(|(identity, source)| (*identity, *source))
            .collect();
        cache.make_room(missing.len() * column_bytes);
        let known = &cache.columns;
        let parts = parts(&missing, tasks, panel);
        let found = |part: Part| -> Result<Vec<(Identity, Kept)>> {
            let kept = part.compute(tasks, panel, known, watch)?;
            Ok(part.asked.into_iter().zip(kept).collect())
        };
        // Little is done before another thread has woken up.
        let found: Vec<_> = if missing.len() * column_bytes < LITTLE {
            parts.into_iter().map(found).collect::<Result<_>>()?
        } else {
            parts.into_par_iter().map(found).collect::<Result<_>>()?
        };
        for (identity, column) in found.into_iter().flatten() {
            cache.computed += 1;
            cache.columns.insert(identity, Cached { column, read: now });
        }
        Ok(())
    }

    /// The columns of a group.
    pub fn given(&self, group: usize, cache: &Cache) -> Vec<(NodeId, Kept)> {
        let column = |(id, identity): &(NodeId, Identity)| Some((*id, cache.columns.get(identity)?.column.clone()));
        self.reads[group].iter().filter_map(column).collect()
    }
}

/// Columns that are computed together.
struct Part {
    asked: Vec<Identity>,
    sources: Vec<(usize, NodeId)>,
}

/// Splits what is missing by the members that it depends on; and, where there are fewer symbols than threads, into parts
/// that have no column in common, one for each thread.
fn parts(missing: &[(Identity, (usize, NodeId))], tasks: &[Task], panel: &Panel<'_>) -> Vec<Part> {
    let threads = rayon::current_num_threads();
    let mut by_member: BTreeMap<Option<crate::plan::Digest>, Vec<usize>> = BTreeMap::new();
    for (place, (identity, _)) in missing.iter().enumerate() {
        by_member.entry(identity.2).or_default().push(place);
    }
    let mut parts = Vec::new();
    for places in by_member.into_values() {
        let groups =
            if panel.symbols.len() >= threads { vec![places] } else { apart(&places, missing, tasks, threads) };
        parts.extend(groups.into_iter().map(|places| Part {
            asked: places.iter().map(|&place| missing[place].0).collect(),
            sources: places.iter().map(|&place| missing[place].1).collect(),
        }));
    }
    parts
}

/// Deals out columns to so many groups; those that stand on a common column stay together.
fn apart(places: &[usize], missing: &[(Identity, (usize, NodeId))], tasks: &[Task], groups: usize) -> Vec<Vec<usize>> {
    let mut owner: FxHashMap<Identity, usize> = FxHashMap::default();
    let mut lead: Vec<usize> = (0..places.len()).collect();
    let find = |lead: &Vec<usize>, mut at: usize| {
        while lead[at] != at {
            at = lead[at];
        }
        at
    };
    for (at, &place) in places.iter().enumerate() {
        let (task, id) = missing[place].1;
        let (mut open, mut visited) = (vec![id], FxHashSet::default());
        while let Some(id) = open.pop() {
            if !tasks[task].is_column(id) || !visited.insert(id) {
                continue;
            }
            let first = *owner.entry(tasks[task].identity(id)).or_insert(at);
            let (a, b) = (find(&lead, first), find(&lead, at));
            lead[a.max(b)] = a.min(b);
            open.extend(&tasks[task].plan.nodes[id].inputs);
        }
    }
    let mut together: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, &place) in places.iter().enumerate() {
        together.entry(find(&lead, at)).or_default().push(place);
    }
    let mut dealt = vec![Vec::new(); groups.min(together.len()).max(1)];
    let count = dealt.len();
    together.into_values().enumerate().for_each(|(at, places)| dealt[at % count].extend(places));
    dealt
}

impl Part {
    fn compute(
        &self,
        tasks: &[Task],
        panel: &Panel<'_>,
        known: &BTreeMap<Identity, Cached>,
        watch: &Watch,
    ) -> Result<Vec<Kept>> {
        let Some(&(first, _)) = self.sources.first() else { return Ok(Vec::new()) };
        let base = &tasks[first].plan;
        let mut graph = Copied { plan: bare(base), copies: FxHashMap::default(), given: Vec::new() };
        let mut wanted = Vec::new();
        for (identity, &(task, id)) in self.asked.iter().zip(&self.sources) {
            if identity.2.is_some() && graph.plan.member.is_none() {
                graph.plan.member = tasks[task].plan.member.map(|member| graph.copy(&tasks[task], member, known));
            }
            wanted.push(graph.copy(&tasks[task], id, known));
        }
        keep(&graph.plan, panel, &wanted, &graph.given, watch)
    }
}

/// The plan without nodes and without anything that decides.
fn bare(plan: &Plan) -> Plan {
    let sizing = Sizing { method: SizingMethod::EqualWeight, ..plan.sizing.clone() };
    Plan {
        nodes: Vec::new(),
        contexts: vec![plan.contexts[0].clone()],
        member: None,
        rules: None,
        portfolio: None,
        sizing,
        features: Vec::new(),
        hash: String::new(),
        name: plan.name.clone(),
        symbols: plan.symbols.clone(),
        timeframe: plan.timeframe.clone(),
        groups: plan.groups.clone(),
        sectors: plan.sectors.clone(),
        execution: plan.execution.clone(),
        ..*plan
    }
}

/// A plan made of nodes of several graphs.
struct Copied {
    plan: Plan,
    copies: FxHashMap<Identity, NodeId>,
    given: Vec<(NodeId, Kept)>,
}

impl Copied {
    /// The place of a node here, copied with what it stands on when it is new.
    fn copy(&mut self, task: &Task, id: NodeId, known: &BTreeMap<Identity, Cached>) -> NodeId {
        let identity = task.identity(id);
        if let Some(&place) = self.copies.get(&identity) {
            return place;
        }
        let node = &task.plan.nodes[id];
        let inputs = node.inputs.iter().map(|&input| self.copy(task, input, known)).collect();
        let context = &task.plan.contexts[node.context];
        let context = self.plan.contexts.iter().position(|known| known == context).unwrap_or_else(|| {
            self.plan.contexts.push(context.clone());
            self.plan.contexts.len() - 1
        });
        self.plan.nodes.push(Node { inputs, context, ..node.clone() });
        let place = self.plan.nodes.len() - 1;
        self.copies.insert(identity, place);
        if let Some(cached) = known.get(&identity) {
            self.given.push((place, cached.column.clone()));
        }
        place
    }
}
