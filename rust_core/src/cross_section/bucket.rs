//! Buckets 1 to n of nearly equal size, the smallest values in bucket 1.
//!
//! Bucket = floor(n * p / members) + 1, where p counts the members below (of equal values the earlier name is above).

use super::order::Scratch;
use super::rank::rank;

/// Bucket numbers 1 to `buckets`.
pub fn bucket(values: &[f64], buckets: f64, scratch: &mut Scratch, out: &mut [f64]) {
    rank(values, scratch, out);
    let members = values.len() as f64;
    for place in out {
        *place = (buckets * (members - *place) / members).floor() + 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_members_fill_three_buckets() {
        // floor(3 p / 7) for p = 0..6: 0 0 0 1 1 2 2.
        let mut out = [0.0; 7];
        bucket(&[6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], 3.0, &mut Scratch::default(), &mut out);
        assert_eq!(out, [3.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0]);
    }
}
