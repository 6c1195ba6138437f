//! What a plan consists of. Pure data: built by `compile`, computed by `evaluate`, read by `simulate`.

pub use super::portfolio::{Corridor, Destination, Group, Portfolio, Rebalance, Weight};
pub use crate::logic::{Arithmetic, Comparison, Elementwise};
use crate::signature::{Field, Signature};
use crate::units::Unit;
use serde::Serialize;

/// Index into `Plan::nodes`; inputs of a node have smaller indices.
pub type NodeId = usize;

/// Whose bars a node reads, and of which length. Context 0 is each member's own bars in the base timeframe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context {
    /// `None`: each member of the universe in turn. `Some`: one named symbol (`symbol("SPY", ...)`, `vix`).
    pub symbol: Option<String>,
    /// `None`: the strategy's timeframe.
    pub timeframe: Option<Timeframe>,
}

/// Higher timeframes; a bar is visible from the close of its last scheduled session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timeframe {
    Day,
    Week,
    Month,
    Quarter,
}

/// The axis a node's column lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One value per bar of each symbol of the node's context.
    Symbol,
    /// One value per timeline step, the same for every member.
    Market,
    /// Known only per open position; evaluated by `plan::position`, never a column.
    Position,
}

/// Functions of all members' values in one session. Inputs: value, then mask and group where given
/// (see `Node::mask`, `Node::group`). Members without a bar, without a value or outside `where` do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrossSection {
    /// 1 is the largest; ties by symbol name.
    Rank,
    /// Ascending, 0 to 1.
    Percentile,
    ZScore,
    Demean,
    /// Clamp to the given tail fractions on both sides (`numbers[0]`).
    Winsorize,
    /// The value at a fraction (`numbers[0]`) of the members, the same for each of a group.
    Quantile,
    /// Bucket 1..n (`numbers[0]`), ascending.
    Bucket,
    /// Whether the member is among the largest n (`numbers[0]`).
    Top,
    Bottom,
}

/// One value for the market from all members' values in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Share of members with a known truth for whom it is true.
    Breadth,
    Mean,
    Median,
    Sum,
    /// Members for whom the condition is true.
    CountTrue,
}

/// Functions of the date on the regular calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalendarFunction {
    /// 1 Monday to 5 Friday.
    DayOfWeek,
    /// 1 to 12.
    Month,
    IsMonthEnd,
    /// Scheduled sessions after this one in the month; 0 on the last.
    SessionsToMonthEnd,
}

/// What is known of an open position at the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionField {
    /// Average entry price on today's basis.
    EntryPrice,
    /// Sessions after the fill's session.
    BarsHeld,
    /// Calendar days since the fill.
    DaysHeld,
    /// Close over entry price - 1, negated for a short.
    Profit,
    /// Highest close since the fill (lowest for a short) against the entry, as a ratio of profit.
    BestProfit,
    /// Close against the best close since the fill, as a ratio of loss, 0 or negative.
    FromBest,
    /// Signed shares.
    Quantity,
    /// Position value over equity, signed.
    Weight,
    IsLong,
    IsShort,
    /// Entries that filled: 1, and one for each addition.
    Entries,
    /// Partial exits taken so far.
    Partials,
    /// Average price of the youngest entry still held, on today's basis.
    LastEntryPrice,
    /// Sessions after the youngest entry's fill.
    BarsSinceEntry,
}

/// What a node computes.
#[derive(Debug, Clone)]
pub enum Op {
    Constant(f64),
    /// A column of the context's bars, forward-adjusted.
    Bar(Field),
    /// The member's sector label as a number (index into `Plan::groups`, NaN unknown).
    Sector,
    /// A time-series function; `numbers` are its compile-time numbers. `inputs` are the signature's `reads`, then
    /// the series that were given. `output` picks one output: nodes that differ in it alone share a machine.
    Indicator {
        function: &'static Signature,
        numbers: Vec<f64>,
        output: usize,
    },
    Arithmetic(Arithmetic),
    Compare(Comparison),
    Elementwise(Elementwise),
    /// Turns a forward value into the as-of-day value: `x / price^p * split^v`.
    AsOfDay {
        price: i8,
        volume: i8,
    },
    CrossSection {
        function: CrossSection,
        numbers: Vec<f64>,
        mask: bool,
        group: bool,
    },
    Reduction(Reduction),
    Calendar(CalendarFunction),
    /// On when the first input becomes true, off when the second does, else as before; starts off. Missing holds.
    Regime,
    /// Brings a node of another context to this one: by step for a named symbol (missing where it has no bar),
    /// the last completed bar for a higher timeframe.
    Bridge,
    Position(PositionField),
    /// Whether the member is one of these symbols, which stand in name order.
    Among(Vec<String>),
}

