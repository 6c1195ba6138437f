//! Panels from columns: checked in one pass, placed on one timeline, prices borrowed.

#[cfg(test)]
mod tests;

use super::{Action, NO_BAR, Panel, Placement, Quotes, SymbolBars, Timeline, leading};
use crate::calendar::{date_of_utc_midnight, new_york_date, new_york_midnight_ns};
use crate::error::{EngineError, Result};
use crate::parallel;
use std::borrow::Cow;
use std::ops::Range;

/// Rows checked at a time; a failing piece is looked at again to name the row.
const PIECE: usize = 4096;

/// Bars of many symbols one below the other, without quotes: all rows of a symbol together, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct LongColumns<'a> {
    /// Symbol of each code, in any order.
    pub names: &'a [String],
    /// Code of each row.
    pub code: &'a [u32],
    /// Nanoseconds since 1970 UTC: midnight of the date for a daily bar, the start of the bar otherwise.
    pub ts_ns: &'a [i64],
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub volume: &'a [f64],
    /// By code, whether only adjusted prices exist; may be shorter than `names` (false).
    pub adjusted_only: &'a [bool],
}

/// One symbol's columns before they are checked.
#[derive(Debug, Clone)]
pub struct SymbolColumns<'a> {
    pub symbol: String,
    pub ts_ns: &'a [i64],
    pub open: &'a [f64],
    pub high: &'a [f64],
    pub low: &'a [f64],
    pub close: &'a [f64],
    pub volume: &'a [f64],
    pub quotes: Option<Quotes<'a>>,
    pub actions: Vec<DatedAction>,
    pub adjusted_only: bool,
    /// Row of the first bar in the caller's table, for messages.
    pub first_row: usize,
}

/// A corporate action by date: in force from the first bar stamped at or after `ts_ns`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedAction {
    /// Code of the symbol in `LongColumns::names`.
    pub symbol: u32,
    pub ts_ns: i64,
    /// New shares per old share; 1 for a dividend.
    pub split: f64,
    /// Cash per share, dollars on the basis after `split`; 0 for a split.
    pub dividend: f64,
}

impl<'a> Panel<'a> {
    /// Builds a panel from rows that stand symbol by symbol. Prices are borrowed, never copied.
    ///
    /// # Errors
    /// `Shape` for columns of different lengths, an unknown code or a symbol whose rows are apart; `Data` for a bad
    /// stamp, price, volume or corporate action, with symbol and row.
    pub fn from_long(columns: &LongColumns<'a>, actions: &[DatedAction], daily: bool) -> Result<Self> {
        let rows = columns.code.len();
        let lengths = [columns.open, columns.high, columns.low, columns.close, columns.volume].map(<[f64]>::len);
        if columns.ts_ns.len() != rows || lengths.iter().any(|&length| length != rows) {
            return Err(shape(
                "bar columns",
                format!("{rows} codes, {} stamps, {lengths:?} values", columns.ts_ns.len()),
            ));
        }
        let mut symbols: Vec<Option<SymbolColumns<'a>>> = columns.names.iter().map(|_| None).collect();
        let mut start = 0;
        while start < rows {
            let code = columns.code[start];
            let end = start + run_length(&columns.code[start..], code);
            let name = columns.names.get(code as usize);
            let name = name.ok_or_else(|| shape("symbol codes", format!("row {start} has the unknown code {code}")))?;
            let slot = &mut symbols[code as usize];
            if slot.is_some() {
                return Err(shape("bar columns", format!("the rows of {name} are apart: again at row {start}")));
            }
            *slot = Some(SymbolColumns {
                symbol: name.clone(),
                ts_ns: &columns.ts_ns[start..end],
                open: &columns.open[start..end],
                high: &columns.high[start..end],
                low: &columns.low[start..end],
                close: &columns.close[start..end],
                volume: &columns.volume[start..end],
                quotes: None,
                actions: actions.iter().filter(|action| action.symbol == code).copied().collect(),
                adjusted_only: columns.adjusted_only.get(code as usize).copied().unwrap_or(false),
                first_row: start,
            });
            start = end;
        }
        Self::from_symbols(symbols.into_iter().flatten().collect(), daily)
    }

