//! A plain account and order for tests: $100,000 in cash, nothing held, 100 shares at $50.

use crate::risk::{
    AccountView, Action, Candidate, Code, DayTrades, Fraction, Holding, Policy, Verdict, Waived, Working, assess,
};
use crate::units::{Money, Price, Shares, Side};

pub fn usd(dollars: i64) -> Money {
    Money(dollars * 1_000_000)
}

pub fn price(dollars: i64) -> Price {
    Price(dollars * 1_000_000)
}

pub fn buy(shares: i64, dollars: i64) -> Candidate {
    Candidate {
        symbol: 0,
        side: Side::Buy,
        quantity: Shares::whole(shares),
        price: price(dollars),
        stop_price: None,
        opens: true,
        sector: Some(0),
        close: price(dollars),
        strategy_cap_frac: None,
        lot: Shares::ONE,
    }
}

pub fn account(day_trades: &DayTrades) -> AccountView<'_> {
    AccountView {
        date: 12_000,
        session: 100,
        equity: usd(100_000),
        cash: usd(100_000),
        unsettled: None,
        previous_close_equity: usd(100_000),
        high_water: usd(100_000),
        holdings: &[],
        working: &[],
        orders_today: 0,
        vix: None,
        data_age_s: None,
        drift_frac: None,
        operator_age_h: None,
        drawdown_halt: false,
        killed: false,
        day_trades,
    }
}

/// A fraction in basis points.
pub fn bps(points: i64) -> Option<Fraction> {
    Some(Fraction(points * 100_000))
}

pub fn sell(shares: i64, dollars: i64) -> Candidate {
    Candidate { side: Side::Sell, ..buy(shares, dollars) }
}

/// A sale of what is held.
pub fn exit(shares: i64, dollars: i64) -> Candidate {
    Candidate { opens: false, ..sell(shares, dollars) }
}

pub fn held(symbol: usize, shares: i64, dollars: i64) -> Holding {
    let (quantity, mark) = (Shares::whole(shares), price(dollars));
    Holding { symbol, quantity, mark, sector: Some(symbol), opened_session: 1 }
}

pub fn working(symbol: usize, side: Side, shares: i64, dollars: i64) -> Working {
    let (quantity, price) = (Shares::whole(shares), price(dollars));
    Working { symbol, side, quantity, price, opens: true, books_first: false, sector: Some(symbol) }
}

/// A market order for the next open that closes.
pub fn leaving(symbol: usize, side: Side, shares: i64, dollars: i64) -> Working {
    Working { opens: false, books_first: true, ..working(symbol, side, shares, dollars) }
}

pub fn judge(policy: &Policy, view: &AccountView, order: &Candidate) -> Verdict {
    assess(policy, &Waived::default(), view, order)
}

/// The code and the whole shares that are admitted.
pub fn outcome(policy: &Policy, view: &AccountView, order: &Candidate) -> (Code, i64) {
    let verdict = judge(policy, view, order);
    assert_eq!(verdict.action == Action::Reject, verdict.admitted == Shares::ZERO);
    assert_eq!(verdict.step, verdict.code.step());
    (verdict.code, verdict.admitted.0 / 1_000_000)
}

/// Asserts that `code` refuses the plain purchase outright, and that an exit still passes.
pub fn assert_blocks_entries_only(policy: &Policy, view: &AccountView, code: Code) {
    assert_eq!(outcome(policy, view, &buy(100, 50)), (code, 0));
    let holdings = [held(0, 100, 50)];
    let holding = AccountView { holdings: &holdings, ..*view };
    assert_eq!(outcome(policy, &holding, &exit(100, 50)), (Code::WithinLimits, 100));
}

pub fn assert_passes(policy: &Policy, view: &AccountView) {
    assert_eq!(outcome(policy, view, &buy(100, 50)), (Code::WithinLimits, 100));
}