#[derive(Debug, Clone)]
pub struct Node {
    pub op: Op,
    pub inputs: Vec<NodeId>,
    pub context: usize,
    pub scope: Scope,
    pub unit: Unit,
    /// Leading bars (of context 0) without a value.
    pub warm_up: usize,
    /// Canonical text of the expression, for explanations.
    pub text: String,
}

/// Position sizing; numbers are fractions of equity unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sizing {
    #[serde(flatten)]
    pub method: SizingMethod,
    /// Cap of one position by the strategy itself.
    pub max_position_frac: Option<f64>,
    /// Positions the strategy may hold at once; `None`: as many as the universe has members.
    pub max_positions: Option<u32>,
    pub fractional: bool,
    /// Shares are rounded down to a multiple of this.
    pub round_lot: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum SizingMethod {
    /// Equity over the number of concurrent positions.
    EqualWeight,
    FixedFraction {
        fraction: f64,
    },
    /// The same number of shares in every trade, whatever the equity.
    FixedShares {
        shares: f64,
    },
    /// `fraction` of equity is lost at the stop.
    RiskPerTrade {
        fraction: f64,
    },
    /// Annual volatility `target` over the member's own, measured over `lookback` bars, over concurrent positions.
    VolatilityTarget {
        target: f64,
        lookback: u32,
        volatility: NodeId,
    },
    InverseVolatility {
        lookback: u32,
        volatility: NodeId,
    },
    /// Equal risk contributions over the changes of the last `lookback` bars; `changes` is the node of one bar's.
    RiskParity {
        lookback: u32,
        changes: NodeId,
    },
    HalfKelly {
        prior_trades: f64,
        prior_win_rate: f64,
        prior_payoff: f64,
        min_trades: u32,
        floor: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryOrder {
    Market,
    /// Decision close x (1 + offset) for a buy, (1 - offset) for a sale; positive is marketable. Day order.
    Limit,
    /// Triggers beyond the decision close by `offset`.
    Stop,
    StopLimit,
    /// Market entry with its stop and target sent as children, one cancels the other.
    Bracket,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Execution {
    pub entry: EntryOrder,
    pub exit: EntryOrder,
    pub limit_offset_frac: f64,
    pub stop_offset_frac: f64,
    /// Sessions an entry order stays working; 1 is a day order.
    pub time_in_force_sessions: u32,
}

/// Everything of a rule-per-symbol strategy that is decided at a close. Each is a market-stage column root unless the
/// name says otherwise; roots of conditions are booleans where missing means false.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    pub long: Option<NodeId>,
    pub short: Option<NodeId>,
    pub priority: Option<NodeId>,
    /// May be position-stage.
    pub exit_long: Option<NodeId>,
    pub exit_short: Option<NodeId>,
    /// Ratio or distance (see the node's unit), as of the decision.
    pub stop_loss: Option<NodeId>,
    pub trailing_stop: Option<NodeId>,
    pub take_profit: Option<NodeId>,
    /// Levels.
    pub stop_price: Option<NodeId>,
    pub target_price: Option<NodeId>,
    pub max_hold: Option<Hold>,
    pub scale_in: Option<ScaleIn>,
    /// In the order of the file; each closes its part once per position.
    pub partials: Vec<PartialExit>,
    /// How long a symbol rests after an exit before a condition opens a position in it again.
    pub cooldown: Option<Hold>,
}

/// Additions to an open position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScaleIn {
    /// May be position-stage.
    pub when: NodeId,
    /// Additions to one position at most.
    pub times: u32,
    /// Shares of each, as a part of what the first entry filled.
    pub size_frac: f64,
}

/// A part of a position that is closed once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PartialExit {
    /// May be position-stage.
    pub when: NodeId,
    /// Of the shares held when it is decided.
    pub close_frac: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    CalendarDays(u32),
    Sessions(u32),
}

/// A compiled strategy: ordered, immutable, hashed.
#[derive(Debug, Clone)]
pub struct Plan {
    pub name: String,
    pub symbols: Vec<String>,
    pub timeframe: String,
    pub contexts: Vec<Context>,
    pub nodes: Vec<Node>,
    /// Sector labels in name order, and each symbol's index into them.
    pub groups: Vec<String>,
    pub sectors: Vec<Option<usize>>,
    /// Membership condition; missing means false.
    pub member: Option<NodeId>,
    pub rules: Option<Rules>,
    pub portfolio: Option<Portfolio>,
    pub close_on_leave: bool,
    pub min_hold_days: u32,
    pub sizing: Sizing,
    pub execution: Execution,
    /// Named features, for `signals` and explanations.
    pub features: Vec<(String, NodeId)>,
    /// Leading bars before every root has a value.
    pub warm_up: usize,
    pub settle: crate::signature::Settle,
    pub hash: String,
}
