//! Windows over the last `length` values of a column, for the time-series functions to build on.
//!
//! The history is cut into chunks of `length` values, counted from the first bar. Every window is then the newer end
//! of one chunk and the older end of the next: what is accumulated from a chunk's last value backwards joins what is
//! accumulated from the next chunk's first value forwards (the algorithm of van Herk and of Gil and Werman). Each
//! value is added a fixed number of times whatever the length; nothing is ever subtracted again, so nothing drifts;
//! a missing value leaves with its chunk by itself; and the order of operations depends on the bar's number alone.
//!
//! Sums of squares and products are taken about an anchor, the last value of the older chunk, which lies inside the
//! window: cancellation is bounded by the range inside the window, not by the height of the price.
//!
//! Short windows of the largest or smallest value go another way, which suits what may be counted twice: `extreme_spans`.

mod chunks;
mod comoments;
mod delay;
mod extreme;
mod extreme_chunks;
mod extreme_spans;
mod mean;
mod moments;
mod recent;
mod sum;
mod trend;

pub use chunks::{Chunks, Tally};
pub use comoments::{Correlation, Slope};
pub use delay::Delay;
pub use extreme::{Highest, Lowest};
pub use mean::Mean;
pub use moments::{Deviation, Moments};
pub use recent::Recent;
pub use sum::Sum;
pub use trend::{Lean, LineEnd, Weighted};
