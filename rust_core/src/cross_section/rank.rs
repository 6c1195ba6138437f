//! Rank: 1 is the largest; of equal values the earlier symbol name ranks first.

use super::order::{Scratch, descending};

/// Ranks 1 to n.
pub fn rank(values: &[f64], scratch: &mut Scratch, out: &mut [f64]) {
    for (place, &(_, member)) in scratch.sorted(values, descending).iter().enumerate() {
        out[member as usize] = (place + 1) as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_ranks_first_and_ties_go_by_name() {
        let mut out = [0.0; 5];
        rank(&[3.0, 7.0, -1.0, 7.0, 0.0], &mut Scratch::default(), &mut out);
        assert_eq!(out, [3.0, 1.0, 5.0, 2.0, 4.0]);
        let mut out = [0.0; 2];
        rank(&[-0.0, 0.0], &mut Scratch::default(), &mut out);
        assert_eq!(out, [1.0, 2.0], "the two zeros are equal");
    }
}
