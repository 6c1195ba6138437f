//! Functions of all members' values in one session: one file per function.
//!
//! Each takes the population's values (known, in symbol name order) and writes one value per member. Who belongs to
//! the population (mask, group, `where`, missing values) is the caller's business. Ties go to the earlier symbol name,
//! sums run in name order, nothing is allocated per session, and no result depends on threads.

mod bucket;
mod demean;
mod order;
mod percentile;
mod quantile;
mod rank;
mod reduction;
mod top;
mod winsorize;
mod zscore;

pub use bucket::bucket;
pub use demean::demean;
pub use order::Scratch;
pub use percentile::percentile;
pub use quantile::quantile;
pub use rank::rank;
pub use reduction::{breadth, count_true, mean, median, sum};
pub use top::{bottom, top};
pub use winsorize::winsorize;
pub use zscore::zscore;
