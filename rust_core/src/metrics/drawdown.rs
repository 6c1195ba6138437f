//! Drawdown: the fall from the highest equity so far.

/// One fall: sessions of its peak, its lowest point and, if it came, its recovery to the peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawdown {
    /// Equity at the trough over equity at the peak, less one: 0 or negative.
    pub depth: f64,
    pub peak: usize,
    pub trough: usize,
    pub recovery: Option<usize>,
}

/// Equity over its running maximum, less one, for each session.
pub fn drawdowns(equity: &[f64]) -> Vec<f64> {
    let mut highest = f64::NEG_INFINITY;
    equity
        .iter()
        .map(|&value| {
            highest = highest.max(value);
            value / highest - 1.0
        })
        .collect()
}

/// The deepest fall, the earliest of equals; source: empyrical `max_drawdown`.
pub fn deepest_drawdown(equity: &[f64]) -> Option<Drawdown> {
    let (mut highest, mut deepest) = (f64::NEG_INFINITY, None::<(usize, f64)>);
    for (at, &value) in equity.iter().enumerate() {
        highest = highest.max(value);
        let depth = value / highest - 1.0;
        if deepest.is_none_or(|(_, least)| depth.total_cmp(&least).is_lt()) {
            deepest = Some((at, depth));
        }
    }
    let (trough, depth) = deepest?;
    let peak = equity[..=trough].iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at);
    let recovery = equity[trough..].iter().position(|&value| value >= equity[peak]).map(|after| trough + after);
    Some(Drawdown { depth, peak, trough, recovery })
}