    /// Builds a panel from one block of columns per symbol, in any order; symbols without rows are left out.
    ///
    /// # Errors
    /// As `from_long`.
    pub fn from_symbols(mut symbols: Vec<SymbolColumns<'a>>, daily: bool) -> Result<Self> {
        symbols.retain(|columns| !columns.ts_ns.is_empty());
        symbols.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        if let Some(twice) = symbols.windows(2).find(|pair| pair[0].symbol == pair[1].symbol) {
            return Err(shape("symbols", format!("{} is there twice", twice[0].symbol)));
        }
        // In name order, so that of several bad symbols the same one is named at any number of threads.
        let bars = symbols.iter().map(|columns| columns.ts_ns.len()).sum();
        parallel::map(symbols.iter().collect(), bars, |_, columns| check(columns))
            .into_iter()
            .collect::<Result<()>>()?;
        let (union, steps) = union_of_stamps(&symbols);
        let timeline = timeline(union, daily)?;
        let symbols = symbols.into_iter().zip(steps).collect();
        let symbols = parallel::map(symbols, bars, |_, (columns, steps)| place(columns, steps, &timeline)).into_iter();
        let symbols = symbols.collect::<Result<Vec<_>>>()?;
        Ok(Self { timeline, symbols })
    }
}

fn shape(what: &str, problem: String) -> EngineError {
    EngineError::Shape { what: what.into(), problem }
}

/// How many leading codes are `code`.
fn run_length(codes: &[u32], code: u32) -> usize {
    let whole = codes.chunks(PIECE).take_while(|piece| piece.iter().fold(0, |any, c| any | (c ^ code)) == 0).count();
    let from = (whole * PIECE).min(codes.len());
    from + codes[from..].iter().take_while(|&&c| c == code).count()
}

/// Checks one symbol's rows.
fn check(columns: &SymbolColumns) -> Result<()> {
    let bars = columns.ts_ns.len();
    let all = [columns.open, columns.high, columns.low, columns.close, columns.volume];
    if all.iter().any(|column| column.len() != bars) {
        return Err(shape(&format!("bars of {}", columns.symbol), "columns of different lengths".into()));
    }
    columns.quotes.as_ref().map_or(Ok(()), |quotes| check_quotes(columns, quotes))?;
    let bad = parallel::find_first(bars, PIECE, |rows| {
        if is_sound_piece(columns.ts_ns, all, rows.clone(), [f64::MAX; 2]) {
            return None;
        }
        rows.into_iter().find_map(|bar| problem_of(columns, bar).map(|problem| (bar, problem)))
    });
    bad.map_or(Ok(()), |(bar, problem)| {
        let what = format!("bar of {}", columns.symbol);
        Err(EngineError::Data { what, index: columns.first_row + bar, problem })
    })
}

fn check_quotes(columns: &SymbolColumns, quotes: &Quotes<'_>) -> Result<()> {
    if [quotes.bid.len(), quotes.ask.len()] != [columns.ts_ns.len(); 2] {
        return Err(shape(&format!("quotes of {}", columns.symbol), "columns of another length than the bars".into()));
    }
    quotes.problem().map_or(Ok(()), |(bar, problem)| {
        let what = format!("quote of {}", columns.symbol);
        Err(EngineError::Data { what, index: columns.first_row + bar, problem })
    })
}

/// Whether one symbol's bars certainly increase in time and every bar is consistent, with prices and volume up to
/// those in `most`; columns (open, high, low, close, volume) are of one length, else the answer is no.
pub fn are_sound(ts_ns: &[i64], columns: [&[f64]; 5], most: [f64; 2]) -> bool {
    let bars = ts_ns.len();
    columns.iter().all(|column| column.len() == bars)
        && parallel::find_first(bars, PIECE, |rows| (!is_sound_piece(ts_ns, columns, rows, most)).then_some(()))
            .is_none()
}

fn is_sound_piece(ts_ns: &[i64], columns: [&[f64]; 5], rows: Range<usize>, most: [f64; 2]) -> bool {
    let stamps = &ts_ns[rows.start.saturating_sub(1)..rows.end];
    are_consistent(columns.map(|column| &column[rows.clone()]), most) && surely_increase(stamps)
}

