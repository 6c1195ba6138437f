//! Drawdown: the fall from the highest equity so far.

use super::lanes::{self, larger};

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

/// Equities looked at together for a new depth.
const PIECE: usize = 128;

/// The deepest fall from a high, the earliest of equals: where its trough is, and how deep.
pub fn deepest_fall(equity: &[f64]) -> Option<(usize, f64)> {
    let (mut highest, mut deepest) = (f64::NEG_INFINITY, None::<(usize, f64)>);
    // What lies above this is no deeper fall; the margin is far above what rounding can do.
    let limit = |highest: f64, least: f64| highest * (1.0 + least) + highest.abs() * 1e-9;
    for (piece, values) in equity.chunks(PIECE).enumerate() {
        // A piece whose lowest value lies less deep below its highest one than the deepest so far holds no deeper fall.
        let low = lanes::fold(values, f64::INFINITY, lanes::smaller, lanes::smaller);
        let high = larger(highest, lanes::fold(values, f64::NEG_INFINITY, larger, larger));
        if deepest.is_some_and(|(_, least)| low > limit(high, least)) {
            highest = high;
            continue;
        }
        for (at, &value) in values.iter().enumerate() {
            highest = larger(highest, value);
            if deepest.is_some_and(|(_, least)| value > limit(highest, least)) {
                continue;
            }
            let depth = value / highest - 1.0;
            if deepest.is_none_or(|(_, least)| depth.total_cmp(&least).is_lt()) {
                deepest = Some((piece * PIECE + at, depth));
            }
        }
    }
    deepest
}

/// The same with its peak and its recovery; source: empyrical `max_drawdown`.
pub fn deepest_drawdown(equity: &[f64]) -> Option<Drawdown> {
    let (trough, depth) = deepest_fall(equity)?;
    let peak = equity[..=trough].iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at);
    let recovery = equity[trough..].iter().position(|&value| value >= equity[peak]).map(|after| trough + after);
    Some(Drawdown { depth, peak, trough, recovery })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hide_no_fall() {
        let mut random = 7_u64;
        let mut uniform = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 11) as f64 / (1_u64 << 53) as f64
        };
        for count in [1, 2, 127, 128, 129, 500, 2_000] {
            for scale in [0.0, 1e-12, 0.02] {
                let mut value = 1e5;
                let equity: Vec<f64> = (0..count)
                    .map(|_| {
                        value *= 1.0 + scale * (uniform() - 0.5);
                        value
                    })
                    .collect();
                let falls = drawdowns(&equity);
                let least = falls.iter().copied().fold(f64::INFINITY, f64::min);
                let expected = falls.iter().position(|&fall| fall.to_bits() == least.to_bits()).map(|at| (at, least));
                assert_eq!(deepest_fall(&equity), expected, "{count} values of {scale}");
            }
        }
        let below_zero = [1.0, -1.0, 2.0, -2.0 - 1e-12];
        assert_eq!(deepest_fall(&below_zero), Some((3, below_zero[3] / 2.0 - 1.0)));
        assert_eq!(deepest_fall(&[]), None);
    }
}
