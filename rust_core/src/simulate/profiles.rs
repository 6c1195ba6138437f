//! The conventions of engines, and where each is from. Their public documentation and sources were read in November
//! 2026: backtrader 1.9.78.123, vectorbt 1.2.0, LEAN's master branch, zipline 1.4.

use crate::simulate::conventions::{
    Cash, Conventions, CorporateActions, Definitions, FeeParts, Fees, FillTime, LastBar, Levels, PartShares,
    Participation, ProtectedFrom, Quoted, Sequence, SizingOn, SlippageBounds, Slips, VolumeBound,
};

/// One engine's conventions.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    pub name: &'static str,
    pub summary: &'static str,
    pub conventions: Conventions,
    /// (switch, where its setting is from).
    pub sources: &'static [(&'static str, &'static str)],
}

pub const NATIVE: Conventions = Conventions {
    fill: FillTime::NextOpen,
    quotes: Quoted::Ignored,
    sequence: Sequence::SalesFirst,
    cash: Cash::Cut,
    protection: ProtectedFrom::EntryBar,
    levels: Levels::Touched,
    slippage_bounds: SlippageBounds::Takers,
    sizing: SizingOn::Buffered,
    shares: PartShares::Strategy,
    fees: Fees::Settings,
    slippage: Slips::Settings,
    volume: VolumeBound::Settings,
    participation: Participation::ByBar,
    fee_parts: FeeParts::Together,
    actions: CorporateActions::Booked,
    last_bar: LastBar::Open,
    metrics: Definitions::Native,
};

const BACKTRADER: Conventions = Conventions {
    sequence: Sequence::AsSent,
    cash: Cash::CheckAndReject,
    protection: ProtectedFrom::NextBar,
    slippage_bounds: SlippageBounds::WithinBar,
    sizing: SizingOn::Close,
    fees: Fees::Zero,
    slippage: Slips::Zero,
    volume: VolumeBound::Unbounded,
    participation: Participation::ByOrder,
    fee_parts: FeeParts::Apart,
    actions: CorporateActions::Ignored,
    metrics: Definitions::Backtrader,
    ..NATIVE
};

const VECTORBT: Conventions = Conventions {
    fill: FillTime::SameClose,
    cash: Cash::CutAfterFee,
    protection: ProtectedFrom::NextBar,
    sizing: SizingOn::Close,
    shares: PartShares::Fractional,
    fees: Fees::Zero,
    slippage: Slips::Zero,
    volume: VolumeBound::Unbounded,
    participation: Participation::ByOrder,
    fee_parts: FeeParts::Apart,
    actions: CorporateActions::Ignored,
    metrics: Definitions::Vectorbt,
    ..NATIVE
};

const LEAN: Conventions = Conventions {
    fill: FillTime::OpenOrClose,
    quotes: Quoted::Taken,
    sequence: Sequence::AsSent,
    cash: Cash::Margin,
    protection: ProtectedFrom::NextBar,
    levels: Levels::Passed,
    sizing: SizingOn::FreePortfolio,
    fees: Fees::Lean,
    slippage: Slips::Zero,
    volume: VolumeBound::Unbounded,
    metrics: Definitions::Lean,
    ..NATIVE
};

const ZIPLINE: Conventions = Conventions {
    fill: FillTime::NextClose,
    sequence: Sequence::AsSent,
    cash: Cash::Unlimited,
    protection: ProtectedFrom::NextBar,
    sizing: SizingOn::Close,
    fees: Fees::Zipline,
    slippage: Slips::VolumeShare,
    volume: VolumeBound::Zipline,
    metrics: Definitions::Zipline,
    ..NATIVE
};

