//! Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).

use super::order::Scratch;

/// The same value for every member: the quantile at `fraction`, 0 to 1.
pub fn quantile(values: &[f64], fraction: f64, scratch: &mut Scratch, out: &mut [f64]) {
    out.fill(interpolate(scratch.sorted_values(values), fraction));
}

/// The quantile of sorted values; missing for none.
pub(super) fn interpolate(sorted: &[f64], fraction: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = fraction.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    low + (high - low) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_order_statistics() {
        // Positions 0.25 * 3 = 0.75: 10 + 0.75 * 10.
        let mut out = [0.0; 4];
        quantile(&[40.0, 10.0, 30.0, 20.0], 0.25, &mut Scratch::default(), &mut out);
        assert_eq!(out, [17.5; 4]);
        quantile(&[40.0, 10.0, 30.0, 20.0], 1.0, &mut Scratch::default(), &mut out);
        assert_eq!(out, [40.0; 4]);
    }
}
