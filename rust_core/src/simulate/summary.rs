//! What a run came to, session by session: from its rows to a [`Record`] that metrics are computed from.

use crate::bars::Panel;
use crate::error::{EngineError, Result};
use crate::metrics::{Record, equal_weight_returns};
use crate::plan::Plan;
use crate::simulate::RunOutput;
use crate::simulate::output::Equity;
use crate::units::Money;

/// Which rows of a run close a session.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// Step of the first row.
    pub first: usize,
    /// Row indices: the starting point, then the last row of each later session.
    pub closes: Vec<usize>,
}

impl Sessions {
    /// Of `rows` rows from the step `first` on.
    pub fn new(panel: &Panel<'_>, first: usize, rows: usize) -> Self {
        let last = rows.saturating_sub(1);
        let mut closes = vec![0];
        let (mut row, mut guess) = (0, 0);
        while row < last {
            let end = panel.timeline.session_end(first + row + 1, guess) - first;
            // Most sessions have as many bars as the one before.
            guess = end - row - 1;
            row = last.min(end);
            closes.push(row);
        }
        Self { first, closes }
    }

    /// Returns of the benchmark from close to close: of a symbol, or of the universe in equal parts when `None`.
    ///
    /// # Errors
    /// `MissingInput` for a symbol without bars.
    pub fn benchmark(&self, plan: &Plan, panel: &Panel<'_>, symbol: Option<&str>) -> Result<Vec<f64>> {
        let symbols: Vec<usize> = match symbol {
            None => plan.symbols.iter().filter_map(|symbol| panel.position(symbol)).collect(),
            Some(symbol) => vec![panel.position(symbol).ok_or_else(|| EngineError::MissingInput {
                what: format!("bars of {symbol}"),
                needed_by: "the benchmark".into(),
                remedy: "import them, or leave the benchmark out".into(),
            })?],
        };
        let steps: Vec<usize> = self.closes.iter().map(|row| self.first + row).collect();
        Ok(equal_weight_returns(panel, &symbols, &steps))
    }
}

/// What a run traded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Round trips, closed or still open.
    pub trades: usize,
    /// Net profit of each that closed, USD, in the order in which they did.
    pub pnl: Vec<f64>,
    /// Value of all fills, buys and sales, in millionths of a dollar.
    pub traded: i128,
}

impl Tally {
    pub(super) fn clear(&mut self) {
        self.pnl.clear();
        (self.trades, self.traded) = (0, 0);
    }

    /// Reads a run in the place of what was there.
    pub fn read(&mut self, output: &RunOutput) {
        self.clear();
        let closed = output.trades.iter().filter(|trade| trade.exit_reason.is_some());
        self.pnl.extend(closed.map(|trade| trade.pnl.to_f64()));
        let fills = output.fills.price.iter().zip(&output.fills.quantity);
        self.traded = fills.map(|(price, quantity)| i128::from(price.times(*quantity).0)).sum();
        self.trades = output.trades.len();
    }
}

/// The columns behind a [`Record`]; they keep their memory from run to run.
#[derive(Debug, Default)]
pub struct Summary {
    equity: Vec<f64>,
    gross_exposure: Vec<f64>,
}

impl Summary {
    /// Reads a run: the rows that close sessions, all that there are when `None`; gross exposure only where it is wanted.
    pub fn read(&mut self, rows: &Equity, closes: Option<&[usize]>, with_exposure: bool) {
        // In millionths, which a float holds exactly: no ratio of them hangs on the unit.
        let value = |money: Money| money.0 as f64;
        self.equity.clear();
        match closes {
            Some(closes) if closes.len() < rows.len() => {
                self.equity.extend(closes.iter().map(|&row| value(rows.equity[row])));
            }
            _ => self.equity.extend(rows.equity.iter().map(|&money| value(money))),
        }
        self.gross_exposure.clear();
        if with_exposure {
            let every: Vec<usize>;
            let closes = match closes {
                Some(closes) => closes,
                None => {
                    every = (0..rows.len()).collect();
                    &every
                }
            };
            let gross = rows.gross_exposure_at(closes).map(value);
            self.gross_exposure.extend(gross.zip(&self.equity).map(|(gross, equity)| gross / equity));
        }
    }

    pub fn record<'a>(&'a self, tally: &'a Tally, benchmark: &'a [f64]) -> Record<'a> {
        Record {
            equity: &self.equity,
            gross_exposure: &self.gross_exposure,
            benchmark,
            traded: tally.traded as f64,
            trade_pnl: &tally.pnl,
        }
    }
}
