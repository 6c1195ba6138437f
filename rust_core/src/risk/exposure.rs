//! What the account would hold in the worst case, before the order asks for more.
//!
//! Values are exact: (millionths of a dollar) x (millionths of a share) is a picodollar, and sums stay in `i128`.
//! Every opening order counts as filled, on either side of a symbol, because which fill first is not known.

use super::fraction::Fraction;
use super::{AccountView, Candidate, Holding};
use crate::units::{MICRO, Money, Price, Shares, Side};

/// Picodollars.
pub(super) type Pico = i128;

/// What shares are worth, without rounding.
pub(super) fn value(quantity: Shares, price: Price) -> Pico {
    i128::from(quantity.0.unsigned_abs()) * i128::from(price.0)
}

pub(super) fn pico(money: Money) -> Pico {
    i128::from(money.0) * i128::from(MICRO)
}

/// `part` of `whole`, times a billion on both sides of a comparison.
pub(super) fn share_of(part: Fraction, whole: Money) -> i128 {
    i128::from(part.0).saturating_mul(pico(whole))
}

/// Scales a value to compare it with [`share_of`].
pub(super) fn scaled(value: Pico) -> i128 {
    value.saturating_mul(i128::from(Fraction::ONE.0))
}

/// The account in the worst case, without the order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Exposure {
    /// Shares and value in the order's symbol on the order's side.
    pub symbol_shares: Shares,
    pub symbol: Pico,
    /// Holdings and opening orders of the order's sector, those of unknown sector included.
    pub sector: Pico,
    /// Holdings after exits that book first, and opening orders.
    pub gross: Pico,
    /// Holdings as if no exit were filled, and opening orders.
    pub gross_without_exits: Pico,
    /// Cash after all that, without the proceeds of shorts.
    pub free_cash: Pico,
    /// Cost of working purchases that open.
    pub committed: Pico,
    /// Symbols held or about to be, without the order's.
    pub other_symbols: usize,
    /// A price that is not positive was met.
    pub mark_missing: bool,
}

impl Exposure {
    /// Sums the account up for an order; `closing` of it reduces the holding before the rest adds.
    pub fn of(view: &AccountView, order: &Candidate, closing: Shares) -> Self {
        let mut sum = Self { free_cash: pico(view.cash), ..Self::default() };
        let leaving = leaving(view);
        for holding in view.holdings {
            sum.hold(holding, &leaving, order, closing);
        }
        let mut opened: Vec<usize> = Vec::new();
        for working in view.working.iter().filter(|w| w.opens) {
            let worth = value(working.quantity, working.price);
            sum.mark_missing |= working.price.0 <= 0 || working.quantity.0 <= 0;
            sum.gross += worth;
            sum.gross_without_exits += worth;
            if may_share_sector(working.sector, order) {
                sum.sector += worth;
            }
            if working.side == Side::Buy {
                sum.free_cash -= worth;
                sum.committed += worth;
            }
            if working.symbol != order.symbol {
                opened.push(working.symbol);
            } else if working.side == order.side {
                sum.symbol += worth;
                sum.symbol_shares += working.quantity;
            }
        }
        if !opened.is_empty() {
            opened.sort_unstable();
            opened.dedup();
            let held = |symbol: usize| view.holdings.iter().any(|h| h.symbol == symbol && stays(h, &leaving) != 0);
            sum.other_symbols += opened.into_iter().filter(|&symbol| !held(symbol)).count();
        }
        sum
    }

    fn hold(&mut self, holding: &Holding, leaving: &[(usize, i64)], order: &Candidate, closing: Shares) {
        let own = holding.symbol == order.symbol;
        let whole = Shares(holding.quantity.0.abs());
        let mut stays = Shares(stays(holding, leaving));
        if own {
            stays.0 = (stays.0 - closing.0).max(0);
        }
        if whole.0 == 0 {
            return;
        }
        self.mark_missing |= holding.mark.0 <= 0;
        let (before, after) = (value(whole, holding.mark), value(stays, holding.mark));
        self.gross += after;
        self.gross_without_exits += before;
        if may_share_sector(holding.sector, order) {
            self.sector += after;
        }
        if holding.quantity.0 > 0 {
            self.free_cash += before - after;
        } else {
            // The cash of a short sale is owed: buying back costs what leaves the debt.
            self.free_cash -= before;
        }
        if own && holding.quantity.0.signum() == order.side.sign() {
            self.symbol += after;
            self.symbol_shares += stays;
        } else if !own && stays.0 > 0 {
            self.other_symbols += 1;
        }
    }
}

/// A holding of unknown sector may belong to the order's.
fn may_share_sector(sector: Option<usize>, order: &Candidate) -> bool {
    sector.is_none() || sector == order.sector
}

/// Shares per symbol that exits book first, in millionths, by symbol.
fn leaving(view: &AccountView) -> Vec<(usize, i64)> {
    let exits = view.working.iter().filter(|w| w.books_first && !w.opens);
    let mut leaving: Vec<(usize, i64)> = exits.map(|w| (w.symbol, w.quantity.0.max(0))).collect();
    leaving.sort_unstable();
    leaving.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    leaving
}

/// What is left of a holding once exits that book first are filled, in millionths.
fn stays(holding: &Holding, leaving: &[(usize, i64)]) -> i64 {
    let whole = holding.quantity.0.abs();
    match leaving.binary_search_by_key(&holding.symbol, |&(symbol, _)| symbol) {
        Ok(at) => leaving.get(at).map_or(whole, |&(_, quantity)| (whole - quantity).max(0)),
        Err(_) => whole,
    }
}
