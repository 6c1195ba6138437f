"""Runs the `tests:` block of a strategy: terse bars through the same engine, and what came of them against what must.

An expectation of nothing proves nothing on bars that could not have traded. It fails unless a symbol was a member with
a complete rule on at least one bar, and says what kept it out. The engine arrives as a function; no order is made here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from oracle.core import native
from oracle.core.errors import OracleError
from oracle.strategy.compile import compile_strategy
from oracle.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    import polars as pl

    from oracle.data.frame import Prepared
    from oracle.strategy.expectation import Expected, ExpectedItem, ScenarioSpec

#: The first session of a test's bars where it names none: a Monday, the first session of a year without odd closures.
FIRST_SESSION = date(2010, 1, 4)
CAPITAL_USD = 100_000.0
NO_MEMBER = "nothing could have happened: no symbol of the test is in the universe"


class Outcome(Protocol):
    """What a backtest came to, as frames."""

    @property
    def fills(self) -> pl.DataFrame: ...
    @property
    def trades(self) -> pl.DataFrame: ...
    @property
    def orders(self) -> pl.DataFrame: ...
    @property
    def signals(self) -> pl.DataFrame: ...
    @property
    def verdicts(self) -> pl.DataFrame: ...


#: Runs a strategy over bars with a capital (USD), with or without the shipped limits.
Runner = Callable[[DeclaredStrategy, "Prepared", float, bool], Outcome]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One test: which strategy, its name, and every expectation that did not hold."""

    strategy: str
    name: str
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all expectations held."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened, in the words of an expectation."""

    symbol: str
    when: date
    side: str = ""
    quantity: float = 0.0
    price: float | None = None
    reason: str = ""
    code: str = ""

    def __str__(self) -> str:
        words = [self.symbol, str(self.when), self.side, self.code, self.reason]
        if self.quantity:
            words.append(f"{self.quantity:g} shares")
        if self.price is not None:
            words.append(f"at {self.price:g}")
        return " ".join(word for word in words if word)


def run_scenarios(strategy: DeclaredStrategy, runner: Runner) -> list[ScenarioResult]:
    """Return the result of every test of the strategy, in the order of its file."""
    return [run_scenario(strategy, scenario, runner) for scenario in strategy.spec.tests]


def run_scenario(strategy: DeclaredStrategy, scenario: ScenarioSpec, runner: Runner) -> ScenarioResult:
    """Run one test; bars that cannot be, or a run that cannot go on, make it fail with the reason."""
    try:
        failures = _failures(strategy, scenario, runner)
    except OracleError as error:
        failures = [f"the test cannot run: {error}"]
    return ScenarioResult(strategy.name, scenario.name, tuple(failures))


def _failures(strategy: DeclaredStrategy, scenario: ScenarioSpec, runner: Runner) -> list[str]:
    """Return every expectation that did not hold, in sentences."""
    bound = DeclaredStrategy.of(compile_strategy(strategy.compiled.loaded, scenario.params), scenario.params)
    if scenario.sectors:
        bound = _with_sectors(bound, scenario)
    if not set(scenario.bars) & set(bound.spec.universe.symbols):
        return [NO_MEMBER]
    bars = _bars(scenario)
    capital = CAPITAL_USD if scenario.capital is None else float(scenario.capital)
    outcome = runner(bound, bars, capital, scenario.limits)
    calendar = sorted(set(_dates(bars)))
    failures: list[str] = []
    expects_nothing = False
    for kind in ("entries", "exits", "signals", "orders", "positions", "verdicts"):
        expected: Expected | None = getattr(scenario.expect, kind)
        if expected is None:
            continue
        found = _FOUND[kind](outcome)
        failures += [
            f"{kind}: {failure}" for failure in _compare(expected, found, calendar, by_code=kind == "verdicts")
        ]
        expects_nothing |= expected.is_none and kind != "exits" and not found
    if expects_nothing and not failures:
        failures += _coverage(bound, bars)
    return failures


def _with_sectors(strategy: DeclaredStrategy, scenario: ScenarioSpec) -> DeclaredStrategy:
    from dataclasses import replace

    loaded = strategy.compiled.loaded
    bound = loaded.bound
    if bound is None or bound.value is None:
        return strategy
    universe = bound.value.universe.model_copy(update={"sectors": dict(scenario.sectors)})
    spec = bound.value.model_copy(update={"universe": universe})
    changed = replace(loaded, bound=replace(bound, value=spec, partial=spec))
    return DeclaredStrategy.of(compile_strategy(changed, scenario.params), scenario.params)


def _bars(scenario: ScenarioSpec) -> Prepared:
    from oracle.data.frame import prepare
    from oracle.data.series import bars_from_series

    series = {
        symbol: {
            name: values
            for name in ("close", "open", "high", "low", "volume")
            if (values := getattr(columns, name)) is not None
        }
        for symbol, columns in scenario.bars.items()
    }
    return prepare(bars_from_series(series, scenario.start or FIRST_SESSION))


def _dates(bars: Prepared) -> Iterable[date]:
    days: list[date] = bars.ts_ns.astype("datetime64[ns]").astype("datetime64[D]").tolist()
    return days


