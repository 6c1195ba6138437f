//! Logarithm, exponential and power, the same bits on every platform.
//!
//! What the standard library offers under these names is the platform's own mathematics, which differs in the last bit
//! between systems and their versions; a result that hangs on it could not be told from a changed one. These are the
//! functions of `libm`, plain arithmetic in Rust. `clippy.toml` refuses the others. Square roots, remainders and
//! roundings are exact by IEEE 754 and need no page here.

/// Natural logarithm, within one unit of the last place.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// e to the power of `x`, within one unit of the last place.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `base` to the power of `exponent`.
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The doubles nearest to values computed in decimal arithmetic of 60 digits, of the exact bases and exponents.
    const LN_OF_1_01: f64 = 0.009950330853168092;
    const E_TO_MINUS_1: f64 = 0.36787944117144233;
    const E_TO_10: f64 = 22026.465794806718;
    const P_1_1_252: f64 = 26974702267.758556;
    const P_0_9_THIRD: f64 = 0.9654893846056297;

    #[test]
    fn the_last_bit_is_the_nearest_one_or_its_neighbour() {
        let near = |found: f64, exact: f64| (found.to_bits() as i64 - exact.to_bits() as i64).abs() <= 1;
        // ln 2, ln 10, ln 1.01; e, e^-1, e^10; 2^0.5, 1.1^252, 0.9^(1/3).
        for (x, exact) in [(2.0, std::f64::consts::LN_2), (10.0, std::f64::consts::LN_10), (1.01, LN_OF_1_01)] {
            assert!(near(ln(x), exact), "ln {x}");
        }
        for (x, exact) in [(1.0, std::f64::consts::E), (-1.0, E_TO_MINUS_1), (10.0, E_TO_10)] {
            assert!(near(exp(x), exact), "exp {x}");
        }
        let powers = [(2.0, 0.5, std::f64::consts::SQRT_2), (1.1, 252.0, P_1_1_252), (0.9, 1.0 / 3.0, P_0_9_THIRD)];
        for (base, exponent, exact) in powers {
            assert!(near(pow(base, exponent), exact), "{base} to the power of {exponent}");
        }
    }

    #[test]
    fn edges_are_those_of_the_standard() {
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan() && exp(f64::NAN).is_nan());
        assert_eq!([exp(0.0), exp(f64::NEG_INFINITY), exp(710.0)], [1.0, 0.0, f64::INFINITY]);
        assert_eq!([pow(7.0, 0.0), pow(-2.0, 3.0), pow(2.0, -2.0), pow(0.0, 2.0)], [1.0, -8.0, 0.25, 0.0]);
        assert!(pow(-8.0, 1.0 / 3.0).is_nan());
    }
}
