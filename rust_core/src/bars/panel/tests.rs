//! What a panel accepts and where it puts it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::calendar::{DAY_NS, MINUTE_NS, days_from_civil, session_open_ns};

/// Rows of (symbol code, stamp); every price 10, volume 5.
struct Rows {
    names: Vec<String>,
    code: Vec<u32>,
    ts_ns: Vec<i64>,
    columns: [Vec<f64>; 5],
}

impl Rows {
    fn new(names: &[&str], rows: &[(u32, i64)]) -> Self {
        let price = vec![10.0; rows.len()];
        Self {
            names: names.iter().map(|name| name.to_string()).collect(),
            code: rows.iter().map(|row| row.0).collect(),
            ts_ns: rows.iter().map(|row| row.1).collect(),
            columns: [price.clone(), price.clone(), price.clone(), price, vec![5.0; rows.len()]],
        }
    }

    fn panel(&self, daily: bool) -> Result<Panel<'_>> {
        let [open, high, low, close, volume] = &self.columns;
        let columns = LongColumns {
            names: &self.names,
            code: &self.code,
            ts_ns: &self.ts_ns,
            open,
            high,
            low,
            close,
            volume,
            adjusted_only: &[],
        };
        Panel::from_long(&columns, &[], daily)
    }
}

fn days(from: i64, count: i64) -> Vec<(u32, i64)> {
    (from..from + count).map(|day| (0, day * DAY_NS)).collect()
}

#[test]
fn one_symbol_lends_its_stamps_and_prices() {
    let rows = Rows::new(&["A"], &days(100, 5));
    let panel = rows.panel(true).unwrap();
    assert!(matches!(panel.timeline.ts_ns, Cow::Borrowed(_)));
    assert!(matches!(panel.symbols[0].close, Cow::Borrowed(_)));
    assert_eq!(panel.timeline.dates, [100, 101, 102, 103, 104]);
    assert_eq!(panel.symbols[0].placement, Placement::Dense { first: 0 });
}

#[test]
fn the_timeline_is_the_union_of_all_stamps() {
    let rows = [(1, 1), (1, 3), (1, 4), (0, 2), (0, 3), (0, 4), (2, 4)].map(|(code, day)| (code, day * DAY_NS));
    let rows = Rows::new(&["B", "C", "A"], &rows);
    let panel = rows.panel(true).unwrap();
    assert_eq!(panel.timeline.dates, [1, 2, 3, 4]);
    let names: Vec<&str> = panel.symbols.iter().map(|bars| bars.symbol.as_str()).collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(panel.symbols[0].placement, Placement::Dense { first: 3 });
    assert_eq!(panel.symbols[1].placement, Placement::Dense { first: 1 });
    let gap = Placement::Sparse { step_of: vec![0, 2, 3], bar_at: vec![0, NO_BAR, 1, 2] };
    assert_eq!(panel.symbols[2].placement, gap);
}

#[test]
fn intraday_sessions_are_new_york_dates() {
    let (monday, tuesday) = (days_from_civil(2026, 3, 2), days_from_civil(2026, 3, 3));
    let open = session_open_ns(monday);
    // 19:30 New York time on Monday is already Tuesday in UTC.
    let stamps = [open, open + MINUTE_NS, open + 600 * MINUTE_NS, session_open_ns(tuesday)];
    let rows = Rows::new(&["A"], &stamps.map(|ts| (0, ts)));
    let panel = rows.panel(false).unwrap();
    assert_eq!(*panel.timeline.session, [0, 0, 0, 1]);
    assert_eq!(panel.timeline.dates, [monday, tuesday]);
    assert!(rows.panel(true).is_err(), "no daily bar is stamped at the open");
}

/// Every bad number in every column, at the start, at the end of a piece and at the end, is found and named.
#[test]
fn bad_bars_are_named_by_symbol_and_row() {
    for row in [0, PIECE - 1, PIECE, PIECE + 9] {
        for (column, bad) in (0..5)
            .flat_map(|column| [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, -0.0].map(|bad| (column, bad)))
        {
            let mut rows = Rows::new(&["A"], &days(0, PIECE as i64 + 10));
            rows.columns[column][row] = bad;
            let found = rows.panel(true).map(|_| ());
            if column == 4 && bad == 0.0 {
                assert_eq!(found, Ok(()), "a volume may be 0");
                continue;
            }
            let Err(EngineError::Data { what, index, problem }) = found else { panic!("{bad} in column {column}") };
            assert_eq!((what.as_str(), index), ("bar of A", row));
            let name = ["open", "high", "low", "close", "volume"][column];
            assert!(problem.starts_with(name), "{problem}");
        }
    }
}

