//! What engines do differently with the same decisions: one switch per convention, one preset per engine.
//!
//! Each switch stands alone, so that a difference between two engines can be laid to the one switch that makes it
//! vanish. The presets and where each of their settings is from stand in `profiles`.

use crate::error::{EngineError, Result};
use crate::simulate::profiles::{NATIVE, PROFILES};
use serde::Serialize;

/// A switch as the manual shows it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Switch {
    pub name: &'static str,
    pub summary: &'static str,
    /// (setting, what it means).
    pub settings: &'static [(&'static str, &'static str)],
}

macro_rules! switches {
    ($($summary:literal $field:ident: $kind:ident { $($variant:ident = $text:literal $meaning:literal,)+ })+) => {
        $(
            #[doc = $summary]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $kind {
                $(#[doc = $meaning] $variant,)+
            }
        )+

        /// Every convention of a run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Conventions {
            $(#[doc = $summary] pub $field: $kind,)+
        }

        /// Every switch, in the order of the manual.
        pub const SWITCHES: &[Switch] = &[
            $(Switch { name: stringify!($field), summary: $summary, settings: &[$(($text, $meaning),)+] },)+
        ];

        impl Conventions {
            /// The setting of each switch, in their order.
            pub fn settings(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), match self.$field { $($kind::$variant => $text,)+ }),)+]
            }

            /// Turns one switch; false where there is no such switch or setting.
            fn turn(&mut self, name: &str, setting: &str) -> bool {
                match (name, setting) {
                    $($((stringify!($field), $text) => self.$field = $kind::$variant,)+)+
                    _ => return false,
                }
                true
            }
        }
    };
}

switches! {
    "When a market order fills."
    fill: FillTime {
        NextOpen = "next_open" "at the open of the next bar",
        SameClose = "same_close" "at the close that decided it",
        NextClose = "next_close" "at the close of the next bar; other orders are judged by that close alone",
        OpenOrClose = "open_or_close" "on daily bars at the next open; on shorter ones at the close that decided it, and after the last of a session at the next open",
    }
    "What a market order that fills at a close gets where the bar has a quote."
    quotes: Quoted {
        Ignored = "ignored" "the close",
        Taken = "taken" "a purchase the ask and a sale the bid of the bar, each where given; positions are marked at the close all the same",
    }
    "Which of the orders that a bar can fill goes first."
    sequence: Sequence {
        SalesFirst = "sales_first" "what fills at the open before what fills within the bar; sales before purchases, then by priority, then by symbol",
        AsSent = "as_sent" "one order after the other as they were sent, each judged by the whole bar; an amended order is sent anew, and stops and targets stand aside while a market order to close is out",
    }
    "What becomes of a purchase that cash does not cover."
    cash: Cash {
        Cut = "cut" "it is cut to what cash pays for",
        CutAfterFee = "cut_after_fee" "it is cut to what cash pays for once the fee of the whole order is paid, where the fee counts shares; a fee that is a rate is that of what is left",
        Reject = "reject" "it is refused whole when it would fill",
        CheckAndReject = "check_and_reject" "the same, and before the bar all new orders are run through cash in turn at their own price (a market order at the close that decided it); where cash falls below zero the order is refused, and what it would have cost still counts for those after it",
        Margin = "margin" "cash may go below zero: an opening order is refused whole, when sent and when filled, where equity less half of what is held does not cover half of its value and its fee",
        Unlimited = "unlimited" "nothing: cash goes below zero",
    }
    "From when a stop or target guards what an entry bought."
    protection: ProtectedFrom {
        EntryBar = "entry_bar" "from the fill on, in the rest of the same bar",
        NextBar = "next_bar" "from the next bar on",
    }
    "When a price reaches a limit."
    levels: Levels {
        Touched = "touched" "when it is at the limit; a stop-limit whose stop is touched fills at the open or its stop where that is within its limit, and else goes on as a limit order",
        Passed = "passed" "when it is better than the limit; a stop-limit whose stop a bar has passed fills in the first bar, that one or a later one, that closes better than its limit: at the limit, or the bar's extreme where even that is better",
    }
    "Who pays slippage, and how far it goes."
    slippage_bounds: SlippageBounds {
        Takers = "takers" "market orders and stops, beyond the bar's range where it takes them there",
        WithinBar = "within_bar" "market orders, stops and stop-limits that fill at their stop as far as the bar's high or low; a limit order that fills at the open as far as its limit",
    }
    "What a position is sized on."
    sizing: SizingOn {
        Buffered = "buffered" "the close raised by the cash buffer, and the fee per share",
        Close = "close" "the close",
        FreePortfolio = "free_portfolio" "99.75% of equity at the close, rounded towards zero, then lowered until its value leaves the fee of the order free; an order below 0.1% of equity in margin terms is dropped",
    }
    "Parts of a share."
    shares: PartShares {
        Strategy = "strategy" "as the strategy says",
        Fractional = "fractional" "bought as well",
    }
    "What an order costs."
    fees: Fees {
        Settings = "settings" "as set in `simulation.commission`",
        Zero = "zero" "nothing",
        Lean = "lean" "0.005 USD per share, at least 1.00, at most 0.5% of the value but never below the minimum",
        Zipline = "zipline" "0.0075 USD per share, at least 1.00",
    }
    "How much worse than the bar's price a fill is."
    slippage: Slips {
        Settings = "settings" "as set in `simulation.slippage`",
        Zero = "zero" "not at all",
        VolumeShare = "volume_share" "0.1 x (share of the bar's volume) squared",
    }
    "How much of a bar's volume may fill."
    volume: VolumeBound {
        Settings = "settings" "as set in `simulation.max_participation`",
        Unbounded = "unbounded" "any amount",
        Zipline = "zipline" "2.5%",
    }
    "Whose share of the volume that is."
    participation: Participation {
        ByBar = "by_bar" "that of all orders on a symbol together",
        ByOrder = "by_order" "each order's own",
    }
    "What a fee with a minimum is reckoned on where an order fills in parts."
    fee_parts: FeeParts {
        Together = "together" "the order as far as it has come, less what was charged before",
        Apart = "apart" "each part as if it were an order",
    }
    "Splits and dividends."
    actions: CorporateActions {
        Booked = "booked" "a split restates holdings and orders, a dividend is paid, both before the open of their day",
        Ignored = "ignored" "nothing happens: prices are taken for adjusted",
    }
    "What becomes of positions at the last bar."
    last_bar: LastBar {
        Open = "open" "they stay open, marked at its close; it decides as any bar does, and what it orders for the next one stays out, unfilled",
        Closed = "closed" "nothing is decided; what is out is called back, and positions are closed at its close, at the costs of a market order, as far as the symbol has a bar there and volume allows",
    }
    "Whose definitions the headline metrics follow."
    metrics: Definitions {
        Native = "native" "our own, which are empyrical's: closes of sessions, returns from the second on, 252 sessions a year",
        Backtrader = "backtrader" "its analyzers: returns of calendar years less 1%, drawdown of every bar",
        Vectorbt = "vectorbt" "its portfolio's: returns of every bar, 365 days a year",
        Lean = "lean" "its portfolio statistics: returns of calendar days from the second on, less the credit rate of the Federal Reserve",
        Zipline = "zipline" "empyrical's on the returns of every session, the first included",
    }
}

