"""The five boundaries: what the rooms of oracle promise one another, and what every implementation must keep.

Each is tested by one contract suite that runs on all its implementations. Nothing here does anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.core.models import (
        OHLCV,
        BacktestResult,
        FundamentalData,
        Order,
        OrderStatus,
        PortfolioSnapshot,
        Position,
        RiskCheckResult,
        Signal,
    )


class DataSourceInterface(ABC):
    """A vendor of bars and fundamentals."""

    @abstractmethod
    async def get_historical_bars(
        self, symbol: str, start: datetime, end: datetime, timeframe: str = "1Day"
    ) -> list[OHLCV]:
        """Return the bars of ``[start, end]``, oldest first."""

    @abstractmethod
    async def get_latest_bar(self, symbol: str) -> OHLCV | None:
        """Return the last complete bar, or ``None`` where there is none."""

    @abstractmethod
    async def get_fundamentals(self, symbol: str) -> FundamentalData | None:
        """Return the newest public ratios, or ``None`` where the vendor has none."""

    @abstractmethod
    async def health_check(self) -> bool:
        """Return whether the vendor answers."""


class BaseStrategy(ABC):
    """A strategy: bars in, wishes out. It holds no account and sends no order."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The strategy's name, as in its file."""

    @property
    @abstractmethod
    def min_hold_days(self) -> int:
        """Sessions a position is kept after its fill before a rule may close it; 2 or more."""

    @abstractmethod
    def generate_signals(self, data: dict[str, list[OHLCV]]) -> list[Signal]:
        """Return the signals of the last bar, for a flat book."""

    @abstractmethod
    def get_parameters(self) -> dict[str, Any]:
        """Return the bound parameters by name."""

    @abstractmethod
    def get_required_data(self) -> list[str]:
        """Return the symbols whose bars the strategy reads."""


class BrokerAdapter(ABC):
    """One brokerage account."""

    @abstractmethod
    async def submit_order(self, order: Order) -> Order:
        """Send an order; the answer carries its ``broker_order_id``."""

    @abstractmethod
    async def cancel_order(self, broker_order_id: str) -> bool:
        """Ask for a cancel; true means that the broker took the request, not that the order is gone."""

    @abstractmethod
    async def get_order_status(self, broker_order_id: str) -> OrderStatus:
        """Return where the order stands at the broker."""

    @abstractmethod
    async def get_positions(self) -> list[Position]:
        """Return the account's open positions."""

    @abstractmethod
    async def get_portfolio(self) -> PortfolioSnapshot:
        """Return equity, cash and positions."""

    @abstractmethod
    async def health_check(self) -> bool:
        """Return whether orders can be sent now."""


class RiskManager(ABC):
    """A part of the risk cascade."""

    @abstractmethod
    async def check_pre_trade(self, order: Order, portfolio: PortfolioSnapshot) -> RiskCheckResult:
        """Judge one order before it is sent."""

    @abstractmethod
    async def check_portfolio(self, portfolio: PortfolioSnapshot) -> RiskCheckResult:
        """Judge the account as it stands."""

    @abstractmethod
    async def is_kill_switch_active(self) -> bool:
        """Return whether trading is stopped; unknown counts as stopped."""

    @abstractmethod
    async def activate_kill_switch(self, reason: str) -> None:
        """Stop all trading."""


class BacktestEngine(ABC):
    """An engine that runs a strategy over history. Limits, costs and conventions are constructor arguments."""

    @abstractmethod
    def run(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]],
        initial_capital: float,
        start: date | datetime | None,
        end: date | datetime | None,
    ) -> BacktestResult:
        """Run one backtest; trading starts at ``start``, indicators at the first bar."""

    @abstractmethod
    def walk_forward(
        self,
        strategy: BaseStrategy,
        data: Mapping[str, list[OHLCV]],
        initial_capital: float,
        train_months: int,
        test_months: int,
        step_months: int,
    ) -> list[BacktestResult]:
        """Choose params on each training window and return the result of each test window."""
