"""What a sweep came to: every combination as a table, the best one, and how far the best can be believed.

Nothing here runs a simulation but the best combination alone, through the engine of a plain backtest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.backtesting.statistics.overfitting import Overfitting, overfitting_of_blocks
from oracle.backtesting.sweep.space import Space, written
from oracle.backtesting.sweep.table import by_symbol, table
from oracle.core.errors import DataError, RangeError

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.evidence import RunEvidence
    from oracle.backtesting.result import BacktestRun
    from oracle.backtesting.sweep.condition import Condition
    from oracle.backtesting.sweep.journal import Rows
    from oracle.backtesting.sweep.search import Plan
    from oracle.backtesting.sweep.sweeper import Sweeper

FORMAT = 1
#: Relative difference up to which two scores count as equal.
TIE = 1e-12
#: Combinations in the JSON object.
TOP = 10


@dataclass(frozen=True)
class SweepResult:
    """Every combination that ran, in the order of combinations.

    ``frame`` has the columns that ``oracle.backtesting.sweep.table.table`` names. ``space`` holds the values tried,
    ``per_symbol`` the rows behind the medians where each symbol ran by itself (place, binding, symbol and numbers),
    ``sessions`` the number of returns of a run, ``identity`` what the rows were run on, and ``best_run`` the best
    combination through the engine of a plain backtest, once it was run; ``symbol_evidence`` is in its place where each
    symbol ran by itself, medians over the ``symbols_judged`` of them that have a Sharpe ratio.
    """

    strategy: str
    method: str
    metric: str
    where: str | None
    seed: int
    space: Space
    frame: pl.DataFrame
    symbols: tuple[str, ...]
    identity: dict[str, str]
    blocks: int
    sessions: int
    per_symbol: pl.DataFrame | None = None
    best_run: BacktestRun | None = None
    symbol_evidence: RunEvidence | None = None
    symbols_judged: int = 0

    @classmethod
    def of(cls, sweeper: Sweeper, space: Space, plan: Plan, rows: Rows, where: Condition) -> SweepResult:
        """Return the result of a sweep that ran."""
        return cls(
            strategy=sweeper.strategy.name,
            method=plan.method,
            metric=plan.metric,
            where=plan.where,
            seed=plan.seed,
            space=space,
            frame=table(space, sweeper, rows, where, plan.metric),
            per_symbol=by_symbol(space, sweeper, rows) if sweeper.symbols else None,
            symbols=sweeper.symbols,
            identity=sweeper.identity_on(space),
            blocks=sweeper.wanted.blocks,
            sessions=int(rows["values"][0, sweeper.wanted.columns.index("sessions")]),
        )

    @cached_property
    def ranked(self) -> pl.DataFrame:
        """The combinations that may win, best first; equals in the order of combinations."""
        import polars as pl

        return self.frame.filter("feasible").sort(pl.col(self.metric), descending=True, maintain_order=True)

    @cached_property
    def best(self) -> dict[str, Any] | None:
        """The row with the best score, the first of equals; None where none may win."""
        if self.ranked.is_empty():
            return None
        top = self.ranked[self.metric][0]
        equal = self.ranked.filter((top - self.ranked[self.metric]) <= TIE * abs(top))
        return equal.sort("place").row(0, named=True)

    @cached_property
    def best_plateau(self) -> dict[str, Any] | None:
        """The row whose neighbourhood is best; None where no combination has neighbours that ran."""
        found = self.ranked.filter(self.ranked["plateau"].is_not_null())
        return (
            None if found.is_empty() else found.sort("plateau", descending=True, maintain_order=True).row(0, named=True)
        )

    def binding(self, row: dict[str, Any] | None = None) -> dict[str, str]:
        """Return the params of a row, of the best one when None, as literal text by name.

        Raises
        ------
        RangeError : no combination may win
        """
        chosen = self.best if row is None else row
        if chosen is None:
            raise RangeError(f"{self.strategy}: no combination fits the condition")
        return self.space.binding(chosen["place"])

    @cached_property
    def overfitting(self) -> Overfitting | None:
        """How likely the best is so by chance (PBO), over all that ran; None for fewer than two or too few sessions."""
        if self.symbols or not self.blocks or self.frame.height < 2 or self.sessions < 2 * self.blocks:
            return None
        sums, squares = (self.frame[name].to_numpy().T for name in ("block_sums", "block_squares"))
        return overfitting_of_blocks(sums, squares, self.sessions)

    @property
    def evidence(self) -> RunEvidence | None:
        """What the best combination's result proves beside the number of all trials; None before it was run alone.

        Where each symbol ran by itself, numbers are medians over symbols.
        """
        return self.symbol_evidence if self.best_run is None else self.best_run.evidence

    def summary(self) -> str:
        """Return the sweep as a few lines for a terminal."""
        from oracle.backtesting.sweep.summary import summary

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the stable JSON object of ``oracle sweep --json``, without the evidence, which is not part of it."""
        shown = [name for name in self.frame.columns if not name.startswith("block_")]
        best = None if self.best is None else {name: self.best[name] for name in shown}
        return {
            "strategy": self.strategy,
            "method": self.method,
            "metric": self.metric,
            "where": self.where,
            "seed": self.seed,
            "identity": self.identity,
            "params": {name: list(texts) for name, texts in self.space.values.items()},
            "symbols": list(self.symbols),
            "combinations": self.space.size,
            "tried": self.frame.height,
            "feasible": self.ranked.height,
            "best": best,
            "top": self.ranked.head(TOP).select(shown).to_dicts(),
        }

    def judgement(self) -> dict[str, Any]:
        """Return the `evidence` of ``oracle sweep --json``: the best against all trials, and the odds of luck."""
        found = None if self.evidence is None else self.evidence.to_dict()
        overfitting = (
            None
            if self.overfitting is None
            else {
                "probability": self.overfitting.probability,
                "loss_probability": self.overfitting.loss_probability,
                "degradation_slope": self.overfitting.degradation_slope,
                "blocks": self.overfitting.blocks,
            }
        )
        return {"best": found, "overfitting": overfitting}

    def to_html(self, path: str | Path) -> Path:
        """Write the report, one file that opens offline, and return its path."""
        from oracle.backtesting.sweep.report import render

        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(self), encoding="utf-8")
        return target

    def save(self, folder: str | Path) -> Path:
        """Write ``results.parquet`` and ``sweep.json`` into ``folder``, each whole or not at all, and return it.

        The bytes depend on what was swept alone: not on threads, memory, or how often the sweep was stopped.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        document = {
            "format": FORMAT,
            **{name: getattr(self, name) for name in _FIELDS},
            "space": {name: list(texts) for name, texts in self.space.values.items()},
            "fixed": list(self.space.fixed),
        }
        _replace(target / "results.parquet", self.frame.write_parquet)
        if self.per_symbol is not None:
            _replace(target / "symbols.parquet", self.per_symbol.write_parquet)
        text = json.dumps(document, indent=2, sort_keys=True) + "\n"
        _replace(target / "sweep.json", lambda path: path.write_text(text, encoding="utf-8"))
        return target

    @classmethod
    def load(cls, folder: str | Path) -> SweepResult:
        """Read what ``save`` wrote; the best run and its evidence are not part of it.

        Raises
        ------
        DataError : there is no sweep in the folder, or another version wrote it
        """
        import polars as pl

        target = Path(folder)
        try:
            document = json.loads((target / "sweep.json").read_text(encoding="utf-8"))
            frame = pl.read_parquet(target / "results.parquet")
        except FileNotFoundError:
            raise DataError(f"{target}: no sweep here; save() writes one") from None
        if document.get("format") != FORMAT:
            raise DataError(f"{target}: written in another format; this version reads format {FORMAT}")
        space = Space({name: tuple(texts) for name, texts in document["space"].items()}, tuple(document["fixed"]))
        fields = {name: document[name] for name in _FIELDS} | {"symbols": tuple(document["symbols"])}
        per_symbol = pl.read_parquet(target / "symbols.parquet") if fields["symbols"] else None
        return cls(**fields, space=space, frame=frame, per_symbol=per_symbol)

    def written_best(self) -> str:
        """The best combination as ``oracle backtest --set`` takes it."""
        return written(self.binding())


_FIELDS = ("strategy", "method", "metric", "where", "seed", "symbols", "identity", "blocks", "sessions")


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there."""
    beside = path.with_name(path.name + ".new")
    write(beside)
    os.replace(beside, path)
