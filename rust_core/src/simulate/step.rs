//! The path of data, from one close to the next.

use crate::error::Result;
use crate::simulate::matching::Part;
use crate::simulate::run::Run;

/// Bar, signal, order, verdict, fill, ledger entry: what the close of `now` decides, and what the bar after it makes of
/// the orders.
pub(super) fn step(run: &mut Run<'_>, now: usize, next: Option<usize>) -> Result<()> {
    let bar = run.market.moment(now);
    let signals = run.signals(now)?;
    let orders = run.orders(now, signals)?;
    run.verdicts(now, bar, orders)?;
    let Some(next) = next else { return Ok(()) };
    run.open(next)?;
    for part in [Part::Open, Part::Within] {
        let fills = run.fills(next, part)?;
        run.post(next, part, fills)?;
    }
    run.close(next)
}