/// Whether every bar is finite and consistent. Each test is written so that a missing number fails it; a positive low
/// below and a finite high above the others bound them all.
fn are_consistent([open, high, low, close, volume]: [&[f64]; 5], [price_max, volume_max]: [f64; 2]) -> bool {
    let bars = open.len();
    let (high, low, close, volume) = (&high[..bars], &low[..bars], &close[..bars], &volume[..bars]);
    let mut ok = true;
    for bar in 0..bars {
        let (o, h, l, c) = (open[bar], high[bar], low[bar], close[bar]);
        ok &= (l > 0.0) & (l <= o) & (o <= h) & (l <= c) & (c <= h) & (h <= price_max);
        ok &= (0.0..=volume_max).contains(&volume[bar]);
    }
    ok
}

/// Whether stamps certainly increase, in arithmetic that runs on several at once: false may also mean that they lie
/// so far from 1970 that their difference could overflow.
fn surely_increase(stamps: &[i64]) -> bool {
    let Some((_, later)) = stamps.split_first() else { return true };
    let suspect = stamps.iter().zip(later).fold(0, |any, (&before, &after)| {
        any | after.wrapping_sub(before).wrapping_sub(1) | (before ^ (before << 1)) | (after ^ (after << 1))
    });
    suspect >= 0
}

/// What is wrong with a bar, in words.
fn problem_of(columns: &SymbolColumns, bar: usize) -> Option<String> {
    if bar > 0 && columns.ts_ns[bar] <= columns.ts_ns[bar - 1] {
        return Some(format!("stamp {} does not come after {}", columns.ts_ns[bar], columns.ts_ns[bar - 1]));
    }
    let prices = [("open", columns.open), ("high", columns.high), ("low", columns.low), ("close", columns.close)];
    for (name, column) in prices {
        let value = column[bar];
        if !(value > 0.0 && value < f64::INFINITY) {
            return Some(format!("{name} is {value}; a price is finite and above 0"));
        }
    }
    let (open, high, low, close) = (columns.open[bar], columns.high[bar], columns.low[bar], columns.close[bar]);
    if high < open.max(close).max(low) {
        return Some(format!("high {high} is below open {open}, low {low} or close {close}"));
    }
    if low > open.min(close) {
        return Some(format!("low {low} is above open {open} or close {close}"));
    }
    let volume = columns.volume[bar];
    (!(0.0..f64::INFINITY).contains(&volume)).then(|| format!("volume is {volume}; it is finite and not negative"))
}

/// All stamps of all symbols, borrowed when one symbol has them all, and where each symbol's stand in them.
fn union_of_stamps<'a>(symbols: &[SymbolColumns<'a>]) -> (Cow<'a, [i64]>, Vec<Option<Steps>>) {
    let longest = symbols.iter().map(|columns| columns.ts_ns).max_by_key(|stamps| stamps.len());
    let mut union = Cow::Borrowed(longest.unwrap_or(&[]));
    let mut steps = Vec::with_capacity(symbols.len());
    for columns in symbols {
        let mut own = placed(&union, columns.ts_ns);
        if own.is_none() {
            union = Cow::Owned(merge(&union, columns.ts_ns));
            // Steps found so far have moved.
            steps.iter_mut().for_each(|steps| *steps = None);
            own = placed(&union, columns.ts_ns);
        }
        steps.push(own);
    }
    (union, steps)
}

/// Where `stamps` stand in `union`: the first step when they are dense, all steps when they are not; `None` when some
/// are absent.
fn placed(union: &[i64], stamps: &[i64]) -> Option<Steps> {
    let first = union.partition_point(|ts| ts < stamps.first().unwrap_or(&i64::MAX));
    // The same memory needs no look.
    let is_same = |window: &[i64]| std::ptr::eq(window, stamps) || window == stamps;
    if union.get(first..first + stamps.len()).is_some_and(is_same) {
        return Some(Steps::From(first));
    }
    let mut step = first;
    let mut steps = Vec::with_capacity(stamps.len());
    for ts in stamps {
        while step < union.len() && union[step] < *ts {
            step += 1;
        }
        if union.get(step) != Some(ts) {
            return None;
        }
        steps.push(step as u32);
    }
    Some(Steps::At(steps))
}

