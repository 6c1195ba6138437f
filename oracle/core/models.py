"""The nouns every room shares, in the order in which data travels: bar, signal, order, verdict, fill, ledger, result.

Models are frozen and strict: an unknown field, NaN or a boolean for a number is refused. Money and shares are
``Decimal`` (exact to a millionth), indicator-side prices ``float``. Nothing here computes a trade.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Exact = Annotated[Decimal, Field(allow_inf_nan=False)]


class Model(BaseModel):
    """What all models agree on: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SignalDirection(StrEnum):
    """Where a strategy wants to be."""

    LONG = "LONG"
    SHORT = "SHORT"
    FLAT = "FLAT"


class OrderSide(StrEnum):
    """Which way an order goes."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How an order fills; the fill model states each case."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"
    BRACKET = "BRACKET"


class OrderStatus(StrEnum):
    """Where an order stands. ``EXPIRED`` is a day order that its session left behind."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


class RiskAction(StrEnum):
    """What the risk cascade answers."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    REQUIRE_HUMAN_APPROVAL = "REQUIRE_HUMAN_APPROVAL"
    REDUCE_SIZE = "REDUCE_SIZE"


class AutonomyMode(StrEnum):
    """How far the engine may go without a person, in rising order."""

    PAPER_ONLY = "PAPER_ONLY"
    MANUAL_APPROVAL = "MANUAL_APPROVAL"
    BOUNDED_AUTONOMOUS = "BOUNDED_AUTONOMOUS"
    FULL_AUTONOMOUS = "FULL_AUTONOMOUS"


class OHLCV(Model):
    """One bar, raw as traded unless ``adjusted_close`` says more.

    ``timestamp`` is aware; a daily bar carries midnight UTC of its session's date. Prices in USD per share,
    ``volume`` in shares; ``bid`` and ``ask`` are the last quote of the bar.

    Raises ``ValidationError`` when a price is not positive, the range does not hold open and close, or the bid is above
    the ask.
    """

    symbol: Annotated[str, Field(min_length=1)]
    timestamp: AwareDatetime
    open: Annotated[Finite, Field(gt=0)]
    high: Annotated[Finite, Field(gt=0)]
    low: Annotated[Finite, Field(gt=0)]
    close: Annotated[Finite, Field(gt=0)]
    volume: Annotated[Finite, Field(ge=0)]
    adjusted_close: Annotated[Finite, Field(gt=0)] | None = None
    bid: Annotated[Finite, Field(gt=0)] | None = None
    ask: Annotated[Finite, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _bid_is_not_above_ask(self) -> OHLCV:
        if self.bid is not None and self.ask is not None and self.bid > self.ask:
            raise ValueError(f"bid {self.bid} is above ask {self.ask}")
        return self

    @model_validator(mode="after")
    def _range_holds_open_and_close(self) -> OHLCV:
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError(
                f"low {self.low} to high {self.high} does not hold open {self.open} and close {self.close}"
            )
        return self


class FundamentalData(Model):
    """Ratios of one company as they were public at ``available_at``; ``None`` is not reported."""

    symbol: str
    period_end: date
    available_at: AwareDatetime
    pe_ratio: Finite | None = None
    debt_to_equity: Finite | None = None
    return_on_equity: Finite | None = None
    market_cap_usd: Finite | None = None


class Signal(Model):
    """What a strategy wants for one symbol, decided at ``timestamp``. ``metadata`` is for display: no rule reads it."""

    symbol: str
    timestamp: AwareDatetime
    direction: SignalDirection
    strength: Finite = 0.0
    strategy: str
    plan_hash: str
    metadata: dict[str, str] = {}


class Order(Model):
    """An order of ``quantity`` shares; prices in USD per share where the type has them."""

    order_id: str
    symbol: str
    side: OrderSide
    order_type: OrderType
    quantity: Annotated[Exact, Field(gt=0)]
    limit_price: Annotated[Exact, Field(gt=0)] | None = None
    stop_price: Annotated[Exact, Field(gt=0)] | None = None
    status: OrderStatus = OrderStatus.PENDING
    broker_order_id: str | None = None
    parent_id: str | None = None
    decided_at: AwareDatetime | None = None


class RiskCheckResult(Model):
    """The cascade's answer to one order: the binding limit, its value and what is admitted, in shares."""

    action: RiskAction
    code: str
    step: str
    reason: str
    limit: Finite
    value: Finite
    admitted: Exact
    policy_hash: str


class Fill(Model):
    """Shares that changed hands; ``price`` in USD per share, ``fee`` in USD."""

    order_id: str
    symbol: str
    side: OrderSide
    quantity: Annotated[Exact, Field(gt=0)]
    price: Annotated[Exact, Field(gt=0)]
    fee: Exact
    filled_at: AwareDatetime


class LedgerEntry(Model):
    """One movement of cash, USD; the sum of all is the account's cash."""

    timestamp: AwareDatetime
    kind: str
    symbol: str | None
    amount: Exact


class Position(Model):
    """Shares held (negative when short), their average entry price and profit, USD."""

    symbol: str
    quantity: Exact
    entry_price: Exact
    mark: Exact
    unrealised_pnl: Exact
    realised_pnl: Exact = Decimal(0)


class PortfolioSnapshot(Model):
    """An account at one moment: equity is cash plus the marks of all positions, USD."""

    timestamp: AwareDatetime
    equity: Exact
    cash: Exact
    positions: tuple[Position, ...] = ()
    drawdown: Annotated[Finite, Field(le=0)] = 0.0


class BacktestResult(Model):
    """What a backtest came to. Money in USD; ratios as fractions; a metric that does not exist is ``None``.

    ``verdict_counts`` counts the risk cascade's answers by code. ``waived`` names the inputs that a limit needed and
    the run did not have. The three dates belong to the deepest drawdown; without a recovery it has not ended.
    ``notes`` says what a reader must know before believing the numbers.
    """

    strategy: str
    plan_hash: str
    policy_hash: str | None
    start: datetime | None
    end: datetime | None
    initial_capital: float
    final_equity: float
    metrics: dict[str, float | None]
    max_drawdown_peak: datetime | None = None
    max_drawdown_trough: datetime | None = None
    max_drawdown_recovery: datetime | None = None
    trade_count: int
    verdict_counts: dict[str, int]
    waived: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sharpe(self) -> float | None:
        """Annual Sharpe ratio, risk-free rate zero."""
        return self.metrics["sharpe"]

    @property
    def sortino(self) -> float | None:
        """Annual Sortino ratio, required return zero."""
        return self.metrics["sortino"]

    @property
    def max_drawdown(self) -> float | None:
        """Deepest fall of equity from its high, 0 or negative."""
        return self.metrics["max_drawdown"]
