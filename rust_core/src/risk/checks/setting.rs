//! A plain account and order for tests: $100,000 in cash, nothing held, 100 shares at $50.

use crate::risk::{AccountView, Candidate, DayTrades};
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