enum Steps {
    From(usize),
    At(Vec<u32>),
}

/// Two increasing lists as one, without repeats.
fn merge(a: &[i64], b: &[i64]) -> Vec<i64> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let next = a[i].min(b[j]);
        merged.push(next);
        i += usize::from(a[i] == next);
        j += usize::from(b[j] == next);
    }
    merged.extend_from_slice(&a[i..]);
    merged.extend_from_slice(&b[j..]);
    merged
}

/// Sessions of the stamps: one per step for daily bars, one per New York date for intraday bars.
fn timeline(ts_ns: Cow<'_, [i64]>, daily: bool) -> Result<Timeline<'_>> {
    if ts_ns.len() >= NO_BAR as usize {
        return Err(shape("timeline", format!("{} steps; at most {NO_BAR}", ts_ns.len())));
    }
    let (mut session, mut dates) = (Vec::with_capacity(ts_ns.len()), Vec::new());
    if daily {
        session.extend(0..ts_ns.len() as u32);
        for (index, &ts) in ts_ns.iter().enumerate() {
            let problem = || format!("{ts} is not midnight UTC, with which a daily bar is stamped");
            let date = date_of_utc_midnight(ts);
            dates.push(date.ok_or_else(|| EngineError::Data { what: "stamp".into(), index, problem: problem() })?);
        }
    } else {
        let mut bars = 0;
        while let Some(&ts) = ts_ns.get(session.len()) {
            let date = new_york_date(ts);
            let midnight = new_york_midnight_ns(date + 1);
            // Most sessions have as many bars as the one before.
            bars = leading(&ts_ns[session.len()..], bars, |&ts| ts < midnight).max(1);
            session.resize(session.len() + bars, dates.len() as u32);
            dates.push(date);
        }
    }
    Ok(Timeline { ts_ns, session: Cow::Owned(session), dates, daily })
}

/// Puts checked columns on the timeline, at `steps` where these are known already, and computes their forward prices.
fn place<'a>(columns: SymbolColumns<'a>, steps: Option<Steps>, timeline: &Timeline) -> Result<SymbolBars<'a>> {
    let placement = match steps.or_else(|| placed(&timeline.ts_ns, columns.ts_ns)) {
        Some(Steps::From(first)) => Placement::Dense { first },
        Some(Steps::At(step_of)) => {
            let mut bar_at = vec![NO_BAR; timeline.len()];
            for (bar, &step) in step_of.iter().enumerate() {
                bar_at[step as usize] = bar as u32;
            }
            Placement::Sparse { step_of, bar_at }
        }
        None => return Err(shape(&format!("stamps of {}", columns.symbol), "absent from the timeline".into())),
    };
    let actions = by_bar(columns.actions, columns.ts_ns);
    let mut bars = SymbolBars {
        symbol: columns.symbol,
        open: Cow::Borrowed(columns.open),
        high: Cow::Borrowed(columns.high),
        low: Cow::Borrowed(columns.low),
        close: Cow::Borrowed(columns.close),
        volume: Cow::Borrowed(columns.volume),
        quotes: columns.quotes,
        placement,
        actions,
        adjusted_only: columns.adjusted_only,
        forward: None,
    };
    bars.adjust()?;
    Ok(bars)
}

/// Dated actions by bar, one per bar. Those at or before the first bar have changed nothing that is known, those after
/// the last bar are still to come.
fn by_bar(mut dated: Vec<DatedAction>, stamps: &[i64]) -> Vec<Action> {
    dated.sort_by_key(|action| action.ts_ns);
    let mut actions: Vec<Action> = Vec::with_capacity(dated.len());
    for DatedAction { ts_ns, split, dividend, .. } in dated {
        let bar = stamps.partition_point(|&ts| ts < ts_ns);
        if bar == 0 || bar == stamps.len() {
            continue;
        }
        match actions.last_mut() {
            // The earlier dividend is restated on the basis after the later split.
            Some(last) if last.bar == bar => {
                *last = Action { bar, split: last.split * split, dividend: last.dividend / split + dividend };
            }
            _ => actions.push(Action { bar, split, dividend }),
        }
    }
    actions
}