/// Every profile, `native` first.
pub const PROFILES: &[Profile] = &[
    Profile { name: "native", summary: "What `oracle` does of its own.", conventions: NATIVE, sources: &[] },
    Profile {
        name: "backtrader",
        summary: "backtrader's own broker simulation (`BackBroker`), as it is set up by default.",
        conventions: BACKTRADER,
        sources: &[
            ("fill", "`_try_exec_market`; `coc` and `coo` are off"),
            ("sequence", "`BackBroker.next` walks its queue of pending orders once per bar"),
            (
                "cash",
                "`checksubmit` is on: `check_submitted`, `_execute`; an order short of cash is given status Margin",
            ),
            (
                "protection",
                "an order sent from `notify_order` or `next` is matched from the next bar on; a bracket's children too (`_bracketize`, `_toactivate`)",
            ),
            ("levels", "`_try_exec_limit`, `_try_exec_stop`, `_try_exec_stoplimit`: a price at the level is enough"),
            (
                "slippage_bounds",
                "`slip_open`, `slip_match` and `slip_limit` on, `slip_out` off: the defaults of `set_slippage_perc`",
            ),
            ("sizing", "`order_target_percent` divides by the close"),
            ("fees", "`CommInfoBase` charges nothing until it is told to"),
            ("slippage", "`slip_perc` and `slip_fixed` are 0"),
            ("volume", "`filler` is None"),
            ("participation", "a filler is asked for each order"),
            ("fee_parts", "`getcommission` knows the size of an execution, not its order"),
            ("actions", "there are no corporate actions in it"),
            (
                "last_bar",
                "`Cerebro` lets the broker match before each `next`, so that nothing matches what the last one sends; nothing closes positions",
            ),
            (
                "metrics",
                "analyzers `Returns`, `SharpeRatio` (calendar years, 1%, divisor n) and `DrawDown` as they are set up by default",
            ),
        ],
    },
    Profile {
        name: "vectorbt",
        summary: "vectorbt's `Portfolio`, as its functions are set up by default.",
        conventions: VECTORBT,
        sources: &[
            ("fill", "`from_orders` and `from_signals`: the price of an order is the close of its own bar"),
            ("sequence", "`call_seq='auto'` sorts by order value, which lets sales go first"),
            ("cash", "`buy_nb`: `allow_partial` is on, `fixed_fees` are charged whatever fills"),
            ("protection", "`simulate_from_signals_nb` looks for stops from the bar after the entry on"),
            ("levels", "`get_stop_price_nb`: a price at the level is enough; the open where it has passed it"),
            ("slippage_bounds", "`buy_nb`, `sell_nb`: the price times one plus or minus the slippage, unbounded"),
            ("sizing", "`TargetPercent` is taken of the value at the close"),
            ("shares", "`size_granularity` is NaN"),
            ("fees", "`fees` and `fixed_fees` are 0"),
            ("slippage", "`slippage` is 0"),
            ("volume", "`max_size` is infinite"),
            ("participation", "`max_size` is that of an order"),
            ("fee_parts", "`fixed_fees` are paid by each execution"),
            ("actions", "there are no corporate actions in it"),
            (
                "last_bar",
                "an order of the last row fills at its close like any other; positions that are left count as open trades",
            ),
            (
                "metrics",
                "`returns/nb.py`; `year_freq` 365 days, `ddof` 1, `risk_free` 0, and the time from bar to bar as `freq`",
            ),
        ],
    },
    Profile {
        name: "lean",
        summary: "QuantConnect's LEAN with its default brokerage model for US equities.",
        conventions: LEAN,
        sources: &[
            (
                "fill",
                "`MarketFill` fills at once on bars shorter than a day; while the exchange is closed, as after every daily bar, `MarketOrder` sends a market-on-open order, and `MarketOnOpenFill` fills at the bar's open",
            ),
            (
                "quotes",
                "`MarketFill`: `GetBestEffortAskPrice` and `GetBestEffortBidPrice` take the close of the last quote bar; stops and limits go by trades",
            ),
            ("sequence", "`BacktestingBrokerage.Scan` walks pending orders by their number"),
            (
                "cash",
                "`SecurityMarginModel` with a leverage of 2; `HasSufficientBuyingPowerForOrder` when sent and before each fill",
            ),
            ("protection", "`EquityFillModel`: no fill on data that is not newer than the order"),
            (
                "levels",
                "`EquityFillModel.LimitFill` and `StopLimitFill`, strict; `StopMarketFill` is not: at the stop, or the open that has passed it",
            ),
            (
                "sizing",
                "`SetHoldings`, `GetMaximumOrderQuantityForTargetBuyingPower`; `FreePortfolioValuePercentage` 0.25%, `MinimumOrderMarginPortfolioPercentage` 0.1%",
            ),
            ("fees", "`InteractiveBrokersFeeModel` for US equities"),
            ("slippage", "`NullSlippageModel`"),
            ("volume", "`EquityFillModel` fills completely"),
            (
                "actions",
                "raw data normalization pays dividends and splits holdings; adjusted data need `actions=ignored`",
            ),
            ("last_bar", "`AlgorithmManager.Run` liquidates live algorithms alone"),
            (
                "metrics",
                "`PortfolioStatistics`, `StatisticsBuilder`; `InterestRateProvider` for the rate; 252 trading days, the default for US equities",
            ),
        ],
    },
    Profile {
        name: "zipline",
        summary: "Quantopian's zipline on daily bars, with the costs of its examples' published results.",
        conventions: ZIPLINE,
        sources: &[
            ("fill", "`SlippageModel.simulate`: orders placed at a bar fill at the close of the next"),
            ("sequence", "`Blotter.get_transactions` walks each asset's orders as they were placed"),
            ("cash", "nothing stops a purchase; `Ledger` lets cash go below zero"),
            ("protection", "an order is looked at from the bar after the one in which it was placed"),
            ("sizing", "`order_target_percent` divides portfolio value by the close"),
            (
                "fees",
                "`PerShare(cost=0.0075, min_trade_cost=1.0)`, the default when its examples' results were published",
            ),
            ("slippage", "`VolumeShareSlippage(price_impact=0.1)`"),
            ("volume", "`VolumeShareSlippage(volume_limit=0.025)`"),
            ("participation", "`SlippageModel.volume_for_bar` adds up what the orders of an asset took"),
            ("last_bar", "`AlgorithmSimulator.transform` ends after the last bar; open orders stay open"),
            ("metrics", "`default_metrics`: `ReturnsStatistic` of empyrical's functions over `daily_returns_array`"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_profile_names_the_source_of_a_switch_once() {
        for profile in PROFILES {
            let named: BTreeSet<&str> = profile.sources.iter().map(|(switch, _)| *switch).collect();
            assert_eq!(named.len(), profile.sources.len(), "{}", profile.name);
            let is_ours = profile.name == "native";
            assert!(
                is_ours || ["fill", "last_bar", "metrics"].iter().all(|key| named.contains(key)),
                "{}",
                profile.name
            );
        }
    }
}
