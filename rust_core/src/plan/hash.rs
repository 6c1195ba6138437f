//! What makes two plans the same plan: SHA-256 over the resolved graph and everything that decides about orders.
//!
//! Format, version 1. Every field is written with a tag and a length before it, numbers as the eight little-endian
//! bytes of an IEEE double (one zero, one NaN), so that no two contents share a text. A node's digest covers its
//! operation, its compile-time numbers, the version of its function, its context (symbol and timeframe by name) and
//! the digests of its inputs; operations whose order does not change the bits sort them. The plan's hash covers the
//! digests of its roots and its settings. Names, descriptions, key order, ranges, comments and features that nothing
//! uses never enter, so they cannot change it; neither does the order in which nodes were built. Names of groups do:
//! results carry them. What later versions of the language added is written only where it is given, so that plans
//! keep their hash.

use super::node::{
    Arithmetic, Comparison, Context, Corridor, Destination, Elementwise, Execution, Hold, NodeId, Op, Plan, Rebalance,
    Rules, Sizing, SizingMethod, Timeframe, Weight,
};
use sha2::{Digest as _, Sha256};

/// Identity of a node's value.
pub type Digest = [u8; 32];

/// Collects tagged fields.
struct Writer {
    hasher: Sha256,
    /// What the hasher has not seen yet: it takes one long text faster than many short ones.
    pending: Vec<u8>,
}

/// More than most plans have to write.
const PENDING: usize = 1024;

impl Writer {
    fn new(kind: &str) -> Self {
        let mut writer = Self { hasher: Sha256::new(), pending: Vec::with_capacity(PENDING) };
        writer.text("kind", kind);
        writer
    }

    fn bytes(&mut self, tag: &str, bytes: &[u8]) {
        for part in [tag.as_bytes(), bytes] {
            self.pending.extend_from_slice(&(part.len() as u64).to_le_bytes());
            self.pending.extend_from_slice(part);
        }
    }

    /// Hands the hasher what is pending.
    fn flush(&mut self) {
        self.hasher.update(&self.pending);
        self.pending.clear();
    }

    fn text(&mut self, tag: &str, text: &str) {
        self.bytes(tag, text.as_bytes());
    }

    fn number(&mut self, tag: &str, value: f64) {
        // Adding zero turns -0 into 0; all missing values are one.
        let canonical = if value.is_nan() { f64::NAN } else { value + 0.0 };
        self.bytes(tag, &canonical.to_bits().to_le_bytes());
    }

    fn whole(&mut self, tag: &str, value: u64) {
        self.bytes(tag, &value.to_le_bytes());
    }

    fn finish(mut self) -> Digest {
        self.flush();
        self.hasher.finalize().into()
    }
}

/// Whether the order of the inputs leaves every bit of the result as it is.
pub const fn is_commutative(op: &Op) -> bool {
    matches!(
        op,
        Op::Arithmetic(Arithmetic::Add | Arithmetic::Multiply)
            | Op::Compare(Comparison::Equal | Comparison::NotEqual)
            | Op::Elementwise(Elementwise::And | Elementwise::Or)
    )
}

/// The digest of a node from those of its inputs.
pub fn node(op: &Op, inputs: &[Digest], context: Option<&Context>) -> Digest {
    let mut writer = Writer::new("node");
    operation(&mut writer, op);
    let mut sorted = Vec::new();
    let mut inputs = inputs;
    if is_commutative(op) {
        sorted.extend_from_slice(inputs);
        sorted.sort_unstable();
        inputs = &sorted;
    }
    for input in inputs {
        writer.bytes("input", input);
    }
    // A constant is the same everywhere, and is still a node of each context that uses it.
    writer.text("symbol", context.and_then(|context| context.symbol.as_deref()).unwrap_or(""));
    writer.text("timeframe", context.and_then(|context| context.timeframe).map_or("", timeframe));
    writer.finish()
}

const fn timeframe(timeframe: Timeframe) -> &'static str {
    match timeframe {
        Timeframe::Day => "1Day",
        Timeframe::Week => "1Week",
        Timeframe::Month => "1Month",
        Timeframe::Quarter => "1Quarter",
    }
}