def _entries(outcome: Outcome) -> list[Occurrence]:
    return [
        Occurrence(row["symbol"], row["entry_time"], row["direction"].lower(), row["quantity"], row["entry_price"],
                   row["entry_reason"])
        for row in outcome.trades.sort("entry_time", "symbol").iter_rows(named=True)
    ]  # fmt: skip


def _exits(outcome: Outcome) -> list[Occurrence]:
    closed = outcome.trades.drop_nulls("exit_time").sort("exit_time", "symbol")
    return [
        Occurrence(row["symbol"], row["exit_time"], row["direction"].lower(), row["quantity"], row["exit_price"],
                   row["reason"])
        for row in closed.iter_rows(named=True)
    ]  # fmt: skip


def _positions(outcome: Outcome) -> list[Occurrence]:
    still_open = outcome.trades.filter(outcome.trades["exit_time"].is_null())
    return [
        Occurrence(row["symbol"], row["entry_time"], row["direction"].lower(), row["quantity"], row["entry_price"])
        for row in still_open.sort("symbol").iter_rows(named=True)
    ]


def _signals(outcome: Outcome) -> list[Occurrence]:
    return [
        Occurrence(row["symbol"], row["timestamp"], row["direction"].lower())
        for row in outcome.signals.iter_rows(named=True)
        if row["direction"] != "FLAT"
    ]


def _orders(outcome: Outcome) -> list[Occurrence]:
    return [
        Occurrence(row["symbol"], row["decided_at"], row["side"].lower(), row["quantity"], row["limit_price"],
                   row["reason"])
        for row in outcome.orders.iter_rows(named=True)
    ]  # fmt: skip


def _verdicts(outcome: Outcome) -> list[Occurrence]:
    return [
        Occurrence(row["symbol"], row["timestamp"], row["side"].lower(), code=row["code"])
        for row in outcome.verdicts.iter_rows(named=True)
        if row["action"] != "APPROVE"
    ]


_FOUND: dict[str, Callable[[Outcome], list[Occurrence]]] = {
    "entries": _entries,
    "exits": _exits,
    "signals": _signals,
    "orders": _orders,
    "positions": _positions,
    "verdicts": _verdicts,
}


def _compare(expected: Expected, found: list[Occurrence], calendar: list[date], *, by_code: bool) -> list[str]:
    """Return what differs, in sentences."""
    if expected.count is not None and len(found) != expected.count:
        return [f"expected {expected.count or 'none'}, found {len(found)}{_listing(found)}"]
    if expected.counts is not None:
        counted = Counter(item.code if by_code else item.symbol for item in found)
        return [
            f"expected {count} of {name}, found {counted[name]}{_listing(found)}"
            for name, count in expected.counts.items()
            if counted[name] != count
        ]
    if expected.items is None:
        return []
    return _match_items(expected.items, found, calendar, by_code=by_code)


def _match_items(
    wanted: list[ExpectedItem], found: list[Occurrence], calendar: list[date], *, by_code: bool
) -> list[str]:
    """Every wanted item must be there; symbols (or codes) that no item names must not be."""
    failures = [
        f"expected {_describe(item)}, found none of it{_listing(found)}"
        for item in wanted
        if not any(_is_match(item, occurrence, calendar) for occurrence in found)
    ]
    named = {item.code if by_code and item.code else item.symbol for item in wanted}
    if None not in named:
        extra = sorted({o.code if by_code else o.symbol for o in found} - {name for name in named if name})
        failures += [f"found {name}, which was not expected" for name in extra]
    return failures


def _is_match(item: ExpectedItem, found: Occurrence, calendar: list[date]) -> bool:
    sides = {found.side, {"long": "buy", "short": "sell", "buy": "long", "sell": "short"}.get(found.side, "")}
    return (
        (item.symbol is None or item.symbol == found.symbol)
        and (item.code is None or item.code == found.code)
        and (item.date is None or item.date == found.when)
        and (item.bar is None or (0 < item.bar <= len(calendar) and calendar[item.bar - 1] == found.when))
        and (item.side is None or item.side in sides)
        and (item.quantity is None or abs(item.quantity - found.quantity) < 1e-6)
        and (item.price is None or (found.price is not None and abs(item.price - found.price) < 5e-7))
        and (item.reason is None or item.reason == found.reason)
    )


def _describe(item: ExpectedItem) -> str:
    return ", ".join(f"{name} {value}" for name, value in item.model_dump(exclude_none=True).items())


def _listing(found: list[Occurrence]) -> str:
    if not found:
        return ""
    shown = "; ".join(str(item) for item in found[:5])
    return f": {shown}{' …' if len(found) > 5 else ''}"


def _coverage(strategy: DeclaredStrategy, bars: Prepared) -> list[str]:
    """Return why nothing could have happened, or nothing where it could have."""
    symbols = json.loads(native.coverage(strategy.plan.raw, bars))
    if any(symbol["decidable"] for symbol in symbols):
        return []
    reasons = []
    for symbol in symbols:
        line = (
            f"{symbol['symbol']}: {symbol['bars']} bars, member on {symbol['member']}, "
            f"every condition known on {symbol['known']}; the strategy warms up for {strategy.plan.warm_up}"
        )
        missing = [f"`{c['text']}`" for c in symbol["conditions"] if c["missing"] == symbol["bars"]]
        reasons.append(line + (f"; never known: {', '.join(missing)}" if missing else ""))
    return ["nothing could have happened, so this test proves nothing", *reasons]
