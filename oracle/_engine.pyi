"""The compiled module. `oracle.core.native` alone imports it; `mypy.stubtest` compares this page with the binary."""

from collections.abc import Callable
from typing import Any, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Driver",
    "Plan",
    "Run",
    "Sweep",
    "__version__",
    "are_sound",
    "catalog",
    "codes",
    "compile",
    "conventions_of",
    "coverage",
    "indicator",
    "metrics",
    "policy_hash",
    "sessions",
    "signals",
    "simulate",
]

__version__: str

@final
class Driver:
    def __new__(
        cls,
        plan: Plan,
        bars: Any,
        config: str,
        benchmark: str | None = None,
        signals: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None,
    ) -> Driver: ...
    @property
    def symbols(self) -> list[str]: ...
    @property
    def lot(self) -> float: ...
    @property
    def cash(self) -> float: ...
    def decide(self) -> None: ...
    def open(self) -> bool: ...
    def outgoing(self) -> tuple[list[int], list[dict[str, Any]]]: ...
    def working(self, symbol: int) -> list[dict[str, Any]]: ...
    def fill(self, order: int, quantity: float, price: float, fee: float) -> None: ...
    def fee(self, is_buy: bool, quantity: float, price: float) -> float: ...
    def reject(self, order: int) -> None: ...
    def move_cash(self, amount: float) -> None: ...
    def close(self, marks: list[tuple[int, float]] = ...) -> None: ...
    def position(self, symbol: int) -> float: ...
    def finish(self) -> Run: ...

@final
class Plan:
    @property
    def hash(self) -> str: ...
    @property
    def required_symbols(self) -> list[str]: ...
    def describe(self) -> str: ...
    def text(self) -> str: ...
    def mermaid(self) -> str: ...
    def lint(self, max_position_frac: float | None = None, bars: int | None = None) -> str: ...

@final
class Run:
    @property
    def metrics(self) -> str: ...
    @property
    def drawdown_ns(self) -> tuple[int, int, int]: ...
    @property
    def final_equity(self) -> float: ...
    @property
    def bars(self) -> int: ...
    @property
    def period(self) -> tuple[int, int]: ...
    @property
    def trade_count(self) -> int: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def verdict_counts(self) -> dict[str, int]: ...
    @property
    def traded(self) -> list[int]: ...
    def table(
        self, name: str
    ) -> dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64] | tuple[npt.NDArray[np.int64], list[str]]]: ...

@final
class Sweep:
    def __new__(
        cls,
        spec: str,
        params: list[str],
        slots: list[tuple[str, str]],
        bars: Any,
        config: str,
        metrics: list[str],
        *,
        benchmark: str | None = None,
        blocks: int = 0,
        memory: int = 128_000_000,
        each: bool = False,
        beside: list[str] = ...,
    ) -> Sweep: ...
    def run(
        self,
        values: list[list[str]],
        codes: npt.NDArray[np.int64],
        on_scores: Callable[[npt.NDArray[np.int64], list[str], npt.NDArray[np.float64]], object],
        threads: int | None = None,
    ) -> None: ...
    @property
    def columns_computed(self) -> int: ...
    @staticmethod
    def metric_names() -> list[str]: ...

def are_sound(
    ts_ns: npt.NDArray[np.int64],
    open: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    close: npt.NDArray[np.float64],
    volume: npt.NDArray[np.float64],
    price_max: float,
    volume_max: float,
) -> bool: ...
def catalog() -> str: ...
def codes() -> str: ...
def compile(spec_json: str) -> tuple[Plan | None, str]: ...
def conventions_of(text: str) -> dict[str, str]: ...
def coverage(plan: Plan, bars: Any) -> str: ...
def indicator(
    name: str,
    numbers: list[float],
    inputs: list[npt.NDArray[np.float64]],
    block: int | None = None,
) -> list[npt.NDArray[np.float64]]: ...
def metrics(
    equity: npt.NDArray[np.float64],
    gross_exposure: npt.NDArray[np.float64],
    benchmark: npt.NDArray[np.float64],
    traded_usd: float,
    trade_pnl: npt.NDArray[np.float64],
) -> str: ...
def policy_hash(policy: str) -> str: ...
def sessions(first: int, count: int) -> npt.NDArray[np.int32]: ...
def signals(plan: Plan, bars: Any) -> list[tuple[str, str, float]]: ...
def simulate(
    plan: Plan,
    bars: Any,
    config: str,
    benchmark: str | None = None,
    progress: Callable[[int, int], object] | None = None,
    signals: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None,
) -> Run: ...
