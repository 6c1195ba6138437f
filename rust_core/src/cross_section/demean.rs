//! Distance from the population's mean.

use super::reduction::mean;

/// Values less their arithmetic mean, in the values' unit.
pub fn demean(values: &[f64], out: &mut [f64]) {
    let center = mean(values);
    for (slot, value) in out.iter_mut().zip(values) {
        *slot = value - center;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_mean_is_taken_away() {
        let mut out = [0.0; 3];
        super::demean(&[1.0, 2.0, 6.0], &mut out);
        assert_eq!(out, [-2.0, -1.0, 3.0]);
    }
}
