//! The stop of a position that brought none.

use super::fraction::Fraction;
use super::policy::Policy;
use crate::units::{Money, Price, Shares, Side};

/// The price at which a position of `quantity` shares, entered at `entry_price`, has lost the policy's share of
/// `equity`: `entry -+ stop_loss * equity / shares`, rounded toward the entry. `side` is the entry's.
///
/// `None` where no stop limit is in force, where the figures are not positive, and for a long position so small that
/// even a price of zero loses less.
pub fn default_stop(policy: &Policy, entry_price: Price, side: Side, quantity: Shares, equity: Money) -> Option<Price> {
    let limit = policy.position_limits.stop_loss_frac?;
    if entry_price.0 <= 0 || quantity.0 == 0 || equity.0 <= 0 {
        return None;
    }
    // Money and shares are both in millionths: (millionths of a dollar) / (millionths of a share) is dollars.
    let loss = i128::from(limit.0) * i128::from(equity.0) * 1_000_000 / i128::from(Fraction::ONE.0);
    let distance = i64::try_from(loss / i128::from(quantity.0.unsigned_abs())).ok()?;
    let stop = match side {
        Side::Buy => entry_price.0.checked_sub(distance)?,
        Side::Sell => entry_price.0.checked_add(distance)?,
    };
    (stop > 0 && distance > 0).then_some(Price(stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_at_the_default_stop_is_the_limit() {
        let mut policy = Policy::unlimited();
        let long = |policy: &Policy, shares| {
            default_stop(policy, Price(50_000_000), Side::Buy, Shares::whole(shares), Money(100_000_000_000))
        };
        assert_eq!(long(&policy, 100), None);
        policy.position_limits.stop_loss_frac = Some(Fraction(20_000_000));
        // 2% of $100,000 is $2,000: $20 a share on 100 shares, $2 on 1,000, and on 40 shares the whole $50.
        assert_eq!(long(&policy, 100), Some(Price(30_000_000)));
        assert_eq!(long(&policy, 1_000), Some(Price(48_000_000)));
        assert_eq!(long(&policy, 40), None);
        let short = default_stop(&policy, Price(50_000_000), Side::Sell, Shares::whole(-300), Money(100_000_000_000));
        // $2,000 / 300 = $6.666666.. is cut to the millionth.
        assert_eq!(short, Some(Price(56_666_666)));
    }
}