#[test]
fn inconsistent_bars_are_refused() {
    // A close of 10.5 lies above the high of 10, one of 9.5 below the low; a low of 11 above the high.
    for (column, value, problem) in [(3, 10.5, "high 10"), (3, 9.5, "low 10"), (0, 9.0, "low 10"), (2, 11.0, "high 10")]
    {
        let mut rows = Rows::new(&["A"], &days(0, 3));
        rows.columns[column][1] = value;
        let Err(EngineError::Data { index: 1, problem: found, .. }) = rows.panel(true) else { panic!("{column}") };
        assert!(found.starts_with(problem), "{found}");
    }
}

#[test]
fn stamps_increase_and_symbols_stand_together() {
    let mut rows = Rows::new(&["A"], &days(0, PIECE as i64 + 2));
    rows.ts_ns[PIECE] = rows.ts_ns[PIECE - 1];
    let Err(EngineError::Data { index, .. }) = rows.panel(true) else { panic!("a stamp is there twice") };
    assert_eq!(index, PIECE);
    let apart = Rows::new(&["A", "B"], &[(0, 0), (1, 0), (0, DAY_NS)]);
    assert!(matches!(apart.panel(true), Err(EngineError::Shape { .. })));
    let unknown = Rows::new(&["A"], &[(7, 0)]);
    assert!(matches!(unknown.panel(true), Err(EngineError::Shape { .. })));
    let twice = Rows::new(&["A", "A"], &[(0, 0), (1, 0)]);
    assert!(matches!(twice.panel(true), Err(EngineError::Shape { .. })));
    let mut short = Rows::new(&["A"], &days(0, 3));
    short.columns[4].pop();
    assert!(matches!(short.panel(true), Err(EngineError::Shape { .. })));
    assert!(Rows::new(&["A"], &[]).panel(true).unwrap().symbols.is_empty());
}

#[test]
fn stamps_at_the_ends_of_time_are_compared_exactly() {
    let far = Rows::new(&["A"], &[(0, i64::MIN), (0, -1), (0, i64::MAX)]);
    assert!(check(&columns_of(&far)).is_ok());
    let wrapped = Rows::new(&["A"], &[(0, i64::MAX), (0, i64::MIN)]);
    assert!(check(&columns_of(&wrapped)).is_err());
}

fn columns_of(rows: &Rows) -> SymbolColumns<'_> {
    let [open, high, low, close, volume] = &rows.columns;
    SymbolColumns {
        symbol: "A".into(),
        ts_ns: &rows.ts_ns,
        open,
        high,
        low,
        close,
        volume,
        quotes: None,
        actions: Vec::new(),
        adjusted_only: false,
        first_row: 0,
    }
}

#[test]
fn rows_are_counted_in_the_callers_table() {
    let mut rows = Rows::new(&["B", "A"], &[(0, 0), (0, DAY_NS), (1, 0), (1, DAY_NS)]);
    rows.columns[0][3] = f64::NAN;
    let Err(EngineError::Data { what, index, .. }) = rows.panel(true) else { panic!("a price is missing") };
    assert_eq!((what.as_str(), index), ("bar of A", 3));
}

#[test]
fn quotes_are_lent_and_a_quote_that_cannot_be_is_named_with_its_row() {
    let rows = Rows::new(&["A"], &days(0, 3));
    let panel = |bid: &[f64], ask: &[f64]| {
        let quotes = Quotes { bid: Cow::Owned(bid.to_vec()), ask: Cow::Owned(ask.to_vec()) };
        Panel::from_symbols(vec![SymbolColumns { quotes: Some(quotes), first_row: 7, ..columns_of(&rows) }], true)
    };
    // Locked, one-sided and missing quotes are quotes.
    assert!(panel(&[9.0, 10.0, f64::NAN], &[10.0, f64::NAN, f64::NAN]).unwrap().symbols[0].quotes.is_some());
    assert!(matches!(panel(&[9.0; 2], &[10.0; 3]), Err(EngineError::Shape { .. })));
    let mut named = Vec::new();
    for (bid, ask) in [(10.0, 9.0), (0.0, 9.0), (-1.0, 9.0), (9.0, f64::INFINITY)] {
        let Err(EngineError::Data { index, problem, .. }) = panel(&[9.0, 9.0, bid], &[9.0, 9.0, ask]) else {
            panic!("a quote of {bid} to {ask}")
        };
        named.push((index, problem));
    }
    assert!(named.iter().all(|(row, _)| *row == 9));
    assert_eq!(named[0].1, "bid 10 is above ask 9");
    assert_eq!(named[3].1, "ask is inf; a quote is finite and above 0");
}
