//! Local doors to risk and sizing.
use crate::error::Result;
use crate::plan::SizingMethod;
use crate::units::{Money, Price, Shares, Side};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {}
impl Policy {
    pub fn is_drawdown_breached(&self, _e: Money, _h: Money) -> bool { false }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waived {}
impl Waived { pub fn parse(_n: &[String]) -> Result<Self> { Ok(Self {}) } }
pub struct Candidate { pub symbol: usize, pub side: Side, pub quantity: Shares, pub price: Price, pub stop_price: Option<Price>, pub opens: bool, pub sector: Option<usize>, pub close: Price, pub strategy_cap_frac: Option<f64> }
pub struct Holding { pub symbol: usize, pub quantity: Shares, pub mark: Price, pub sector: Option<usize>, pub opened_session: u32 }
pub struct Working { pub symbol: usize, pub side: Side, pub quantity: Shares, pub price: Price, pub opens: bool, pub sector: Option<usize> }
#[allow(dead_code)]
pub struct AccountView<'a> { pub date: i32, pub session: u32, pub equity: Money, pub cash: Money, pub previous_close_equity: Money, pub high_water: Money,
    pub holdings: &'a [Holding], pub working: &'a [Working], pub orders_today: u32, pub vix: Option<f64>, pub data_age_s: Option<f64>, pub drift_frac: Option<f64>, pub operator_age_h: Option<f64>,
    pub drawdown_halt: bool, pub killed: bool, pub day_trades: &'a DayTrades }
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action { Approve, Reject, ReduceSize }
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code { WithinLimits, CashCut }
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step { Autonomy, Booking }
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict { pub action: Action, pub code: Code, pub step: Step, pub limit: f64, pub value: f64, pub requested: Shares, pub admitted: Shares }
impl Verdict {
    pub fn new(code: Code, limit: f64, value: f64, requested: Shares, admitted: Shares) -> Self {
        let action = match admitted { Shares(..=0) => Action::Reject, part if part < requested => Action::ReduceSize, _ => Action::Approve };
        let step = if code == Code::CashCut { Step::Booking } else { Step::Autonomy };
        Self { action, code, step, limit, value, requested, admitted }
    }
}
pub fn assess(_p: &Policy, _w: &Waived, _v: &AccountView, o: &Candidate) -> Verdict { Verdict::new(Code::WithinLimits, 0.0, 0.0, o.quantity, o.quantity) }
pub fn default_stop(_p: &Policy, _e: Price, _s: Side) -> Option<Price> { None }
#[derive(Default)]
pub struct DayTrades {}
impl DayTrades {
    pub fn new() -> Self { Self {} }
    pub fn on_fill(&mut self, _s: u32, _y: usize, _o: u64, _d: Side, _q: Shares, _b: Shares) {}
}
#[derive(Debug, Clone, Copy, Default)]
pub struct KellyStats { pub trades: u32, pub wins: u32, pub mean_win: f64, pub mean_loss: f64 }
pub struct SizingInputs { pub concurrent: u32, pub stop_distance_frac: Option<f64>, pub volatility: Option<f64>, pub inverse_volatility_share: Option<f64>, pub kelly: KellyStats }
pub fn size(method: &SizingMethod, inputs: &SizingInputs) -> f64 {
    match method { SizingMethod::FixedFraction { fraction } => *fraction, _ => 1.0 / f64::from(inputs.concurrent) }
}
pub fn shares(weight: f64, equity: Money, price: Price, fractional: bool, round_lot: u32) -> Shares {
    let s = Shares::from_f64(weight * equity.to_f64() / price.to_f64()).unwrap_or(Shares::ZERO);
    if fractional { s } else { let l = i64::from(round_lot) * 1_000_000; Shares(s.0 / l * l) }
}