fn operation(writer: &mut Writer, op: &Op) {
    match op {
        Op::Constant(value) => writer.number("constant", *value),
        Op::Bar(field) => writer.text("bar", &format!("{field:?}")),
        Op::Sector => writer.text("sector", ""),
        Op::Indicator { function, numbers, output } => {
            writer.text("function", function.name);
            writer.whole("version", u64::from(function.version));
            numbers.iter().for_each(|n| writer.number("number", *n));
            writer.text("output", function.outputs.get(*output).map_or("", |o| o.name));
        }
        Op::Arithmetic(operation) => writer.text("arithmetic", &format!("{operation:?}")),
        Op::Compare(comparison) => writer.text("compare", &format!("{comparison:?}")),
        Op::Elementwise(function) => writer.text("elementwise", &format!("{function:?}")),
        Op::AsOfDay { price, volume } => writer.text("as_of_day", &format!("{price} {volume}")),
        Op::CrossSection { function, numbers, mask, group } => {
            writer.text("cross_section", &format!("{function:?} {mask} {group}"));
            numbers.iter().for_each(|n| writer.number("number", *n));
        }
        Op::Reduction(function) => writer.text("reduction", &format!("{function:?}")),
        Op::Calendar(function) => writer.text("calendar", &format!("{function:?}")),
        Op::Regime => writer.text("regime", ""),
        Op::Bridge => writer.text("bridge", ""),
        Op::Position(field) => writer.text("position", &format!("{field:?}")),
        Op::Among(symbols) => symbols.iter().for_each(|symbol| writer.text("among", symbol)),
    }
}

/// The plan's identity as 64 hexadecimal digits.
pub fn plan(plan: &Plan, digests: &[Digest]) -> String {
    finish(begin(plan), plan, digests)
}

/// An identity of which the bars and members are written.
#[derive(Clone)]
pub struct Begun(Sha256);

/// What plans on the same bars and members have in common.
pub fn begin(plan: &Plan) -> Begun {
    let mut writer = Writer::new("plan 1");
    writer.text("timeframe", &plan.timeframe);
    for (symbol, sector) in plan.symbols.iter().zip(&plan.sectors) {
        writer.text("symbol", symbol);
        writer.text("sector", sector.and_then(|index| plan.groups.get(index)).map_or("", String::as_str));
    }
    writer.flush();
    Begun(writer.hasher)
}

/// Adds everything that the plan decides by.
pub fn finish(begun: Begun, plan: &Plan, digests: &[Digest]) -> String {
    let mut writer = Writer { hasher: begun.0, pending: Vec::with_capacity(PENDING) };
    root(&mut writer, "member", plan.member, digests);
    if let Some(rules) = &plan.rules {
        write_rules(&mut writer, rules, digests);
    }
    if let Some(portfolio) = &plan.portfolio {
        root(&mut writer, "select", Some(portfolio.select), digests);
        write_weight(&mut writer, &portfolio.weight, digests);
        let (rebalance, every, offset) = match portfolio.rebalance {
            Rebalance::EverySession => ("every session", 1, 0),
            Rebalance::Weekly { offset } => ("weekly", 1, offset),
            Rebalance::Monthly { offset } => ("monthly", 1, offset),
            Rebalance::Quarterly { offset } => ("quarterly", 1, offset),
            Rebalance::Sessions { every, offset } => ("sessions", every, offset),
            Rebalance::OnChange => ("on change", 1, 0),
            Rebalance::OnDrift => ("on drift", 1, 0),
        };
        writer.text("rebalance", rebalance);
        writer.whole("every", u64::from(every));
        writer.whole("offset", u64::from(offset));
        write_corridor(&mut writer, &portfolio.corridor);
        if portfolio.to == Destination::Edge {
            writer.text("to", "edge");
        }
        writer.number("gross", portfolio.gross_frac);
    }
    writer.whole("close on leave", u64::from(plan.close_on_leave));
    writer.whole("min hold days", u64::from(plan.min_hold_days));
    write_sizing(&mut writer, &plan.sizing, digests);
    write_execution(&mut writer, &plan.execution);
    hexadecimal(&writer.finish())
}

fn hexadecimal(digest: &Digest) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn root(writer: &mut Writer, tag: &str, id: Option<NodeId>, digests: &[Digest]) {
    if let Some(digest) = id.and_then(|id| digests.get(id)) {
        writer.bytes(tag, digest);
    }
}

