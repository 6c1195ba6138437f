//! Headline metrics as other engines define them when nothing else is asked for.
//!
//! Each file answers with the metrics for which its engine has a default; the others stay as they are natively. Depths of
//! drawdowns keep our sign: 0 or negative.

mod backtrader;
mod credit_rate;
mod lean;
mod vectorbt;
mod zipline;

pub use backtrader::as_backtrader;
pub use lean::as_lean;
pub use vectorbt::as_vectorbt;
pub use zipline::as_zipline;

use super::{Metric, Record, deepest_fall, returns_of};

/// What an engine says of metrics; `None` where its ratio does not exist.
pub type Said = Vec<(Metric, Option<f64>)>;

/// A run as those engines look at it, beside its record.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// Cash at the start, in the unit of equity.
    pub capital: f64,
    /// Equity at the close of every bar.
    pub bars: &'a [f64],
    /// Exchange date of each equity of the record.
    pub dates: &'a [i32],
    /// Whether bars are whole sessions.
    pub daily: bool,
    /// Usual time from one bar to the next, ns.
    pub spacing_ns: i64,
    /// From the midnight before the first bar to the end of the last, ns.
    pub elapsed_ns: i64,
}

impl Course<'_> {
    /// Place in the record of the first close of a session: a run of shorter bars begins within its first session.
    fn first_close(&self) -> usize {
        usize::from(self.dates.len() > 1 && self.dates[0] == self.dates[1])
    }

    /// Equity at the close of each session, after the cash at the start.
    fn closes(&self, record: &Record) -> Vec<f64> {
        let closes = record.equity.get(self.first_close()..).unwrap_or(&[]);
        std::iter::once(self.capital).chain(closes.iter().copied()).collect()
    }

    /// The return into each session, the first included.
    fn session_returns(&self, record: &Record) -> Vec<f64> {
        returns_of(&self.closes(record))
    }

    fn total_return(&self) -> Option<f64> {
        self.bars.last().map(|last| last / self.capital - 1.0)
    }
}

/// How deep the deepest fall from a high is.
fn depth(equity: &[f64]) -> Option<f64> {
    deepest_fall(equity).map(|(_, depth)| depth)
}

#[cfg(test)]
mod tests;
