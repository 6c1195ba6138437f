"""The engine's side of a sweep: a strategy with open params, bars and conventions; places in, rows of numbers out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oracle.backtesting.sweep.journal import row_type
from oracle.core import native
from oracle.core.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from oracle.backtesting.sweep.journal import Rows
    from oracle.backtesting.sweep.space import Places, Space
    from oracle.data.frame import Prepared
    from oracle.strategy.declared import DeclaredStrategy

#: Numbers of every run, before its metrics: of the session returns also mean and sample deviation, fractions, whoever
#: defines the metrics.
COUNTS = ("trades", "final_equity", "sessions", "session_mean", "session_deviation")
#: Metrics of every run, whatever the sweep is judged by: what costs little.
METRICS = (
    "total_return",
    "annual_return",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "profit_factor",
    "win_rate",
    "expectancy_usd",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept of every run, and what it may cost.

    ``metrics`` come beside those of every run. ``blocks`` of sessions have their returns summed up, for the probability
    of overfitting; 0 for none. ``memory`` bounds the columns that runs share, bytes. ``each_symbol`` runs every symbol
    of the universe by itself. ``threads`` is as many as there are processors when None.
    """

    metrics: tuple[str, ...] = ()
    blocks: int = 0
    memory: int = 128_000_000
    each_symbol: bool = False
    threads: int | None = None

    @property
    def all_metrics(self) -> tuple[str, ...]:
        """Names of the metrics of a row, in order."""
        known = native.Sweep.metric_names()
        for name in self.metrics:
            if name not in known:
                raise UsageError(f"there is no metric {name}; expected one of {', '.join(known)}")
        return tuple(name for name in known if name in METRICS or name in self.metrics)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the numbers of a row, in order."""
        sums = tuple(f"{kind}_{block}" for block in range(self.blocks) for kind in ("sum", "squares"))
        return (*COUNTS, *self.all_metrics, *sums)


@dataclass(frozen=True)
class Sweeper:
    """One strategy on one set of bars under one set of conventions.

    ``symbols`` are those that run each by itself, none where they run together; ``data_hashes`` name the data of each
    of these runs, by symbol, and ``data_hash`` those of a run together.
    """

    strategy: DeclaredStrategy
    wanted: Wanted
    symbols: tuple[str, ...]
    identity: dict[str, str]
    data_hash: str
    data_hashes: dict[str, str]
    conventions_hash: str
    _make: Callable[[list[str]], native.Sweep]

    @classmethod
    def of(
        cls,
        strategy: DeclaredStrategy,
        bars: Prepared,
        config: str,
        wanted: Wanted,
        *,
        benchmark: str | None,
        beside: Iterable[str],
        hashes: tuple[str, str, str],
        benchmark_hash: str,
    ) -> Sweeper:
        """Return the sweeper of an engine; hashes are those of deciding data, of conventions and of the policy."""
        spec, slots = strategy.spec, list(strategy.spec.slots().items())
        document = json.dumps(spec.to_engine(strategy.get_parameters()))
        read = {*_named(strategy, each=wanted.each_symbol), *beside}
        others = sorted({*read, *([benchmark] if benchmark else [])} & set(bars.symbols))
        missing = [symbol for symbol in spec.universe.symbols if symbol not in bars.symbols]
        data_hash, conventions_hash, policy_hash = hashes

        def make(params: list[str]) -> native.Sweep:
            return native.Sweep(
                document,
                params,
                slots,
                bars,
                config,
                list(wanted.all_metrics),
                benchmark=benchmark,
                blocks=wanted.blocks,
                memory=wanted.memory,
                each=wanted.each_symbol,
                beside=others,
            )

        symbols = tuple(sorted(spec.universe.symbols)) if wanted.each_symbol else ()
        if wanted.each_symbol and missing:
            raise UsageError(f"each symbol runs by itself, and {', '.join(missing)} have no bars")
        identity = {
            "strategy": hashlib.sha256(document.encode()).hexdigest(),
            "data": data_hash,
            "conventions": hashlib.sha256(f"{conventions_hash} {policy_hash}".encode()).hexdigest(),
            "benchmark": hashlib.sha256(f"{benchmark} {benchmark_hash}".encode()).hexdigest(),
            "symbols": "each" if wanted.each_symbol else "together",
            "engine": native.VERSION,
        }
        own = {symbol: bars.manifest_hash_of({symbol, *read}) for symbol in symbols}
        return cls(strategy, wanted, symbols, identity, data_hash, own, conventions_hash, make)

    def identity_on(self, space: Space) -> dict[str, str]:
        """Return what decides about a row: strategy, values, data, conventions, engine; not how the best is chosen."""
        values = hashlib.sha256(json.dumps(space.values).encode()).hexdigest()
        return {**self.identity, "values": values}

    def digest_on(self, space: Space) -> str:
        """Return the identity as one hash, with the columns that rows have."""
        whole = json.dumps([self.identity_on(space), self.wanted.columns], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()

    def on(self, space: Space) -> Callable[[Places, Callable[[Rows], None]], None]:
        """Return the runner of places on a space: it hands on rows as they are done, in no particular order.

        Columns that runs share are kept from call to call.
        """
        raw, values = self._make(list(space.names)), [list(texts) for texts in space.values.values()]
        kind, width = row_type(len(self.wanted.columns)), len(self.wanted.columns)

        def run(places: Places, on_rows: Callable[[Rows], None]) -> None:
            def take(at: npt.NDArray[np.int64], hashes: list[str], numbers: npt.NDArray[np.float64]) -> None:
                rows = np.empty(len(at), dtype=kind)
                symbol, own = np.divmod(at, len(places))
                rows["place"], rows["hash"] = places[own], np.array(hashes, dtype="S64")
                rows["symbol"] = symbol if self.wanted.each_symbol else -1
                rows["values"] = numbers.reshape(len(at), width)
                on_rows(rows)

            raw.run(values, space.codes(places).ravel(), take, self.wanted.threads)

        return run


def _named(strategy: DeclaredStrategy, *, each: bool) -> set[str]:
    """Return the symbols that rules name beside the universe; of each symbol by itself, beside that symbol.

    A rule may name a symbol of the universe, which its other symbols then read: it shows where one of those is alone.
    """
    universe = strategy.spec.universe.symbols
    found = set(strategy.get_required_data()) - set(universe)
    for symbol in universe[:2] if each else ():
        alone = strategy.alone(symbol)
        found |= set() if alone is None else set(alone.get_required_data()) - {symbol}
    return found
