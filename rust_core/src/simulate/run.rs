//! A run: everything prepared once, then `step` from close to close.

use crate::bars::Panel;
use crate::error::{EngineError, Result};
use crate::kernel::router::Router;
use crate::kernel::{Effects, OrderId, State};
use crate::plan::{Plan, Sizing, evaluate_watched};
use crate::simulate::book::ClosedTrades;
use crate::simulate::carry::Carry;
use crate::simulate::conditions::RuleRoots;
use crate::simulate::config::{Setup, SimulationConfig};
use crate::simulate::conventions::{Cash, FillTime, LastBar, Sequence};
use crate::simulate::cues::Cues;
use crate::simulate::given::{Decided, Given};
use crate::simulate::keeper::Everything;
use crate::simulate::liquidity::Liquidity;
use crate::simulate::lone::{Lone, Words};
use crate::simulate::market::{Known, Market};
use crate::simulate::matching::Prospect;
use crate::simulate::output::{Equity, RunOutput};
use crate::simulate::parity::Unweighed;
use crate::simulate::plain::{Plain, may_be_plain};
use crate::simulate::protect::Levels;
use crate::simulate::queue::Queue;
use crate::simulate::sending::Sending;
use crate::simulate::signals::Signals;
use crate::simulate::sizer::is_fractional;
use crate::simulate::step::step;
use crate::simulate::summary::Tally;
use crate::simulate::targets::TargetRoots;
use crate::simulate::verdicts::Desk;
use crate::units::{Price, Shares};
use crate::watch::Watch;
use std::sync::Arc;

/// What a run leaves to the next one on the same panel and symbols.
#[derive(Default)]
pub(super) struct Spare {
    pub known: Option<Known>,
    pub state: Option<State>,
    pub effects: Effects,
    pub output: RunOutput,
    pub queue: Queue,
    pub scratch: Scratch,
    pub used: Vec<(usize, Shares)>,
    pub words: Words,
    /// Steps that equity is kept at; all when `None`.
    pub only: Option<Vec<usize>>,
}

/// Buffers of a step that keep their memory.
#[derive(Default)]
pub(super) struct Scratch {
    pub ids: Vec<OrderId>,
    pub prospects: Vec<Prospect>,
    /// Of position-stage programs.
    pub slots: Vec<f64>,
}

/// One run in progress.
pub(super) struct Run<'a> {
    pub plan: &'a Plan,
    pub setup: Arc<Setup>,
    pub market: Market<'a>,
    pub state: State,
    /// The ledger and the round trips are kept here until the run ends.
    pub effects: Effects,
    pub output: RunOutput,
    pub closed: ClosedTrades,
    pub desk: Option<Desk>,
    pub carry: Option<Carry>,
    pub liquidity: Option<Liquidity>,
    pub router: Router,
    pub levels: Levels<'a>,
    pub rules: RuleRoots<'a>,
    pub targets: Option<TargetRoots<'a>>,
    /// `None` for one member alone, which is asked directly.
    pub cues: Option<Cues>,
    /// Who may be skipped over while nothing happens, and is asked by its bits.
    pub lone: Option<Lone>,
    /// Per symbol: the step and how much of its volume has been used there.
    pub used: Vec<(usize, Shares)>,
    pub queue: Queue,
    /// Free slots at this close, once asked for.
    pub slots: Option<u32>,
    /// Whether the risk desk has read the account at this close.
    pub is_view_current: bool,
    /// Sum of 1 / volatility at this close, for the sizing method that shares out by it.
    pub inverse_sum: f64,
    /// By symbol, ascending: weights of equal risk at this close, for the sizing method that asks for them.
    pub parity: Vec<(usize, f64)>,
    pub unweighed: Unweighed,
    pub scratch: Scratch,
    /// When a market order fills, for bars of this length.
    pub fill: FillTime,
    /// Marks of the step that is being closed, where somebody gave others than the bars' closes.
    pub marks: Vec<(usize, Price)>,
    /// Where the order in which orders were sent counts.
    pub sending: Option<Sending>,
    /// Orders with a larger number were born in the bar that is being met.
    pub newest: OrderId,
}

impl Run<'_> {
    pub fn sizing(&self) -> &Sizing {
        &self.plan.sizing
    }
}

/// Simulates a plan on columns that are already computed.
///
/// # Errors
/// `Range` for settings out of range or a period without bars, `MissingInput` for what a limit needs and the run lacks,
/// `Data` for a corporate action that is no number.
pub fn run_on<S: Signals + ?Sized>(
    plan: &Plan,
    panel: &Panel<'_>,
    signals: &S,
    config: &SimulationConfig,
) -> Result<RunOutput> {
    simulate(plan, panel, signals, config, true, &Watch::default())
}

/// `run_on` that visits every step; the output is the same, the count of skipped steps aside.
///
/// # Errors
/// As `run_on`.
pub fn run_every_step<S: Signals + ?Sized>(
    plan: &Plan,
    panel: &Panel<'_>,
    signals: &S,
    config: &SimulationConfig,
) -> Result<RunOutput> {
    simulate(plan, panel, signals, config, false, &Watch::default())
}

