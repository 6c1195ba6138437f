//! Half of the Kelly fraction, from the strategy's own closed round trips and a declared prior.

use super::{MethodDoc, SizingInputs, slot};

pub const DOC: MethodDoc = MethodDoc {
    name: "half_kelly",
    summary: "Half of the fraction that would have let capital grow fastest, shared among the positions.",
    formula: "f = p - (1 - p) / b; weight = max(f / 2, floor) / n. p is the share of winners and b the mean win over \
              the mean loss, net of costs, of the strategy's round trips closed before the decision, with the prior \
              added as `prior.trades` pseudo-trades: `prior.win_rate` of them win, each `prior.payoff` times the mean \
              loss. n is `max_positions`, or the number of members without it",
    inputs: "prior.trades, prior.win_rate, prior.payoff, min_trades, floor, max_positions",
    edge_cases: "With fewer than `min_trades` closed round trips the prior stands alone. Without a single measured loss \
                 there is nothing to measure a win by, so b is the prior's. Without a prior and under `min_trades`, \
                 or with f under zero, the floor stands. A round trip that ends at zero counts as a loss.",
    source: "J. L. Kelly, A New Interpretation of Information Rate, Bell System Technical Journal 35 (1956); half of it: \
             E. O. Thorp, The Kelly Criterion in Blackjack, Sports Betting and the Stock Market (2006)",
};

/// Round trips closed before the decision, net of costs. `mean_loss` is positive.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct KellyStats {
    pub trades: u32,
    pub wins: u32,
    pub mean_win: f64,
    pub mean_loss: f64,
}

/// What is believed before the first trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// How many trades the belief is worth.
    pub trades: f64,
    pub win_rate: f64,
    /// Mean win over mean loss.
    pub payoff: f64,
}

pub fn weight(prior: &Prior, min_trades: u32, floor: f64, inputs: &SizingInputs) -> Option<f64> {
    let measured = if inputs.kelly.trades < min_trades { KellyStats::default() } else { inputs.kelly };
    let half = fraction(prior, &measured).map_or(floor, |f| f / 2.0);
    let weight = if half > floor { half } else { floor };
    Some(weight * slot(inputs)?)
}

/// The Kelly fraction f = p - (1 - p) / b; `None` where there is nothing to reckon it from.
pub fn fraction(prior: &Prior, measured: &KellyStats) -> Option<f64> {
    let trades = prior.trades + f64::from(measured.trades);
    let (prior_wins, wins) = (prior.trades * prior.win_rate, f64::from(measured.wins));
    if trades == 0.0 {
        return None;
    }
    let win_rate = (prior_wins + wins) / trades;
    // Wins in units of the mean loss, which the prior's losses share.
    let payoff = match measured.wins > 0 && measured.mean_loss > 0.0 {
        true => (prior_wins * prior.payoff + wins * measured.mean_win / measured.mean_loss) / (prior_wins + wins),
        false => prior.payoff,
    };
    let fraction = win_rate - (1.0 - win_rate) / payoff;
    fraction.is_finite().then_some(fraction)
}
