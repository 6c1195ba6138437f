//! Winsorized values: the k = floor(fraction * n) smallest become the next larger one, the k largest the next smaller.

use super::order::Scratch;

/// Values held within the tails; `fraction` is cut on each side, below one half.
pub fn winsorize(values: &[f64], fraction: f64, scratch: &mut Scratch, out: &mut [f64]) {
    let sorted = scratch.sorted_values(values);
    // 0.29 * 100 is 28.999999999999996 in floating point, and means 29.
    let cut = (fraction * sorted.len() as f64 + 1e-9).floor() as usize;
    let cut = cut.min(sorted.len().saturating_sub(1) / 2);
    let (Some(&low), Some(&high)) = (sorted.get(cut), sorted.get(sorted.len().saturating_sub(cut + 1))) else {
        return;
    };
    for (slot, value) in out.iter_mut().zip(values) {
        *slot = value.max(low).min(high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_cut_on_each_side_of_ten() {
        let values = [50.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, -90.0];
        let mut out = [0.0; 10];
        winsorize(&values, 0.1, &mut Scratch::default(), &mut out);
        assert_eq!(out, [8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0]);
        winsorize(&values, 0.05, &mut Scratch::default(), &mut out);
        assert_eq!(out, values);
    }
}
