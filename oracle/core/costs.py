"""Settings of what a simulation pays: commission, slippage, borrowed shares, interest.

The models themselves stand in the engine (`rust_core/src/fill/`); here are their parameters, with the published
numbers of brokers as defaults. Schedules and rates were read on 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from oracle.core.binding import Problem, Strict, key
from oracle.core.units import Boolean, Date, Integer, Number, Ratio, Usd, between

Fraction = Annotated[Ratio, between(0.0, 1.0, "0% to 100%")]
CostRate = Annotated[Ratio, between(0.0, 0.05, "0bps to 500bps")]
AnnualRate = Annotated[Ratio, between(0.0, 10.0, "0% to 1000%")]
PerShare = Annotated[Usd, between(0, 1_000, "0 to 1_000 USD")]
Coefficient = Annotated[Number, between(0.0, 100.0, "0 to 100")]


class TierSettings(Strict):
    """A rate per share for a stretch of the month's volume."""

    up_to: Annotated[Integer, between(1, 1_000_000_000, "1 to 1_000_000_000 shares")] | None = key(
        None, "Shares of the calendar month up to which the rate holds; left out in the last.", example="300_000"
    )
    per_share: PerShare = key(..., "Per share.", unit="USD", example="0.0035 USD")


def _tier(up_to: int | None, per_share: str) -> TierSettings:
    return TierSettings(up_to=up_to, per_share=Decimal(per_share))


#: IBKR Pro, tiered, stocks and ETFs of the United States.
IBKR_TIERS = [
    _tier(300_000, "0.0035"),
    _tier(3_000_000, "0.0020"),
    _tier(20_000_000, "0.0015"),
    _tier(100_000_000, "0.0010"),
    _tier(None, "0.0005"),
]


class TieredSettings(Strict):
    """A commission by the month's volume, with the fees of others beside it (model tiered)."""

    tiers: list[TierSettings] = key(
        IBKR_TIERS, "Rates, ascending; each holds for the shares within its stretch.", example="[{per_share: 0.0035}]"
    )
    minimum: PerShare = key(Decimal("0.35"), "Least per order.", unit="USD", example="0.35 USD")
    maximum: Fraction | None = key(0.01, "Most, against the value of the order.", unit="ratio", example="1%")
    clearing: PerShare = key(Decimal("0.0002"), "Clearing, per share.", unit="USD", example="0.0002 USD")
    clearing_maximum: Fraction = key(
        0.005, "Most of clearing, against the value of the order.", unit="ratio", example="0.5%"
    )
    exchange_remove: PerShare = key(
        Decimal("0.003"), "Exchange, per share that takes liquidity.", unit="USD", example="0.003 USD"
    )
    exchange_add: PerShare = key(
        Decimal(0), "Exchange, per share that adds liquidity; no rebates.", unit="USD", example="0 USD"
    )
    pass_through: Fraction = key(
        0.000735, "Passed on of the commission, for FINRA and the NYSE.", unit="ratio", example="0.0735%"
    )


class CommissionSettings(Strict):
    """What a fill costs."""

    model: Literal["per_share", "tiered", "bps", "zero"] = key(
        "per_share", "How commission is found.", example="per_share"
    )
    per_share: Usd = key(Decimal("0.005"), "Per share.", unit="USD", example="0.005 USD")
    minimum: Usd = key(Decimal("1.00"), "Least per order.", unit="USD", example="1 USD")
    maximum: Fraction | None = key(
        0.01, "Most, against the value of the order; null for none.", unit="ratio", example="1%"
    )
    maximum_wins: Boolean = key(True, "Whether the maximum holds where it is below the minimum.", example="true")
    rate: CostRate = key(0.001, "Against the value of the fill (model bps).", unit="ratio", example="10bps")
    tiered: TieredSettings = key(TieredSettings(), "The schedule of model tiered.", example="{minimum: 0.35 USD}")
    regulatory_fees: Boolean | None = key(
        None, "SEC and FINRA fees on sales, by date; when null, with model tiered only.", example="true"
    )


