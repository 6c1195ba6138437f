//! Quotes beside the bars: the last bid and ask of each, where the data have them.

use crate::units::Side;
use std::borrow::Cow;

/// The last quote of each bar, USD per share, on the basis of the prices beside it. NaN where there is none; a bid may
/// stand without an ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Quotes<'a> {
    pub bid: Cow<'a, [f64]>,
    pub ask: Cow<'a, [f64]>,
}

impl Quotes<'_> {
    /// What a purchase pays or a sale gets that takes the quote of a bar; `None` where there is no quote for it.
    pub fn taken(&self, side: Side, bar: usize) -> Option<f64> {
        let column = match side {
            Side::Buy => &self.ask,
            Side::Sell => &self.bid,
        };
        column.get(bar).copied().filter(|price| !price.is_nan())
    }

    /// The first bar whose quote cannot be, and what is wrong with it in words.
    pub(super) fn problem(&self) -> Option<(usize, String)> {
        let bars = self.bid.iter().zip(self.ask.iter()).enumerate();
        bars.into_iter().find_map(|(bar, (&bid, &ask))| {
            let is_price = |value: f64| value.is_nan() || (value > 0.0 && value < f64::INFINITY);
            let odd = [("bid", bid), ("ask", ask)].into_iter().find(|&(_, value)| !is_price(value));
            let odd = odd.map(|(name, value)| format!("{name} is {value}; a quote is finite and above 0"));
            let crossed = || (bid > ask).then(|| format!("bid {bid} is above ask {ask}"));
            odd.or_else(crossed).map(|problem| (bar, problem))
        })
    }
}
