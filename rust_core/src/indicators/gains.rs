//! Wilder's averages of gains and of losses, shared by `rsi`, `cmo` and `stochrsi`.

use super::change::Change;
use super::smoothing::Smoothing;

/// Averages over changes against the last present value.
pub struct GainsLosses {
    change: Change,
    gains: Smoothing,
    losses: Smoothing,
}

impl GainsLosses {
    pub fn new(length: usize) -> Self {
        Self { change: Change::new(), gains: Smoothing::wilder(length), losses: Smoothing::wilder(length) }
    }

    /// Writes both averages at each bar; losses are positive.
    pub fn block(&mut self, values: &[f64], [gains, losses]: [&mut [f64]; 2], [changes, moves]: [&mut [f64]; 2]) {
        self.change.block(values, changes);
        // Comparisons that are false for a missing change, so that it stays missing.
        for (part, change) in moves.iter_mut().zip(changes.iter()) {
            *part = if *change < 0.0 { 0.0 } else { *change };
        }
        self.gains.block(moves, gains);
        for (part, change) in moves.iter_mut().zip(changes.iter()) {
            *part = if *change > 0.0 { 0.0 } else { -*change };
        }
        self.losses.block(moves, losses);
    }
}
