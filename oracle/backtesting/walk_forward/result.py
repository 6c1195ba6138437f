"""What a walk-forward came to: every window with its backtests, the stitched curve, JSON and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oracle.backtesting.evidence import RunEvidence
from oracle.backtesting.statistics.moments import Moments
from oracle.backtesting.walk_forward.objective import Objective
from oracle.backtesting.walk_forward.stability import (
    Decay,
    ParamStability,
    decay,
    efficiency,
    param_stability,
)
from oracle.backtesting.walk_forward.stitch import Stitched
from oracle.backtesting.walk_forward.traded import WindowResult
from oracle.backtesting.walk_forward.windows import Scheme

if TYPE_CHECKING:
    import polars as pl

    from oracle.backtesting.evidence import Known
    from oracle.backtesting.walk_forward.attempts import Tried

FORMAT = 1
#: Metrics whose decay is told beside the objective: those of returns. A test closes too few round trips for others.
TOLD = ("sharpe", "sortino", "annual_return")


@dataclass(frozen=True)
class WalkForward:
    """A walk-forward.

    Attributes
    ----------
    defaults : the params as the strategy has them, as literal text
    grid : the values of each param that were tried
    capital : USD with which every window began
    windows : first to last
    stitched : the out-of-sample curve; see `stitch`
    fixed : the curve of the defaults, never fitted, through the same seams: what fitting is to be held against
    sessions_left : sessions after the last complete window, which nothing here uses
    tried : the combinations as the trial ledger counts them
    known : asks for the trials of the lineage, once they are counted
    """

    strategy: str
    defaults: dict[str, str]
    scheme: Scheme
    objective: Objective
    grid: dict[str, tuple[str, ...]]
    capital: float
    windows: tuple[WindowResult, ...]
    stitched: Stitched
    fixed: Stitched
    sessions_left: int
    tried: tuple[Tried, ...] = ()
    known: Known | None = None

    @cached_property
    def evidence(self) -> RunEvidence:
        """How far the stitched curve can be trusted; computed when first read, with the trials counted until then.

        The number of trials is known for walks of ``oracle.walk_forward`` and of the command line, which count them.
        """
        returns = self.equity["return"].drop_nulls().to_numpy()
        known = None if self.known is None else self.known()
        return RunEvidence.of(Moments.of(returns), len(returns), known)

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """The metrics of the stitched curve, by the engine's definitions."""
        return self.stitched.metrics

    @property
    def equity(self) -> pl.DataFrame:
        """The stitched curve; see `Stitched.equity`."""
        return self.stitched.equity

    @property
    def trades(self) -> pl.DataFrame:
        """The round trips of the stitched curve; see `Stitched.trades`."""
        return self.stitched.trades

    @property
    def trade_count(self) -> int:
        """Round trips of the stitched curve, those that a seam closes included."""
        return self.trades.height

    @property
    def cut_count(self) -> int:
        """Round trips that a seam closes."""
        return int(self.trades["is_cut"].sum())

    @property
    def final_equity(self) -> float:
        """Last value of the stitched curve, USD."""
        return float(self.equity["equity"][-1])

    @property
    def combinations(self) -> int:
        """How many combinations were tried on each window."""
        count = 1
        for values in self.grid.values():
            count *= len(values)
        return count

    @cached_property
    def params(self) -> tuple[ParamStability, ...]:
        """How steady each param was."""
        return param_stability([result.params for result in self.windows], self.grid)

    @cached_property
    def decays(self) -> tuple[Decay, ...]:
        """What was left of each metric in the tests, the objective first."""
        names = dict.fromkeys([self.objective.metric, *TOLD])
        return tuple(
            decay(name, [(w.train.metrics[name], w.test.metrics[name]) for w in self.windows]) for name in names
        )

    @cached_property
    def efficiency(self) -> float | None:
        """Walk-forward efficiency; see `stability.efficiency`."""
        return efficiency([result.rates for result in self.windows])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before believing the numbers."""
        said = []
        idle = [str(w.window.number) for w in self.windows if w.part.trade_count == 0]
        if idle:
            said.append(f"no trade in the part of {_windows(idle)}: its equity is cash")
        unfitted = [str(w.window.number) for w in self.windows if not w.is_fitted]
        if unfitted:
            least = self.objective.minimum_trades
            said.append(f"no combination had {least} round trips before {_windows(unfitted)}: the defaults were traded")
        if self.sessions_left:
            end = self.windows[-1].window.part.end
            said.append(f"the last complete test ends on {end}; sessions after it, not used: {self.sessions_left}")
        if self.scheme.step_months > self.scheme.test_months:
            said.append("the step is longer than the test: sessions between tests are not in the curve")
        if self.cut_count:
            said.append(
                f"{self.cut_count} positions were open at a seam: they are marked there, without costs of selling"
            )
        return (*said, *dict.fromkeys(note for w in self.windows for note in w.part.notes))

    def frame(self) -> pl.DataFrame:
        """Return one row per window: dates, params (`param_NAME`), the objective in and out of sample, hashes, ids."""
        import polars as pl

        return pl.DataFrame([result.to_row(self.objective.metric) for result in self.windows], infer_schema_length=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the stable JSON object of ``oracle walk-forward --json``, without the evidence, no part of it."""
        first, last = self.windows[0], self.windows[-1]
        return {
            "strategy": self.strategy,
            "policy_hash": first.test.policy_hash,
            "start": first.window.part.start.isoformat(),
            "end": last.window.part.end.isoformat(),
            "initial_capital": self.capital,
            "final_equity": self.final_equity,
            "scheme": {name: getattr(self.scheme, name) for name in Scheme.__slots__},
            "objective": {"metric": self.objective.metric, "minimum_trades": self.objective.minimum_trades},
            "grid": {name: list(values) for name, values in self.grid.items()},
            "combinations": self.combinations,
            "metrics": dict(self.metrics),
            "max_drawdown_dates": dict(self.stitched.drawdown_dates),
            "positive_months": self.stitched.positive_months,
            "trades": self.trade_count,
            "cut_at_seams": self.cut_count,
            "efficiency": self.efficiency,
            "decay": [each.to_dict() for each in self.decays],
            "params": [each.to_dict() for each in self.params],
            "fixed": {
                "params": dict(self.defaults),
                "plan_hash": first.fixed.plan_hash,
                "trades": self.fixed.trades.height,
                "positive_months": self.fixed.positive_months,
                "metrics": dict(self.fixed.metrics),
            },
            "windows": [result.to_dict(self.objective.metric) for result in self.windows],
            "waived": list(first.test.waived),
            "notes": list(self.notes),
        }

    def summary(self) -> str:
        """Return the result as lines for a terminal."""
        from oracle.backtesting.walk_forward.summary import write

        return write(self)

    def to_html(self, path: str | Path) -> Path:
        """Write the report, one file that opens offline, and return its path."""
        from oracle.backtesting.walk_forward.report import render

        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(self), encoding="utf-8")
        return target

    def save(self, folder: str | Path) -> Path:
        """Write `walk_forward.json`, Parquet frames, and each window's test as `BacktestRun.save` does; return it.

        `BacktestRun.load(folder / "windows" / "01")` reads the test of the first window again.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        frames = {"equity": self.equity, "trades": self.trades, "seams": self.stitched.seams, "windows": self.frame()}
        for name, frame in frames.items():
            frame.write_parquet(target / f"{name}.parquet")
        for result in self.windows:
            result.test.save(target / "windows" / f"{result.window.number:02d}")
        text = json.dumps({"format": FORMAT, **self.to_dict()}, indent=2, sort_keys=True) + "\n"
        (target / "walk_forward.json").write_text(text, encoding="utf-8")
        return target


def _windows(numbers: list[str]) -> str:
    return f"window{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def to_json(results: list[WalkForward]) -> str:
    """Return the JSON array of ``oracle walk-forward --json``; the same bytes for the same results and trials."""
    return json.dumps([{**result.to_dict(), "evidence": result.evidence.to_dict()} for result in results], indent=2)
