//! Percentile: the share of the other members that stand below, 0 to 1; a single member stands at 0.5.
//!
//! Of equal values the earlier symbol name stands higher, as in `rank`: percentile = (n - rank) / (n - 1).

use super::order::Scratch;
use super::rank::rank;

/// Shares 0 to 1.
pub fn percentile(values: &[f64], scratch: &mut Scratch, out: &mut [f64]) {
    if let [only] = out {
        *only = 0.5;
        return;
    }
    rank(values, scratch, out);
    let members = values.len() as f64;
    for place in out {
        *place = (members - *place) / (members - 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_is_zero_and_the_largest_one() {
        let mut out = [0.0; 5];
        percentile(&[10.0, 30.0, 20.0, 50.0, 40.0], &mut Scratch::default(), &mut out);
        assert_eq!(out, [0.0, 0.5, 0.25, 1.0, 0.75]);
        let mut out = [0.0];
        percentile(&[10.0], &mut Scratch::default(), &mut out);
        assert_eq!(out, [0.5]);
    }
}
