//! Every member contributes the same part of the portfolio's risk.
//!
//! Worked on correlations: with y_i = w_i v_i the contributions of n members are equal where y_i (C y)_i = 1 / n, the
//! minimum of y'Cy / 2 - sum of ln(y_i) / n. Cyclical coordinate descent solves the condition of one member for its own
//! y, which is a quadratic equation with one positive root, and goes round until nothing moves.

use super::MethodDoc;

pub const DOC: MethodDoc = MethodDoc {
    name: "risk_parity",
    summary: "Every position contributes the same part of the portfolio's volatility.",
    formula: "w_i (S w)_i is the same for all candidates and holdings of the decision, and the weights add up to 1; S \
              is the sample covariance of their close-to-close changes over the last `lookback` bars. Solved by \
              cyclical coordinate descent, at most 1000 rounds, until no position moves by more than 1e-12 of itself",
    inputs: "lookback",
    edge_cases: "A member with a missing change in the window, or without any movement in it, gets a weight of 0 and \
                 does not count. Fewer bars than members make S singular; positive weights of equal contribution exist \
                 all the same, unless members hedge each other perfectly: then those that the rounds have reached. \
                 Holdings are not resized when the candidates change.",
    source: "S. Maillard, T. Roncalli, J. Teiletche, The Properties of Equally Weighted Risk Contribution Portfolios, \
             Journal of Portfolio Management 36 (2010); T. Griveau-Billion, J.-C. Richard, T. Roncalli, A Fast \
             Algorithm for Computing High-dimensional Risk Parity Portfolios (2013)",
};

/// Rounds over all members, whatever is reached by then.
pub const ROUNDS_MAX: usize = 1000;
/// A round that moves no member by more than this part of itself is the last.
pub const TOLERANCE: f64 = 1e-12;

/// The weights at which members contribute equally, zero or more, adding up to 1 (or all 0 where none can be weighed).
///
/// `changes` has one row per member, all of one length, oldest first; a row with a value that is not finite, or without
/// movement, gets 0. Sums run in the order given, so that the bits hang on nothing else.
pub fn weights(changes: &[&[f64]]) -> Vec<f64> {
    let scaled: Vec<Option<(Vec<f64>, f64)>> = changes.iter().map(|row| standardised(row)).collect();
    let rows: Vec<&[f64]> = scaled.iter().flatten().map(|(row, _)| row.as_slice()).collect();
    let parts = equal_contributions(&correlations(&rows));
    let mut parts = parts.iter();
    let raw: Vec<f64> = scaled
        .iter()
        .map(|member| member.as_ref().and_then(|(_, deviation)| Some(parts.next()? / deviation)).unwrap_or(0.0))
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|weight| if sum > 0.0 { weight / sum } else { 0.0 }).collect()
}

/// A row less its mean, over the root of its sum of squares, and that root; `None` where it says nothing.
fn standardised(row: &[f64]) -> Option<(Vec<f64>, f64)> {
    if row.len() < 2 || row.iter().any(|change| !change.is_finite()) {
        return None;
    }
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    let deviations: Vec<f64> = row.iter().map(|change| change - mean).collect();
    let length = deviations.iter().map(|deviation| deviation * deviation).sum::<f64>().sqrt();
    // What remains of equal changes is rounding: far below the last digits of the changes themselves.
    let largest = row.iter().fold(0.0f64, |largest, change| largest.max(change.abs()));
    let is_moving = length > 1e-12 * largest && length.is_finite();
    is_moving.then(|| (deviations.iter().map(|deviation| deviation / length).collect(), length))
}

/// Row by row, as one square block.
fn correlations(rows: &[&[f64]]) -> Vec<f64> {
    let count = rows.len();
    let mut matrix = vec![1.0; count * count];
    for (i, left) in rows.iter().enumerate() {
        for (j, right) in rows.iter().enumerate().take(i) {
            let product: f64 = left.iter().zip(*right).map(|(a, b)| a * b).sum();
            (matrix[i * count + j], matrix[j * count + i]) = (product, product);
        }
    }
    matrix
}

