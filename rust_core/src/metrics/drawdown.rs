//! Drawdown: the fall from the highest equity so far.

use super::lanes::{self, larger, smaller};

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
const PIECE: usize = 64;

/// The deepest fall so far.
#[derive(Clone, Copy)]
struct Deepest {
    /// Where the piece begins that it lies in, and the high before that.
    from: usize,
    before: f64,
    depth: f64,
}

/// The deepest fall from a high, the earliest of equals: where its trough is, and how deep.
pub fn deepest_fall(equity: &[f64]) -> Option<(usize, f64)> {
    let (mut deepest, mut highest) = (None::<Deepest>, f64::NEG_INFINITY);
    for (piece, values) in equity.chunks(PIECE).enumerate() {
        let before = highest;
        let (low, high) = range(values, before);
        highest = high;
        let known = deepest.map_or(f64::INFINITY, |deepest| deepest.depth);
        // Below an equity of zero a lower high may have the deeper fall.
        if known >= -1.0 && low > bound(high, known) {
            continue;
        }
        // Under one positive high the lowest value has fallen deepest.
        let is_under_one = before > 0.0 && high == before;
        let depth = if is_under_one { low / before - 1.0 } else { least_of(values, before, known) };
        if depth.total_cmp(&known).is_lt() {
            deepest = Some(Deepest { from: piece * PIECE, before, depth });
        }
    }
    let Deepest { from, before, depth } = deepest?;
    let trough = falls(&equity[from..], before).position(|fall| fall.to_bits() == depth.to_bits())?;
    Some((from + trough, depth))
}

/// The lowest value, and the highest including those before.
fn range(values: &[f64], highest: f64) -> (f64, f64) {
    let low = lanes::fold(values, f64::INFINITY, smaller, smaller);
    (low, larger(highest, lanes::fold(values, f64::NEG_INFINITY, larger, larger)))
}

/// Values above this, under a high, have not fallen deeper than to a depth; the margin is far above what rounding can do.
fn bound(high: f64, depth: f64) -> f64 {
    if depth == f64::INFINITY { f64::INFINITY } else { high * (1.0 + depth) + high.abs() * 1e-9 }
}

/// Each value over the highest so far, less one; `before` is the highest before them.
fn falls(values: &[f64], before: f64) -> impl Iterator<Item = f64> {
    values.iter().scan(before, |highest, &value| {
        *highest = larger(*highest, value);
        Some(value / *highest - 1.0)
    })
}

/// The deepest of the falls and one that is known.
fn least_of(values: &[f64], before: f64, known: f64) -> f64 {
    let (mut highest, mut least) = (before, known);
    let mut deeper = bound(highest, least);
    for &value in values {
        if value > highest {
            highest = value;
            deeper = bound(highest, least);
        }
        // Few values are worth a division.
        if value > deeper {
            continue;
        }
        let fall = value / highest - 1.0;
        if fall.total_cmp(&least).is_lt() {
            least = fall;
            deeper = bound(highest, least);
        }
    }
    least
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
        for count in [1, 2, 31, 32, 33, 129, 500, 2_000] {
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
        assert_eq!(deepest_fall(&[-1.0, -3.0, 2.0, 1.0]), Some((3, -0.5)));
        let debt = [&[1.0; 63][..], &[-0.5, -0.9], &[1.0; 35], &[10.0; 28]].concat();
        assert_eq!(deepest_fall(&debt), Some((64, -1.9)));
        assert_eq!(deepest_fall(&[]), None);
    }
}
