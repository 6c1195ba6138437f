//! The default benchmark: the universe, equally weighted; or one symbol.

use crate::bars::{Panel, Placement};
use crate::signature::Field;

/// Mean total return (dividends reinvested) of `symbols` from each of `session_ends` (timeline steps) to the next; one
/// shorter than `session_ends`. Equal weights are restored at each close; a symbol counts from its second close on, and
/// what it gained over sessions without a bar falls in the session it returns. 0 where no symbol trades.
pub fn equal_weight_returns(panel: &Panel, symbols: &[usize], session_ends: &[usize]) -> Vec<f64> {
    let intervals = session_ends.len().saturating_sub(1);
    let (mut sums, mut counts) = (vec![0.0; intervals], vec![0_u32; intervals]);
    // Daily bars: every step ends a session.
    let is_unbroken = session_ends.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let start = session_ends.first().copied().unwrap_or(0);
    for bars in symbols.iter().filter_map(|&index| panel.symbols.get(index)) {
        let close = bars.field(Field::Close);
        if let (true, Placement::Dense { first }) = (is_unbroken, &bars.placement) {
            let from = first.max(&start) - start;
            let own = &close[(start + from - first).min(close.len())..];
            let into = sums.iter_mut().zip(&mut counts).skip(from);
            for (pair, (sum, count)) in own.windows(2).zip(into) {
                *sum += pair[1] / pair[0] - 1.0;
                *count += 1;
            }
            continue;
        }
        let mut before = None;
        for (at, &step) in session_ends.iter().enumerate() {
            let Some(now) = bars.bar_at(step).map(|bar| close[bar]) else { continue };
            if let (Some(before), Some(into)) = (before, at.checked_sub(1)) {
                sums[into] += now / before - 1.0;
                counts[into] += 1;
            }
            before = Some(now);
        }
    }
    sums.iter().zip(&counts).map(|(sum, &count)| if count == 0 { 0.0 } else { sum / f64::from(count) }).collect()
}