impl Conventions {
    /// Reads a profile, settings of single switches, or both: `lean`, `native,fill=next_close`, `cash=reject`.
    ///
    /// # Errors
    /// `Range` for a profile, switch or setting that there is not.
    pub fn parse(text: &str) -> Result<Self> {
        let mut conventions = NATIVE;
        for (place, part) in text.split(',').map(str::trim).enumerate() {
            match part.split_once('=') {
                None if place == 0 => match PROFILES.iter().find(|profile| profile.name == part) {
                    Some(profile) => conventions = profile.conventions,
                    None => {
                        let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
                        return Err(refused(part, &names.join(", ")));
                    }
                },
                Some((name, setting)) if conventions.turn(name.trim(), setting.trim()) => {}
                Some((name, _)) => match SWITCHES.iter().find(|switch| switch.name == name.trim()) {
                    Some(switch) => {
                        let settings: Vec<_> = switch.settings.iter().map(|(setting, _)| *setting).collect();
                        return Err(refused(part, &format!("{name}= one of {}", settings.join(", "))));
                    }
                    None => {
                        let names: Vec<_> = SWITCHES.iter().map(|switch| switch.name).collect();
                        return Err(refused(part, &format!("one of {}", names.join(", "))));
                    }
                },
                None => return Err(refused(part, "a setting such as `cash=reject` after the profile")),
            }
        }
        Ok(conventions)
    }

    /// What a market order decided at a close waits for, where bars are whole sessions or are not.
    pub fn fill_on(&self, daily: bool) -> FillTime {
        match self.fill {
            FillTime::OpenOrClose if daily => FillTime::NextOpen,
            FillTime::OpenOrClose => FillTime::SameClose,
            fill => fill,
        }
    }

    /// Whether fills come as in `native`, so that what is proved of its path holds.
    pub fn fills_as_native(&self) -> bool {
        let Self { fees, slippage, volume, participation, fee_parts, actions, last_bar, metrics, .. } = *self;
        let Self { sizing, shares, .. } = *self;
        let costs = Self { fees, slippage, volume, participation, fee_parts, ..NATIVE };
        Self { actions, last_bar, metrics, sizing, shares, ..costs } == *self
    }
}

fn refused(found: &str, expected: &str) -> EngineError {
    EngineError::Range { what: "conventions".into(), found: found.into(), expected: expected.into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_profile_a_switch_or_both_are_read() {
        assert_eq!(Conventions::parse("native").unwrap(), NATIVE);
        assert_eq!(Conventions::parse("cash=reject").unwrap(), Conventions { cash: Cash::Reject, ..NATIVE });
        let both = Conventions::parse("zipline, fill=next_open").unwrap();
        assert_eq!((both.fill, both.fees), (FillTime::NextOpen, Fees::Zipline));
        for text in ["", "metatrader", "native,lean", "cash=maybe", "colour=red", "lean,fill"] {
            assert!(Conventions::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_setting_of_every_switch_can_be_turned_and_read_back() {
        for switch in SWITCHES {
            for (setting, _) in switch.settings {
                let turned = Conventions::parse(&format!("{}={setting}", switch.name)).unwrap();
                assert!(turned.settings().contains(&(switch.name, setting)));
            }
        }
    }
}
