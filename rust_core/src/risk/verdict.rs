//! What the cascade answers: an action, the limit that decided, and how much of the order may go.

use crate::units::Shares;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    Approve,
    Reject,
    /// Within all limits, and a person must say yes; a simulation grants it at once.
    RequireHumanApproval,
    /// A part of it may go.
    ReduceSize,
}

impl Action {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "APPROVE",
            Self::Reject => "REJECT",
            Self::RequireHumanApproval => "REQUIRE_HUMAN_APPROVAL",
            Self::ReduceSize => "REDUCE_SIZE",
        }
    }
}

/// The steps in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    KillSwitch,
    /// The order and the account's figures are sound.
    Order,
    CircuitBreakers,
    DayTrading,
    PositionLimits,
    PortfolioLimits,
    Autonomy,
    /// After the cascade: what the account could pay when the order was booked.
    Booking,
}

impl Step {
    pub const ALL: [Self; 8] = [
        Self::KillSwitch,
        Self::Order,
        Self::CircuitBreakers,
        Self::DayTrading,
        Self::PositionLimits,
        Self::PortfolioLimits,
        Self::Autonomy,
        Self::Booking,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KillSwitch => "kill_switch",
            Self::Order => "order",
            Self::CircuitBreakers => "circuit_breakers",
            Self::DayTrading => "day_trading",
            Self::PositionLimits => "position_limits",
            Self::PortfolioLimits => "portfolio_limits",
            Self::Autonomy => "autonomy",
            Self::Booking => "booking",
        }
    }
}

/// What `limit` and `value` of a verdict are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Of equity unless the sentence says otherwise.
    Fraction,
    UsdPerShare,
    Usd,
    Shares,
    Count,
    IndexPoints,
    Seconds,
    Hours,
    /// Both numbers are 0.
    Nothing,
}

macro_rules! codes {
    ($($name:ident $text:literal $step:ident $measure:ident $sentence:literal;)*) => {
        /// Why a verdict is what it is. The text is stable; the sentence is for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[doc = $sentence] #[serde(rename = $text)] $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The step that gives this code.
            pub const fn step(self) -> Step {
                match self { $(Self::$name => Step::$step),* }
            }

            /// What `limit` and `value` are measured in.
            pub const fn measure(self) -> Measure {
                match self { $(Self::$name => Measure::$measure),* }
            }

            /// What happened, in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),* }
            }
        }
    };
}

