//! Headline metrics of a run as the engine defines them whose conventions it follows.

use crate::bars::Panel;
use crate::calendar::{DAY_NS, new_york_midnight_ns, scheduled_close_ns};
use crate::metrics::{Course, Record, Said, as_backtrader, as_lean, as_vectorbt, as_zipline};
use crate::simulate::config::Setup;
use crate::simulate::conventions::Definitions;
use crate::simulate::output::Equity;
use crate::simulate::summary::Sessions;

/// Bars that tell how far apart bars usually are.
const TELLING: usize = 1_000;

/// What another engine's metrics read beside a record; the same for all runs of one period.
#[derive(Debug, Clone)]
pub struct Definer {
    definitions: Definitions,
    capital: f64,
    dates: Vec<i32>,
    daily: bool,
    spacing_ns: i64,
    elapsed_ns: i64,
}

impl Definer {
    /// Of runs over `rows` steps; `None` where metrics are our own.
    pub fn new(setup: &Setup, panel: &Panel<'_>, sessions: &Sessions, rows: usize) -> Option<Self> {
        let definitions = setup.conventions.metrics;
        if definitions == Definitions::Native || rows == 0 {
            return None;
        }
        let timeline = &panel.timeline;
        let last = sessions.first + rows - 1;
        let spacing_ns = if timeline.daily { DAY_NS } else { usual_spacing(&timeline.ts_ns) };
        let end =
            if timeline.daily { scheduled_close_ns(timeline.date(last)) } else { timeline.ts_ns[last] + spacing_ns };
        Some(Self {
            definitions,
            capital: setup.capital.0 as f64,
            dates: sessions.closes.iter().map(|row| timeline.date(sessions.first + row)).collect(),
            daily: timeline.daily,
            spacing_ns,
            elapsed_ns: end - new_york_midnight_ns(timeline.date(sessions.first)),
        })
    }

    /// What the engine says of a run that kept every row; the record is in millionths.
    pub fn said(&self, record: &Record, rows: &Equity) -> Said {
        let bars: Vec<f64> = rows.equity.iter().map(|money| money.0 as f64).collect();
        let &Self { definitions, capital, daily, spacing_ns, elapsed_ns, .. } = self;
        let course = Course { capital, bars: &bars, dates: &self.dates, daily, spacing_ns, elapsed_ns };
        match definitions {
            Definitions::Native => Said::new(),
            Definitions::Backtrader => as_backtrader(record, &course),
            Definitions::Vectorbt => as_vectorbt(record, &course),
            Definitions::Lean => as_lean(record, &course),
            Definitions::Zipline => as_zipline(record, &course),
        }
    }
}

/// The commonest time from one bar to the next, the shortest of equals.
fn usual_spacing(stamps: &[i64]) -> i64 {
    let telling = &stamps[..stamps.len().min(TELLING)];
    let mut steps: Vec<i64> = telling.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let runs = steps.chunk_by(|a, b| a == b).rev();
    runs.max_by_key(|run| run.len()).map_or(DAY_NS, |run| run[0])
}
