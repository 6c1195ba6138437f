//! One value from a whole population; missing when nobody has a value.

use super::order::Scratch;
use super::quantile::interpolate;

/// The sum, in name order.
pub fn sum(values: &[f64]) -> f64 {
    if values.is_empty() { f64::NAN } else { values.iter().sum() }
}

/// The arithmetic mean.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle value; of an even number the mean of the middle two.
pub fn median(values: &[f64], scratch: &mut Scratch) -> f64 {
    interpolate(scratch.sorted_values(values), 0.5)
}

/// How many of the known truths are true.
pub fn count_true(truths: &[f64]) -> f64 {
    if truths.is_empty() { f64::NAN } else { truths.iter().filter(|&&truth| truth != 0.0).count() as f64 }
}

/// The share of the known truths that are true.
pub fn breadth(truths: &[f64]) -> f64 {
    count_true(truths) / truths.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_populations_by_hand() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(sum(&values), 10.0);
        assert_eq!(mean(&values), 2.5);
        assert_eq!(median(&values, &mut Scratch::default()), 2.5);
        assert_eq!(median(&values[..3], &mut Scratch::default()), 3.0);
        assert_eq!(count_true(&[1.0, 0.0, 1.0, 1.0]), 3.0);
        assert_eq!(breadth(&[1.0, 0.0, 1.0, 1.0]), 0.75);
    }

    #[test]
    fn nobody_gives_nothing() {
        assert!(sum(&[]).is_nan() && mean(&[]).is_nan() && count_true(&[]).is_nan() && breadth(&[]).is_nan());
        assert!(median(&[], &mut Scratch::default()).is_nan());
    }
}
