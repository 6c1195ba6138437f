//! The path of data, from one close to the next.

use crate::simulate::book::Done;
use crate::simulate::run::Run;

/// The parts of a step. A [`Run`] takes them with the kernel and all that a plan may ask for; a plain run takes them with
/// cash and one lot.
pub(super) trait Stages {
    /// Bar, signal, order, verdict: what the close of a step asks for.
    fn decide(&mut self, now: usize) -> Done<()>;
    /// What happens before the open of a step.
    fn open(&mut self, step: usize) -> Done<()>;
    /// Fill, ledger entry: what the bar of a step makes of the orders.
    fn meet(&mut self, step: usize) -> Done<()>;
    /// Marks and equity at the close of a step.
    fn close(&mut self, step: usize) -> Done<()>;
}

/// What the close of `now` decides, and what the bar after it makes of the orders.
pub(super) fn step(run: &mut impl Stages, now: usize, next: Option<usize>) -> Done<()> {
    run.decide(now)?;
    let Some(next) = next else { return Ok(()) };
    run.open(next)?;
    run.meet(next)?;
    run.close(next)
}

impl Stages for Run<'_> {
    fn decide(&mut self, now: usize) -> Done<()> {
        let bar = self.market.moment(now);
        self.read_signals(now)?;
        while let Some(signal) = &self.next_signal() {
            let Some(order) = &mut self.draft(now, signal) else { continue };
            if let Some(sent) = self.judge(now, bar, order)? {
                self.fill_at_close(now, sent)?;
            }
        }
        Ok(())
    }

    fn open(&mut self, step: usize) -> Done<()> {
        Run::open(self, step)
    }

    fn meet(&mut self, step: usize) -> Done<()> {
        Run::meet(self, step)
    }

    fn close(&mut self, step: usize) -> Done<()> {
        Run::close(self, step)
    }
}