class SlippageSettings(Strict):
    """How much worse than the quote a fill is."""

    model: Literal["bps", "spread", "square_root", "volume_share", "zero"] = key(
        "bps", "How slippage is found.", example="bps"
    )
    rate: CostRate = key(
        0.0005, "Against the price (model bps; square_root without history).", unit="ratio", example="5bps"
    )
    spread: CostRate = key(
        0.0004, "Whole spread, half of which each fill pays (model spread).", unit="ratio", example="4bps"
    )
    coefficient: Coefficient = key(
        1.0, "Times daily volatility x sqrt(shares / daily volume) (model square_root).", example="1.0"
    )
    volatility_window: Annotated[Integer, between(2, 252, "2 to 252 sessions")] = key(
        20, "Daily returns of the volatility (model square_root).", unit="sessions", example="20"
    )
    volume_window: Annotated[Integer, between(1, 252, "1 to 252 sessions")] = key(
        20, "Days of the mean volume (model square_root).", unit="sessions", example="20"
    )
    impact: Coefficient = key(0.1, "Times (shares / volume of the bar) ^ 2 (model volume_share).", example="0.1")
    volume_limit: Annotated[Ratio, between(0.0001, 1.0, "0.01% to 100%")] = key(
        0.025, "Most of a bar's volume that trades (model volume_share).", unit="ratio of volume", example="2.5%"
    )


class RateStep(Strict):
    """An annual rate from a day on."""

    start: Date | None = key(None, "First day; left out in the first step.", example="2024-09-19", alias="from")
    rate: AnnualRate = key(..., "Annual rate.", unit="ratio per year", example="4.83%")


class InterestSettings(Strict):
    """What cash earns and debt costs, by the calendar day over 360 days, booked at each session's open."""

    benchmark: list[RateStep] | None = key(
        None, "Benchmark rate, ascending by date; null for no interest at all.", example="[{rate: 4%}]"
    )
    credit_below: AnnualRate = key(
        0.005, "Cash earns the benchmark less this, at least 0%.", unit="ratio per year", example="0.5%"
    )
    debit_above: AnnualRate = key(0.015, "Debt costs the benchmark and this.", unit="ratio per year", example="1.5%")
    floor: Annotated[Usd, between(0, 1_000_000_000, "0 to 1_000_000_000 USD")] = key(
        Decimal(10_000), "Settled cash up to here earns nothing.", unit="USD", example="10_000 USD"
    )


def cost_problems(commission: CommissionSettings, interest: InterestSettings, at: tuple[str, ...]) -> Iterator[Problem]:
    """Yield tiers and rates that do not ascend; `at` is the path of the section that holds both."""
    here = (*at, "commission", "tiered", "tiers")
    before = 0
    tiers = commission.tiered.tiers
    if not tiers:
        yield Problem(here, "S013", "there is no tier", "none", "at least one", on_key=True)
    for index, tier in enumerate(tiers):
        is_last = index == len(tiers) - 1
        if (tier.up_to is None) != is_last or (tier.up_to or before + 1) <= before:
            expected = "nothing: the last is without end" if is_last else f"more than {before:_}"
            yield Problem((*here, index), "S013", "`up_to` of a tier", f"{tier.up_to}", expected)
        before = tier.up_to or before
    here = (*at, "interest", "benchmark")
    known: date | None = None
    for index, step in enumerate(interest.benchmark or []):
        if index > 0 and (step.start is None or (known is not None and step.start <= known)):
            expected = "a date" if known is None else f"a date after {known.isoformat()}"
            yield Problem((*here, index), "S013", "`from` of a rate", f"{step.start}", expected)
        known = step.start or known
    if interest.benchmark == []:
        yield Problem(here, "S013", "there is no rate", "none", "at least one, or null", on_key=True)