fn write_weight(writer: &mut Writer, weight: &Weight, digests: &[Digest]) {
    match weight {
        Weight::Equal => writer.text("weight", "equal"),
        Weight::InverseVolatility(id) => root(writer, "weight inverse volatility", Some(*id), digests),
        Weight::Score(id) => root(writer, "weight score", Some(*id), digests),
        Weight::Expression(id) => root(writer, "weight", Some(*id), digests),
        Weight::RiskParity { lookback, changes } => {
            writer.whole("weight risk parity", u64::from(*lookback));
            root(writer, "changes", Some(*changes), digests);
        }
        Weight::Groups(groups) => {
            writer.whole("groups", groups.len() as u64);
            for group in groups {
                writer.text("group", &group.name);
                root(writer, "share", Some(group.share), digests);
                root(writer, "select", Some(group.select), digests);
                write_weight(writer, &group.weight, digests);
                group.corridor.iter().for_each(|corridor| write_corridor(writer, corridor));
            }
        }
    }
}

/// The relative bound stands where it is given; without an absolute one any distance is inside.
fn write_corridor(writer: &mut Writer, corridor: &Corridor) {
    writer.number("corridor", corridor.absolute_frac.unwrap_or(f64::INFINITY));
    corridor.relative_frac.iter().for_each(|part| writer.number("corridor relative", *part));
}

fn write_rules(writer: &mut Writer, rules: &Rules, digests: &[Digest]) {
    let roots = [
        ("long", rules.long),
        ("short", rules.short),
        ("priority", rules.priority),
        ("exit long", rules.exit_long),
        ("exit short", rules.exit_short),
        ("stop loss", rules.stop_loss),
        ("trailing stop", rules.trailing_stop),
        ("take profit", rules.take_profit),
        ("stop price", rules.stop_price),
        ("target price", rules.target_price),
    ];
    for (tag, id) in roots {
        root(writer, tag, id, digests);
    }
    match rules.max_hold {
        Some(Hold::CalendarDays(days)) => writer.whole("max hold days", u64::from(days)),
        Some(Hold::Sessions(sessions)) => writer.whole("max hold sessions", u64::from(sessions)),
        None => {}
    }
    if let Some(scale_in) = &rules.scale_in {
        root(writer, "scale in", Some(scale_in.when), digests);
        writer.whole("scale in times", u64::from(scale_in.times));
        writer.number("scale in size", scale_in.size_frac);
    }
    for partial in &rules.partials {
        root(writer, "partial exit", Some(partial.when), digests);
        writer.number("partial exit close", partial.close_frac);
    }
    match rules.cooldown {
        Some(Hold::CalendarDays(days)) => writer.whole("cooldown days", u64::from(days)),
        Some(Hold::Sessions(sessions)) => writer.whole("cooldown sessions", u64::from(sessions)),
        None => {}
    }
}

fn write_sizing(writer: &mut Writer, sizing: &Sizing, digests: &[Digest]) {
    match sizing.method {
        SizingMethod::EqualWeight => writer.text("sizing", "equal weight"),
        SizingMethod::FixedShares { shares } => writer.number("sizing fixed shares", shares),
        SizingMethod::FixedFraction { fraction } => writer.number("sizing fixed fraction", fraction),
        SizingMethod::RiskPerTrade { fraction } => writer.number("sizing risk per trade", fraction),
        SizingMethod::VolatilityTarget { target, volatility, .. } => {
            writer.number("sizing volatility target", target);
            root(writer, "volatility", Some(volatility), digests);
        }
        SizingMethod::InverseVolatility { volatility, .. } => {
            root(writer, "sizing inverse volatility", Some(volatility), digests);
        }
        SizingMethod::RiskParity { lookback, changes } => {
            writer.whole("sizing risk parity", u64::from(lookback));
            root(writer, "changes", Some(changes), digests);
        }
        SizingMethod::HalfKelly { prior_trades, prior_win_rate, prior_payoff, min_trades, floor } => {
            writer.text("sizing", "half kelly");
            for value in [prior_trades, prior_win_rate, prior_payoff, f64::from(min_trades), floor] {
                writer.number("setting", value);
            }
        }
    }
    writer.number("max position", sizing.max_position_frac.unwrap_or(f64::NAN));
    writer.whole("max positions", sizing.max_positions.map_or(u64::MAX, u64::from));
    writer.whole("fractional", u64::from(sizing.fractional));
    writer.whole("round lot", u64::from(sizing.round_lot));
}

fn write_execution(writer: &mut Writer, execution: &Execution) {
    writer.text("entry order", &format!("{:?}", execution.entry));
    writer.text("exit order", &format!("{:?}", execution.exit));
    writer.number("limit offset", execution.limit_offset_frac);
    writer.number("stop offset", execution.stop_offset_frac);
    writer.whole("time in force", u64::from(execution.time_in_force_sessions));
}