/// The y with y_i (C y)_i = 1 / n, from a square block of correlations.
fn equal_contributions(matrix: &[f64]) -> Vec<f64> {
    let count = (matrix.len() as f64).sqrt() as usize;
    let budget = 1.0 / count as f64;
    let mut parts = vec![budget.sqrt(); count];
    for _ in 0..ROUNDS_MAX {
        let mut moved = 0.0f64;
        for i in 0..count {
            let row = &matrix[i * count..(i + 1) * count];
            // What the others add to this member's covariance with the portfolio.
            let others = row.iter().zip(&parts).map(|(c, y)| c * y).sum::<f64>() - parts[i];
            let root = (others * others + 4.0 * budget).sqrt();
            // The positive root, in the form that subtracts nothing.
            let next = if others > 0.0 { 2.0 * budget / (others + root) } else { (root - others) / 2.0 };
            moved = moved.max((next - parts[i]).abs() / next);
            parts[i] = next;
        }
        if moved <= TOLERANCE {
            break;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Weights from volatilities and a correlation matrix, as the papers give them.
    fn of_matrix(volatilities: &[f64], correlations: &[f64]) -> Vec<f64> {
        let raw: Vec<f64> = equal_contributions(correlations).iter().zip(volatilities).map(|(y, v)| y / v).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|weight| weight / sum).collect()
    }

    fn near(found: &[f64], expected: &[f64], tolerance: f64) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
        }
    }

    #[rustfmt::skip]
    const PAPER: [f64; 16] = [
        1.0, 0.8,  0.0,  0.0,
        0.8, 1.0,  0.0,  0.0,
        0.0, 0.0,  1.0, -0.5,
        0.0, 0.0, -0.5,  1.0,
    ];
    const VOLATILITIES: [f64; 4] = [0.1, 0.2, 0.3, 0.4];

    #[test]
    fn the_two_examples_of_maillard_roncalli_and_teiletche() {
        // Section "Numerical illustrations": equal correlations give 48%, 24%, 16%, 12%, whatever they are.
        for equal in [0.0, 0.5, 0.9] {
            let matrix: Vec<f64> = (0..16).map(|at| if at % 5 == 0 { 1.0 } else { equal }).collect();
            near(&of_matrix(&VOLATILITIES, &matrix), &[0.48, 0.24, 0.16, 0.12], 1e-9);
        }
        // And with the correlations above 38.4%, 19.2%, 24.3%, 18.2%, at a volatility of 10.3%.
        let weights = of_matrix(&VOLATILITIES, &PAPER);
        near(&weights, &[0.384, 0.192, 0.243, 0.182], 5e-4);
        let covariance = |i: usize, j: usize| PAPER[i * 4 + j] * VOLATILITIES[i] * VOLATILITIES[j];
        let marginal = |i: usize| (0..4).map(|j| covariance(i, j) * weights[j]).sum::<f64>();
        let contributions: Vec<f64> = weights.iter().enumerate().map(|(i, weight)| weight * marginal(i)).collect();
        let variance: f64 = contributions.iter().sum();
        assert!((variance.sqrt() - 0.103).abs() < 5e-4);
        near(&contributions, &[variance / 4.0; 4], 1e-9);
    }

    #[test]
    fn two_members_are_weighed_by_inverse_volatility_whatever_their_correlation() {
        // Changes of 1% and 2% around their means: weights 2/3 and 1/3.
        let (calm, wild) = ([0.01, -0.01, 0.01, -0.01], [0.02, -0.02, -0.02, 0.02]);
        near(&weights(&[&calm, &wild]), &[2.0 / 3.0, 1.0 / 3.0], 1e-12);
        let (same, slanted) = ([0.02, -0.02, 0.02, -0.02], [0.02, -0.02, 0.02, -0.01]);
        near(&weights(&[&calm, &same]), &[2.0 / 3.0, 1.0 / 3.0], 1e-12);
        let deviation = |row: &[f64; 4]| {
            let mean = row.iter().sum::<f64>() / 4.0;
            row.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>().sqrt()
        };
        let (a, b) = (1.0 / deviation(&calm), 1.0 / deviation(&slanted));
        near(&weights(&[&calm, &slanted]), &[a / (a + b), b / (a + b)], 1e-12);
    }

    #[test]
    fn who_cannot_be_weighed_gets_nothing_and_does_not_count() {
        let calm = [0.01, -0.01, 0.01, -0.01];
        let missing = [0.01, f64::NAN, 0.01, -0.01];
        let still = [0.0; 4];
        let steady = [0.1, 0.1, 0.1, 0.1];
        assert_eq!(weights(&[&missing, &calm, &still, &steady]), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(weights(&[&missing, &still]), [0.0, 0.0]);
        assert_eq!(weights(&[&[0.01], &[0.02]]), [0.0, 0.0]);
        assert_eq!(weights(&[]), [0.0; 0]);
    }

    #[test]
    fn perfect_hedges_end_after_the_bound_with_finite_weights() {
        // Opposite moves: any size of the pair contributes nothing, so the rounds do not end by themselves. The two
        // drift apart from proportion by about one part in the number of rounds.
        let (up, down) = ([0.01, -0.01, 0.02, -0.01], [-0.02, 0.02, -0.04, 0.02]);
        near(&weights(&[&up, &down]), &[2.0 / 3.0, 1.0 / 3.0], 1e-3);
    }

    proptest! {
        /// More members than bars as well, where the covariance is singular.
        #[test]
        fn contributions_are_equal(rows in prop::collection::vec(prop::collection::vec(-0.05..0.05f64, 12), 2..9)) {
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let weights = weights(&rows);
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let moves: Vec<f64> =
                (0..12).map(|bar| rows.iter().zip(&weights).map(|(row, weight)| row[bar] * weight).sum()).collect();
            let mean = moves.iter().sum::<f64>() / 12.0;
            let parts: Vec<f64> = rows
                .iter()
                .zip(&weights)
                .map(|(row, weight)| {
                    let own = row.iter().sum::<f64>() / 12.0;
                    weight * row.iter().zip(&moves).map(|(x, all)| (x - own) * (all - mean)).sum::<f64>()
                })
                .collect();
            let total: f64 = parts.iter().sum();
            for part in parts {
                prop_assert!((part / total * rows.len() as f64 - 1.0).abs() < 1e-6, "{part} of {total}");
            }
        }
    }
}
