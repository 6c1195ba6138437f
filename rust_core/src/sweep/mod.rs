//! One strategy under many bindings of its params: each sub-expression computed once per distinct value.
//!
//! 1. `order` puts bindings that read the same columns together, and `run` takes them in batches.
//! 2. `task` binds the bindings of a batch, some at a time, each group into one graph in which equal nodes are one.
//! 3. `shared` finds the columns that several groups read, computes those that are not there yet, and keeps them within
//!    the memory that was given; what had to go is computed again when it is next asked for.
//! 4. `task` computes the rest of each group and simulates every binding on it, by the steps of every other run.
//! 5. `score` turns a run into the numbers that were asked for, and forgets the rest.
//!
//! Groups run in parallel. Which bindings stand in which group, how many threads there are and how much memory, changes
//! no bit of a result.

mod each;
mod order;
mod run;
mod score;
mod shared;
mod task;

pub use each::{Member, run_each};
pub use run::run;
pub use score::{Scores, Wanted};
pub use shared::Cache;

use crate::error::EngineError;
use crate::expr::Diagnostic;
use crate::plan::family::Family;

/// Bindings, one row of codes each.
#[derive(Debug, Clone, Copy)]
pub struct Bindings<'a> {
    pub family: &'a Family,
    /// Row-major: a code for each param of the family.
    pub codes: &'a [u32],
}

impl<'a> Bindings<'a> {
    pub fn len(&self) -> usize {
        // Without params there is the one binding that changes nothing.
        self.codes.len().checked_div(self.family.params().len()).unwrap_or(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn at(&self, place: usize) -> &'a [u32] {
        let width = self.family.params().len();
        self.codes.get(place * width..(place + 1) * width).unwrap_or(&[])
    }

    /// The error of a binding that does not compile.
    fn refused(&self, place: usize, diagnostics: &[Diagnostic]) -> EngineError {
        let first = diagnostics.first();
        let what = first.map_or("it does not compile".into(), |d| format!("{} {}", d.code, d.message));
        EngineError::Config(format!("{}: {what}", self.family.write(self.at(place))))
    }
}

/// Takes the scores of a group; called from several threads, in no particular order.
pub type Emit<'a> = dyn Fn(Scores) + Sync + 'a;
