//! The path of data, from one close to the next.

use crate::error::Result;
use crate::simulate::matching::Part;
use crate::simulate::run::Run;

/// Bar, signal, order, verdict, fill, ledger entry: what the close of `now` decides, and what the bar after it makes of
/// the orders.
pub(super) fn step(run: &mut Run<'_>, now: usize, next: Option<usize>) -> Result<()> {
    let bar = run.market.moment(now);
    run.read_signals(now)?;
    while let Some(signal) = run.next_signal() {
        let Some(order) = run.draft(now, signal) else { continue };
        run.judge(now, bar, order)?;
    }
    let Some(next) = next else { return Ok(()) };
    run.open(next)?;
    for part in [Part::Open, Part::Within] {
        let fills = run.fills(next, part)?;
        run.post(next, part, fills)?;
    }
    run.close(next)
}