/// How far a run is, from time to time: steps done, and all of them.
pub(super) type Look<'l> = &'l dyn Fn(usize, usize) -> Result<()>;

fn simulate<S: Signals + ?Sized>(
    plan: &Plan,
    panel: &Panel<'_>,
    signals: &S,
    config: &SimulationConfig,
    may_skip: bool,
    watch: &Watch,
) -> Result<RunOutput> {
    let period = period(panel, config)?;
    let setup = Arc::new(config.check()?);
    let look = |done, all| watch.look(done, all);
    if may_skip
        && may_be_plain(plan, &setup)
        && let Some(output) = simulate_plain(plan, panel, signals, &setup, period, &look)?
    {
        return Ok(output);
    }
    let (output, _) = walk(plan, panel, signals, setup, period, may_skip, named(panel), &look)?;
    Ok(output)
}

/// The same for a plan that is plain; `None` where its bars are not.
fn simulate_plain<S: Signals + ?Sized>(
    plan: &Plan,
    panel: &Panel<'_>,
    signals: &S,
    setup: &Setup,
    (first, last): (usize, usize),
    look: Look<'_>,
) -> Result<Option<RunOutput>> {
    let mut market = Market::on(plan, panel, None)?;
    market.start_at(first);
    let rules = RuleRoots::new(plan, &market, signals);
    let Some(lone) = Lone::new(plan, &market, &rules, setup, last, &mut Words::default()) else { return Ok(None) };
    let mut keeper = Everything::new(plan, setup, &rules, &lone, market.moment(first));
    let (mut equity, mut tally) = (Equity::default(), Tally::default());
    equity.restart(first, None);
    equity.equity.reserve_exact(last - first + 1);
    let kept = (&mut equity, &mut tally, &mut keeper);
    let Some(plain) = Plain::new(plan, setup, &mut market, &lone, (first, last), kept) else { return Ok(None) };
    let mark = plain.run(last, look)?;
    let symbols = named(panel).output.symbols;
    Ok(Some(RunOutput { symbols, equity, ..keeper.finish(mark, market.moment(last)) }))
}

/// One run from its first close to its last.
// What a run is of, how it is to go, and who looks on: a struct would be built once and taken apart here.
#[allow(clippy::too_many_arguments)]
pub(super) fn walk<'a, S: Signals + ?Sized>(
    plan: &'a Plan,
    panel: &'a Panel<'a>,
    signals: &'a S,
    setup: Arc<Setup>,
    (first, last): (usize, usize),
    may_skip: bool,
    spare: Spare,
    look: Look<'_>,
) -> Result<(RunOutput, Spare)> {
    let mut run = prepare(plan, panel, signals, setup, (first, last), spare)?;
    if !may_skip {
        run.lone = None;
    }
    run.close(first)?;
    let mut now = first;
    while now <= last {
        look(now - first, last + 1 - first)?;
        if may_skip {
            now = run.skip(now, last)?;
        }
        if now == last && run.setup.conventions.last_bar == LastBar::Closed {
            run.close_out(last)?;
            break;
        }
        step(&mut run, now, (now < last).then_some(now + 1))?;
        now += 1;
    }
    Ok(run.end(last))
}

/// A run at its first close, and the first and last step to trade.
pub(super) fn begin<'a, S: Signals + ?Sized>(
    plan: &'a Plan,
    panel: &'a Panel<'a>,
    signals: &'a S,
    config: &SimulationConfig,
) -> Result<(Run<'a>, usize, usize)> {
    let setup = config.check()?;
    let (first, last) = period(panel, config)?;
    let mut run = prepare(plan, panel, signals, Arc::new(setup), (first, last), named(panel))?;
    run.close(first)?;
    Ok((run, first, last))
}

/// Nothing but an output that knows the symbols by name.
fn named(panel: &Panel<'_>) -> Spare {
    let symbols = panel.symbols.iter().map(|s| s.symbol.clone()).collect();
    Spare { output: RunOutput { symbols, ..RunOutput::default() }, ..Spare::default() }
}

/// The first and last step to trade.
pub(super) fn period(panel: &Panel<'_>, config: &SimulationConfig) -> Result<(usize, usize)> {
    let stamps = &panel.timeline.ts_ns;
    let first = config.from_ns.map_or(0, |from| stamps.partition_point(|&ts| ts < from));
    let end = config.to_ns.map_or(stamps.len(), |to| stamps.partition_point(|&ts| ts <= to));
    if first >= end {
        return Err(EngineError::Range {
            what: "the period of the run".into(),
            found: "no bar in it".into(),
            expected: "at least one bar between from and to".into(),
        });
    }
    Ok((first, end - 1))
}

