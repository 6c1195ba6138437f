//! The path of data, from one close to the next.

use crate::simulate::book::Done;
use crate::simulate::run::Run;

/// Bar, signal, order, verdict, fill, ledger entry: what the close of `now` decides, and what the bar after it makes of
/// the orders.
pub(super) fn step(run: &mut Run<'_>, now: usize, next: Option<usize>) -> Done<()> {
    decide(run, now)?;
    let Some(next) = next else { return Ok(()) };
    run.open(next)?;
    run.meet(next)?;
    run.close(next)
}

/// The first half: bar, signal, order, verdict.
pub(super) fn decide(run: &mut Run<'_>, now: usize) -> Done<()> {
    let bar = run.market.moment(now);
    run.read_signals(now)?;
    while let Some(signal) = &run.next_signal() {
        let Some(order) = &mut run.draft(now, signal) else { continue };
        if let Some(sent) = run.judge(now, bar, order)? {
            run.fill_at_close(now, sent)?;
        }
    }
    Ok(())
}
