"""The sections of `config/risk_limits.yaml`: keys, units and ranges. No key has a default but the ends of a period.

Ranges are those of the engine's policy, which tests them again.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from oracle.core.binding import Strict, key
from oracle.core.units import (
    Boolean,
    Date,
    Duration,
    Integer,
    Number,
    Ratio,
    SpanOfTime,
    UnreadableError,
    Usd,
    between,
    custom_error,
    integer,
    reader,
)

_PART_PER_BILLION = 1e-9
_SESSIONS = re.compile(r"([1-9][0-9]?) sessions?")


def _sessions(text: str) -> int:
    """Read a number of trading sessions: `5 sessions`; `5s` would be seconds in this file."""
    expected = "a number of trading sessions such as 5 sessions"
    if match := _SESSIONS.fullmatch(text):
        return int(match[1])
    if re.fullmatch(r"[1-9][0-9]?", text):
        raise UnreadableError("S014", "the unit is missing", expected, f"{integer(text)} sessions")
    raise UnreadableError("S012", "not a number of sessions", expected)


def _whole(unit_s: int, name: str) -> AfterValidator:
    """Return a check that a time is a whole number of units."""

    def check(value: timedelta) -> timedelta:
        if value % timedelta(seconds=unit_s):
            raise custom_error("S013", f"not a whole number of {name}", f"whole {name}")
        return value

    return AfterValidator(check)


Share = Annotated[Ratio, between(_PART_PER_BILLION, 1.0, "above 0% and at most 100%")]
ShareOrNone = Annotated[Ratio, between(0.0, 1.0, "0% to 100%")]
Seconds = Annotated[Duration, _whole(1, "seconds")]
Sessions = Annotated[
    int,
    reader(_sessions, (int,)),
    between(1, 30, "1 to 30 sessions"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]? sessions?$"}),
]
PriceFloor = Annotated[Usd, between(0, 1_000_000, "0 to 1_000_000 USD")]
Equity = Annotated[Usd, between(0, 1_000_000_000, "0 to 1_000_000_000 USD")]


class PositionLimits(Strict):
    """Limits on one order and the position it makes. All but the price floor cut the order to what fits."""

    max_position: Share = key(
        ...,
        "Value of one position; a strategy's own cap holds where it is smaller.",
        unit="ratio of equity",
        example="5%",
    )
    max_sector: Share = key(..., "Value of all positions of one sector.", unit="ratio of equity", example="25%")
    stop_loss: Share = key(
        ...,
        "Loss of one position at its stop: shares x |entry - stop|. A position without a stop gets one there.",
        unit="ratio of equity",
        example="2%",
    )
    min_price: PriceFloor = key(
        ..., "Lowest close at which a position is opened.", unit="USD per share", example="5 USD"
    )
    no_leverage: Boolean = key(..., "Whether long and short positions together stay within equity.", example="true")


class PortfolioLimits(Strict):
    """Limits on the account. Beyond them entries are rejected; exits never are."""

    max_drawdown: Share = key(
        ..., "Fall from the high-water mark; entries stay blocked until it is reset.", unit="ratio", example="10%"
    )
    max_daily_loss: Share = key(..., "Fall since the previous session's close.", unit="ratio", example="3%")
    max_positions: Annotated[Integer, between(1, 100_000, "1 to 100_000")] = key(
        ..., "Symbols held at once, entries on their way included.", example="20"
    )
    max_daily_trades: Annotated[Integer, between(1, 1_000_000, "1 to 1_000_000")] = key(
        ..., "Orders sent in one session.", example="50"
    )
    min_cash_reserve: ShareOrNone | None = key(
        ...,
        "Cash left after a purchase, without the proceeds of shorts; null asks nothing, and what cash cannot pay is "
        "cut at the fill.",
        unit="ratio of equity",
        example="10%",
    )


class DatedProfile(Strict):
    """A day-trading rule and the days on which it holds, both ends included."""

    profile: Literal["legacy_pdt", "intraday_margin", "cash_account", "off"] = key(
        ..., "The rule.", example="legacy_pdt"
    )
    start: Date | None = key(None, "First day; from the beginning when left out.", example="2001-09-28", alias="from")
    end: Date | None = key(None, "Last day; without end when left out.", example="2027-10-20", alias="to")


class PdtGuard(Strict):
    """The day-trading rules of the account, by date."""

    account_type: Literal["margin", "cash"] = key(
        ...,
        "Which rules concern the account: cash_account a cash account, the others a margin account.",
        example="margin",
    )
    profiles: list[DatedProfile] = key(
        ..., "Rules and the days they hold.", example="[{profile: legacy_pdt, from: 2001-09-28, to: 2027-10-20}]"
    )
    max_day_trades: Annotated[Integer, between(0, 1_000, "0 to 1_000")] = key(
        ..., "legacy_pdt: day trades in the window.", example="3"
    )
    window: Sessions = key(..., "legacy_pdt: today and the sessions before it.", unit="sessions", example="5 sessions")
    min_equity: Equity = key(
        ..., "legacy_pdt: from this equity on, now and at the previous close, nothing is counted.",
        unit="USD", example="25_000 USD",
    )  # fmt: skip
    counting: Literal["largest", "openings", "reversals", "closings"] = key(
        ..., "legacy_pdt: how day trades are counted.", example="largest"
    )
    intraday_buffer: ShareOrNone = key(
        ..., "intraday_margin: least margin level once all orders are filled.", unit="ratio of equity", example="5%"
    )
    maintenance: Share = key(
        ..., "intraday_margin: maintenance requirement of a position.", unit="ratio of its value", example="25%"
    )


class Reconciliation(Strict):
    """Comparison of the books with the broker's."""

    interval: Annotated[Seconds, between(1, 86_400, "1s to 24h")] = key(
        ..., "How often they are compared.", unit="time", example="300s"
    )
    max_drift: Share = key(..., "Largest difference.", unit="ratio of equity", example="1%")


