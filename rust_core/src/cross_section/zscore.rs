//! Z-score: distance from the mean in standard deviations of the population (divisor n).

use super::demean::demean;

/// Standard scores; missing when all values are equal.
pub fn zscore(values: &[f64], out: &mut [f64]) {
    if values.iter().all(|value| Some(value) == values.first()) {
        out.fill(f64::NAN);
        return;
    }
    demean(values, out);
    let variance = out.iter().map(|x| x * x).sum::<f64>() / values.len() as f64;
    let deviation = variance.sqrt();
    for score in out {
        let scaled = *score / deviation;
        *score = if scaled.is_finite() { scaled } else { f64::NAN };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divisor_is_the_number_of_members() {
        // Mean 5, squared distances 9 1 1 1 0 0 4 16, their mean 4, deviation 2.
        let mut out = [0.0; 8];
        zscore(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], &mut out);
        assert_eq!(out, [-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn equal_values_have_no_score() {
        let mut out = [0.0; 3];
        zscore(&[0.1, 0.1, 0.1], &mut out);
        assert!(out.iter().all(|x| x.is_nan()));
    }
}