codes! {
    WithinLimits "WITHIN_LIMITS" Autonomy Nothing "The order is within every limit.";
    KillSwitch "KILL_SWITCH" KillSwitch Nothing "The kill switch is on: no order of any kind leaves.";
    OrderInvalid "ORDER_INVALID" Order Nothing "The order has no positive quantity or no positive price.";
    BelowOneShare "BELOW_ONE_SHARE" Order Shares "The order is smaller than the smallest quantity that can be traded.";
    ExceedsHolding "EXCEEDS_HOLDING" Order Shares "The exit is larger than the holding; the rest would open the other side.";
    NoEquity "NO_EQUITY" Order Usd "The account's equity is not above zero or not known.";
    MarkMissing "MARK_MISSING" Order Nothing "A holding or a working order has no price, so the exposure is unknown.";
    VixMissing "VIX_MISSING" CircuitBreakers IndexPoints "The VIX is not known, so the circuit breaker counts as tripped.";
    Vix "VIX" CircuitBreakers IndexPoints "The VIX is above the threshold.";
    StaleData "STALE_DATA" CircuitBreakers Seconds "Market data is older than allowed, or its age is unknown.";
    Drift "DRIFT" CircuitBreakers Fraction "The books and the broker differ by more than allowed, or were not compared.";
    DeadMan "DEAD_MAN" CircuitBreakers Hours "No person has confirmed for longer than allowed, or it is unknown when.";
    PdtLegacy "PDT_LEGACY" DayTrading Count "With this entry, day trades made and those that stops could force would exceed the limit.";
    IntradayMargin "INTRADAY_MARGIN" DayTrading Fraction "The intraday margin level, were every pending order filled, would fall under the buffer.";
    CashSettlement "CASH_SETTLEMENT" DayTrading Usd "A cash account buys with settled cash only, and does not sell short.";
    PositionMax "POSITION_MAX" PositionLimits Fraction "The position would be a larger part of equity than allowed.";
    SectorMax "SECTOR_MAX" PositionLimits Fraction "The sector would be a larger part of equity than allowed.";
    SectorUnknown "SECTOR_UNKNOWN" PositionLimits Nothing "The symbol's sector is not known, so the sector limit cannot be tested.";
    StopLossMax "STOP_LOSS_MAX" PositionLimits Fraction "The loss at the stop would be a larger part of equity than allowed.";
    StopWrongSide "STOP_WRONG_SIDE" PositionLimits UsdPerShare "The stop lies on the profitable side of the entry and would be hit at once.";
    MinPrice "MIN_PRICE" PositionLimits UsdPerShare "The price per share is under the floor.";
    NoLeverage "NO_LEVERAGE" PositionLimits Fraction "The gross exposure would exceed equity.";
    Drawdown "DRAWDOWN" PortfolioLimits Fraction "The drawdown from the high-water mark reached the limit and has not been reset.";
    DailyLoss "DAILY_LOSS" PortfolioLimits Fraction "The loss since the previous session's close is above the limit.";
    MaxPositions "MAX_POSITIONS" PortfolioLimits Count "More symbols would be held than allowed.";
    MaxDailyTrades "MAX_DAILY_TRADES" PortfolioLimits Count "More orders would be sent in the session than allowed.";
    CashReserve "CASH_RESERVE" PortfolioLimits Fraction "The cash left, without the proceeds of shorts, would be under the reserve.";
    AutonomyManualApproval "AUTONOMY_MANUAL_APPROVAL" Autonomy Nothing "The order waits for a person, because the mode is MANUAL_APPROVAL.";
    CashCut "CASH_CUT" Booking Usd "The purchase was cut to what the account could pay at the open.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to one order. `limit` and `value` are in `code.measure()`: what is allowed, and what the order as asked
/// for would have led to; NaN where it is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    pub action: Action,
    pub code: Code,
    pub step: Step,
    pub limit: f64,
    pub value: f64,
    pub requested: Shares,
    pub admitted: Shares,
}

impl Verdict {
    /// A verdict whose action follows from how much is admitted.
    pub fn new(code: Code, limit: f64, value: f64, requested: Shares, admitted: Shares) -> Self {
        let action = match admitted {
            Shares(..=0) => Action::Reject,
            part if part < requested => Action::ReduceSize,
            _ => Action::Approve,
        };
        Self { action, code, step: code.step(), limit, value, requested, admitted }
    }

    /// One line for a log: code, sentence, value against limit in the reader's units.
    pub fn explain(&self) -> String {
        let show = |x: f64| match self.code.measure() {
            _ if x.is_nan() => "unknown".to_owned(),
            Measure::Fraction => format!("{:.2}%", x * 100.0),
            Measure::UsdPerShare | Measure::Usd => format!("${x:.2}"),
            Measure::Shares => format!("{x} shares"),
            Measure::Seconds => format!("{x} s"),
            Measure::Hours => format!("{x} h"),
            Measure::Count | Measure::IndexPoints | Measure::Nothing => format!("{x}"),
        };
        let sentence = self.code.sentence();
        match self.code.measure() {
            Measure::Nothing => format!("{}: {sentence}", self.code),
            _ => format!("{}: {sentence} Value {}, limit {}.", self.code, show(self.value), show(self.limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_a_text_of_its_own_and_a_sentence() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{code}");
            assert!(code.sentence().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_verdict_explains_itself_in_the_readers_units() {
        let verdict = Verdict::new(Code::PositionMax, 0.05, 0.072, Shares::whole(120), Shares::whole(83));
        assert_eq!(verdict.action, Action::ReduceSize);
        let text =
            "POSITION_MAX: The position would be a larger part of equity than allowed. Value 7.20%, limit 5.00%.";
        assert_eq!(verdict.explain(), text);
        let unknown = Verdict::new(Code::StaleData, 300.0, f64::NAN, Shares::ONE, Shares::ZERO);
        assert!(unknown.explain().ends_with("Value unknown, limit 300 s."));
        let off = Verdict::new(Code::KillSwitch, 0.0, 0.0, Shares::ONE, Shares::ZERO);
        assert_eq!(off.explain(), "KILL_SWITCH: The kill switch is on: no order of any kind leaves.");
    }
}
