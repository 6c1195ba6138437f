//! From a weight to shares.

use crate::units::{MICRO, Money, Price, Shares};

/// The shares that `weight` of `equity` pays for at `price`, rounded toward zero: to a multiple of `round_lot` whole
/// shares, or to a millionth when `fractional`. The amount is rounded half to even to a millionth of a dollar first,
/// so that a third of $300 buys ten shares at $10. A negative weight gives a negative quantity.
///
/// Zero where equity or price is not above zero or the weight is not a finite number.
pub fn shares(weight: f64, equity: Money, price: Price, fractional: bool, round_lot: u32) -> Shares {
    let amount = match Money::from_f64(weight * equity.to_f64()) {
        Some(amount) if equity.0 > 0 && price.0 > 0 => amount,
        _ => return Shares::ZERO,
    };
    let step = if fractional { 1 } else { i64::from(round_lot.max(1)) * MICRO };
    let exact = match amount.0.checked_mul(MICRO) {
        // Nearly every amount fits: 64 bits divide many times faster than 128.
        Some(scaled) => scaled / price.0,
        None => i64::try_from(i128::from(amount.0) * i128::from(MICRO) / i128::from(price.0)).unwrap_or(0),
    };
    Shares(exact / step * step)
}