class CircuitBreakers(Strict):
    """While one is tripped, or its input is missing, nothing is opened."""

    vix_threshold: Annotated[Number, between(1, 200, "1 to 200")] = key(
        ..., "Highest level of the VIX.", unit="index points", example="35"
    )
    stale_data: Annotated[Seconds, between(1, 864_000, "1s to 10d")] = key(
        ..., "Greatest age of a price.", unit="time", example="300s"
    )
    reconciliation: Reconciliation = key(
        ..., "The books against the broker's.", example="{interval: 300s, max_drift: 1%}"
    )
    dead_man_switch: Annotated[Duration, _whole(3_600, "hours"), between(3_600, 31_536_000, "1h to 365d")] = key(
        ..., "Longest time without a person's confirmation.", unit="time", example="48h"
    )


class KillSwitch(Strict):
    """Stops every order, exits included."""

    cooldown: Annotated[Duration, _whole(60, "minutes"), between(0, 31_536_000, "0min to 365d")] = key(
        ..., "Least time from activation until a person may clear it.", unit="time", example="60min"
    )


class Transition(Strict):
    """What the ledger must show before a person may raise the mode by one step."""

    days_in_mode: SpanOfTime = key(..., "Time in the mode below.", unit="calendar days", example="30d")
    min_sharpe: Annotated[Number, between(-10, 10, "-10 to 10")] = key(
        ..., "Lowest annual Sharpe ratio in that time.", example="0.5"
    )
    max_drawdown: Share = key(..., "Deepest drawdown in that time.", unit="ratio", example="5%")


class AutonomyTransitions(Strict):
    """Conditions for each mode above PAPER_ONLY; lowering the mode is always allowed."""

    manual_approval: Transition = key(
        ..., "From PAPER_ONLY.", example="{days_in_mode: 30d, min_sharpe: 0.5, max_drawdown: 5%}"
    )
    bounded_autonomous: Transition = key(
        ..., "From MANUAL_APPROVAL.", example="{days_in_mode: 60d, min_sharpe: 0.75, max_drawdown: 5%}"
    )
    full_autonomous: Transition = key(
        ..., "From BOUNDED_AUTONOMOUS.", example="{days_in_mode: 180d, min_sharpe: 1.0, max_drawdown: 5%}"
    )