fn prepare<'a, S: Signals + ?Sized>(
    plan: &'a Plan,
    panel: &'a Panel<'a>,
    signals: &'a S,
    setup: Arc<Setup>,
    (first, last): (usize, usize),
    spare: Spare,
) -> Result<Run<'a>> {
    let Spare { known, state, mut effects, mut output, queue, scratch, mut used, mut words, only } = spare;
    let mut market = Market::on(plan, panel, known)?;
    market.start_at(first);
    let desk = Desk::new(plan, panel, &market.members, &setup)?;
    let carry = setup.carry.clone().map(|rates| Carry::new(rates, market.moment(first)));
    let liquidity = setup.impact_windows.map(|windows| Liquidity::new(windows, &market));
    let rules = RuleRoots::new(plan, &market, signals);
    let targets = plan.portfolio.as_ref().map(|portfolio| TargetRoots::new(portfolio, plan, &market, signals));
    let levels = Levels::new(plan, &market, signals);
    let asks_directly = targets.is_none() && market.members.len() == 1;
    let lone = Lone::new(plan, &market, &rules, &setup, last, &mut words);
    let conventions = setup.conventions;
    let fractional = is_fractional(plan, &setup);
    let at = market.moment(first);
    let state = match state {
        Some(mut state) => {
            state.restart(setup.capital, fractional, at, &mut effects);
            state
        }
        None => State::new(setup.capital, market.symbols(), fractional, at, &mut effects),
    };
    let counts = conventions.sequence == Sequence::AsSent || conventions.cash == Cash::CheckAndReject;
    let rows = only.as_ref().map_or(last - first + 1, Vec::len);
    output.restart(first, only);
    output.groups = targets.as_ref().map_or_else(Vec::new, |targets| targets.groups.clone());
    output.equity.equity.reserve_exact(rows);
    used.clear();
    used.resize(market.symbols(), (usize::MAX, Shares::ZERO));
    Ok(Run {
        plan,
        router: Router::new(&plan.execution),
        used,
        setup,
        market,
        state,
        effects,
        output,
        closed: ClosedTrades::default(),
        desk,
        carry,
        liquidity,
        levels,
        rules,
        targets,
        cues: (!asks_directly).then(Cues::default),
        lone,
        queue,
        slots: None,
        is_view_current: false,
        inverse_sum: f64::NAN,
        parity: Vec::new(),
        unweighed: Unweighed::default(),
        scratch,
        fill: conventions.fill_on(panel.timeline.daily),
        sending: counts.then(Sending::default),
        marks: Vec::new(),
        newest: 0,
    })
}

impl Run<'_> {
    /// Closes the books: round trips still in parts, then open positions at their last mark.
    pub(super) fn finish(self, last: usize) -> RunOutput {
        self.end(last).0
    }

    /// The same, with what the next run may use.
    fn end(mut self, last: usize) -> (RunOutput, Spare) {
        let now = self.market.moment(last);
        let mut open = Vec::new();
        for &symbol in &self.state.account.active {
            let position = &mut self.state.account.positions[symbol];
            for lot in &mut position.lots {
                let is_long = lot.is_long();
                self.effects.closed.extend(lot.finish(is_long));
                open.push(lot.open_trade(position.mark, now));
            }
        }
        self.effects.closed.extend(open);
        std::mem::swap(&mut self.output.trades, &mut self.effects.closed);
        std::mem::swap(&mut self.output.ledger, &mut self.effects.booked);
        if !self.output.symbols.is_empty() {
            self.output.warnings.extend(self.unweighed.warnings(&self.output.symbols));
        }
        std::mem::swap(&mut self.output.orders.rows, &mut self.state.orders);
        let spare = Spare {
            known: Some(self.market.into_known()),
            state: Some(self.state),
            effects: self.effects,
            output: RunOutput::default(),
            queue: self.queue,
            scratch: self.scratch,
            used: self.used,
            words: self.lone.map_or_else(Words::default, Lone::into_words),
            only: self.output.equity.take_steps(),
        };
        (self.output, spare)
    }
}

/// Simulates a plan whose entry and exit rules somebody else has decided.
///
/// # Errors
/// As `run`.
pub fn run_given(
    plan: &Plan,
    panel: &Panel<'_>,
    decided: &Decided,
    config: &SimulationConfig,
    watch: &Watch,
) -> Result<RunOutput> {
    let columns = evaluate_watched(plan, panel, &[], watch)?;
    let output = simulate(plan, panel, &Given::new(plan, &columns, decided), config, true, watch)?;
    Ok(RunOutput { warnings: columns.warnings, ..output })
}

/// Computes the plan's columns and simulates it.
///
/// # Errors
/// As `run_on` and `plan::evaluate`.
pub fn run(plan: &Plan, panel: &Panel<'_>, config: &SimulationConfig) -> Result<RunOutput> {
    run_watched(plan, panel, config, &Watch::default())
}

/// `run` under a watch, which counts the steps.
///
/// # Errors
/// As `run`, and `Interrupted` once the watch is told to stop.
pub fn run_watched(plan: &Plan, panel: &Panel<'_>, config: &SimulationConfig, watch: &Watch) -> Result<RunOutput> {
    let columns = evaluate_watched(plan, panel, &[], watch)?;
    let output = simulate(plan, panel, &columns, config, true, watch)?;
    let warnings = columns.warnings.into_iter().chain(output.warnings).collect();
    Ok(RunOutput { warnings, ..output })
}
