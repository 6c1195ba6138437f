//! What a run came to, session by session: from its rows to a [`Record`] that metrics are computed from.

use crate::bars::Panel;
use crate::error::{EngineError, Result};
use crate::metrics::{Record, equal_weight_returns};
use crate::plan::Plan;
use crate::simulate::RunOutput;
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

/// The columns behind a [`Record`]; they keep their memory from run to run.
#[derive(Debug, Default)]
pub struct Summary {
    equity: Vec<f64>,
    gross_exposure: Vec<f64>,
    trade_pnl: Vec<f64>,
    traded_usd: f64,
}

impl Summary {
    /// Reads a run; gross exposure only where it is wanted.
    pub fn read(&mut self, output: &RunOutput, sessions: &Sessions, with_exposure: bool) {
        self.equity.clear();
        self.equity.extend(sessions.closes.iter().map(|&row| output.equity.equity[row].to_f64()));
        self.gross_exposure.clear();
        if with_exposure {
            let gross = output.equity.gross_exposure_at(&sessions.closes).map(Money::to_f64);
            self.gross_exposure.extend(gross.zip(&self.equity).map(|(gross, equity)| gross / equity));
        }
        let closed = output.trades.iter().filter(|trade| trade.exit_reason.is_some());
        self.trade_pnl.clear();
        self.trade_pnl.extend(closed.map(|trade| trade.pnl.to_f64()));
        let fills = output.fills.price.iter().zip(&output.fills.quantity);
        self.traded_usd = fills.map(|(price, quantity)| price.times(*quantity).to_f64()).sum();
    }

    pub fn record<'a>(&'a self, benchmark: &'a [f64]) -> Record<'a> {
        Record {
            equity: &self.equity,
            gross_exposure: &self.gross_exposure,
            benchmark,
            traded_usd: self.traded_usd,
            trade_pnl: &self.trade_pnl,
        }
    }
}
