"""A backtest result with its frames: what is computed on demand, saved, loaded, summarised and drawn.

Frames are built from the engine's columns when they are first read. Nothing here simulates.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from oracle.backtesting.metrics import METRICS
from oracle.backtesting.tables import session_closes
from oracle.core.errors import DataError
from oracle.core.models import BacktestResult

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from oracle.backtesting.evidence import RunEvidence
    from oracle.backtesting.statistics.moments import Moments
    from oracle.backtesting.trials import Evidence, Trial

FRAMES = ("equity", "orders", "fills", "trades", "verdicts", "signals", "ledger", "prices")
FORMAT = 1

FrameSource = Callable[[str], "pl.DataFrame"]


class BacktestRun(BacktestResult):
    """A backtest result whose equity, orders, fills, trades, verdicts and signals are polars frames.

    ``equity`` has one row per bar: timestamp, equity, cash, positions_value, gross_exposure, drawdown, benchmark.
    Timestamps are UTC for intraday bars and dates for daily ones.
    """

    _source: FrameSource = PrivateAttr()
    _identify: Callable[[], str] = PrivateAttr()
    _attempt: Callable[[], tuple[str, str]] | None = PrivateAttr(default=None)
    _counted: Callable[[], Evidence | None] | None = PrivateAttr(default=None)
    _frames: dict[str, pl.DataFrame] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(
        cls,
        source: FrameSource,
        identify: Callable[[], str],
        attempt: Callable[[], tuple[str, str]] | None = None,
        **fields: Any,
    ) -> BacktestRun:
        """Return a result whose parts are made when first read.

        Parameters
        ----------
        source : gives a frame by its name
        identify : gives the run id
        attempt : gives the hashes of data and of conventions, which make a trial; None where they are not known
        """
        run = cls(**fields)
        run._source, run._identify = source, identify
        run._attempt = attempt
        return run

    @cached_property
    def run_id(self) -> str:
        """Hash of plan, policy, costs, conventions, data and engine version: equal ids, equal results."""
        return self._identify()

    @property
    def trial(self) -> Trial:
        """The run as the trial ledger counts it.

        Raises
        ------
        DataError (D001) : the result was loaded, and its data and conventions are not known
        """
        from oracle.backtesting.trials import Trial

        if self._attempt is None:
            raise DataError(f"{self.strategy}: a loaded result does not say on what it ran; run it again")
        data_hash, conventions_hash = self._attempt()
        moments = self._moments
        sharpe = None if moments is None else moments.sharpe_per_period
        return Trial(self.plan_hash, data_hash, conventions_hash, sharpe, len(self._returns))

    @cached_property
    def evidence(self) -> RunEvidence:
        """How far the result can be trusted; computed when first read, with the trials counted until then.

        The number of trials is known for runs of ``oracle.backtest`` and of the command line, which count them.
        """
        from oracle.backtesting.evidence import RunEvidence

        known = None if self._counted is None else self._counted()
        return RunEvidence.of(self._moments, len(self._returns), known)

    def counted_by(self, counted: Callable[[], Evidence | None]) -> None:
        """Take the number of trials from where the run was counted; None says that it is unknown."""
        self._counted = counted

    @cached_property
    def _moments(self) -> Moments | None:
        from oracle.backtesting.statistics.moments import Moments

        return Moments.of(self._returns)

    @cached_property
    def _returns(self) -> npt.NDArray[np.float64]:
        """Returns into each session after the starting point."""
        return self._session_returns()["return"].to_numpy()

    def _frame(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            self._frames[name] = self._source(name)
        return self._frames[name]

    @property
    def equity(self) -> pl.DataFrame:
        """Equity, cash and exposure at each bar's close, USD; and the benchmark scaled to the same start."""
        return self._frame("equity")

    @property
    def drawdown(self) -> pl.DataFrame:
        """Timestamp and drawdown (0 or negative, a fraction of the high-water mark) at each bar's close."""
        return self.equity.select("timestamp", "drawdown")

    @property
    def orders(self) -> pl.DataFrame:
        """Every order that was sent, with its final status."""
        return self._frame("orders")

    @property
    def fills(self) -> pl.DataFrame:
        """Every fill: raw price in USD per share, fee in USD."""
        return self._frame("fills")

    @property
    def trades(self) -> pl.DataFrame:
        """Round trips, net of fees; a position that is still open has no exit."""
        return self._frame("trades")

    @property
    def verdicts(self) -> pl.DataFrame:
        """Every answer of the risk cascade, plain approvals too, with limit and value."""
        return self._frame("verdicts")

    @property
    def signals(self) -> pl.DataFrame:
        """Every decision to be long, short or flat, with the strength that orders it."""
        return self._frame("signals")

    @property
    def ledger(self) -> pl.DataFrame:
        """Every movement of cash, USD; they sum to the final cash."""
        return self._frame("ledger")

    @property
    def prices(self) -> pl.DataFrame:
        """Raw closes of the traded symbols: symbol, timestamp, close."""
        return self._frame("prices")

    def by_year(self) -> pl.DataFrame:
        """Return year, return, benchmark return and deepest drawdown within the year, as fractions."""
        import polars as pl

        sessions = self._session_returns().with_columns(year=pl.col("timestamp").dt.year())
        return (
            sessions.group_by("year", maintain_order=True)
            .agg(
                ((1.0 + pl.col("return")).product() - 1.0).alias("return"),
                ((1.0 + pl.col("benchmark_return")).product() - 1.0).alias("benchmark_return"),
                pl.col("drawdown").min().alias("drawdown"),
            )
            .sort("year")
        )

    def by_month(self) -> pl.DataFrame:
        """Return year, month (1 to 12) and return, as a fraction."""
        import polars as pl

        sessions = self._session_returns().with_columns(
            year=pl.col("timestamp").dt.year(), month=pl.col("timestamp").dt.month()
        )
        return (
            sessions.group_by("year", "month", maintain_order=True)
            .agg(((1.0 + pl.col("return")).product() - 1.0).alias("return"))
            .sort("year", "month")
        )

    def _session_returns(self) -> pl.DataFrame:
        """Return one row per session after the starting point: timestamp, return, benchmark_return, drawdown."""
        import polars as pl

        return (
            session_closes(self.equity)
            .with_columns(
                pl.col("equity").pct_change().alias("return"),
                pl.col("benchmark").pct_change().alias("benchmark_return"),
            )
            .slice(1)
            .select("timestamp", "return", "benchmark_return", "drawdown")
        )

    def drawdown_dates(self) -> dict[str, str | None]:
        """Return peak, trough and recovery of the deepest drawdown as ISO dates; None where there is none."""
        stamps = (self.max_drawdown_peak, self.max_drawdown_trough, self.max_drawdown_recovery)
        dates = [stamp.date().isoformat() if stamp else None for stamp in stamps]
        return dict(zip(("peak", "trough", "recovery"), dates, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a JSON object, without the evidence, which is not part of it."""
        return {
            "strategy": self.strategy,
            "plan_hash": self.plan_hash,
            "policy_hash": self.policy_hash,
            "run_id": self.run_id,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "initial_capital": self.initial_capital,
            "final_equity": self.final_equity,
            "metrics": dict(self.metrics),
            "max_drawdown_dates": self.drawdown_dates(),
            "trades": self.trade_count,
            "verdicts": self.verdict_counts,
            "waived": list(self.waived),
            "notes": list(self.notes),
        }

    def summary(self) -> str:
        """Return the result as a few lines for a terminal."""
        period = f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}" if self.start and self.end else "no bars"
        lines = [f"{self.strategy}  {period}", f"  ${self.initial_capital:,.2f} -> ${self.final_equity:,.2f}"]
        cells = [f"{metric.label:<15}{metric.write(self.metrics.get(metric.name)):>12}" for metric in METRICS]
        rows = -(-len(cells) // 2)
        padded = [*cells, ""][: rows * 2]
        lines += [f"  {left}    {right}".rstrip() for left, right in zip(padded[:rows], padded[rows:], strict=True)]
        lines.append(f"  {'Trades':<15}{self.trade_count:>12,}")
        if self.max_drawdown:
            dates = self.drawdown_dates()
            end = f"recovered {dates['recovery']}" if dates["recovery"] else "not recovered"
            lines.append(f"  Deepest fall from {dates['peak']} to {dates['trough']}, {end}")
        lines.append(f"  Evidence: {self.evidence.summary()}")
        if self.verdict_counts:
            lines.append("  Limits: " + ", ".join(f"{code} {count:,}" for code, count in self.verdict_counts.items()))
        if self.waived:
            lines.append("  Waived: " + ", ".join(self.waived))
        lines += [f"  Note: {note}" for note in self.notes]
        return "\n".join(lines)

    def to_html(self, path: str | Path) -> Path:
        """Write the tear sheet, one file that opens offline, and return its path."""
        from oracle.backtesting.report import render

        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(self), encoding="utf-8")
        return target

    def save(self, folder: str | Path) -> Path:
        """Write ``result.json`` and one Parquet file per frame into ``folder``, and return it."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name in FRAMES:
            self._frame(name).write_parquet(target / f"{name}.parquet")
        document = {"format": FORMAT, "run_id": self.run_id, **self.model_dump(mode="json")}
        (target / "result.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> BacktestRun:
        """Read what ``save`` wrote.

        Raises
        ------
        DataError : there is no result in the folder, or another version wrote it
        """
        target = Path(folder)
        try:
            document = json.loads((target / "result.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DataError(f"{target}: no result.json here; save() writes one") from None
        if document.pop("format", None) != FORMAT:
            raise DataError(f"{target}: written in another format; this version reads format {FORMAT}")

        def read(name: str) -> pl.DataFrame:
            import polars as pl

            return pl.read_parquet(target / f"{name}.parquet")

        for stamp in ("start", "end", "max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery"):
            if document[stamp] is not None:
                document[stamp] = datetime.fromisoformat(document[stamp])
        document["waived"], document["notes"] = tuple(document["waived"]), tuple(document["notes"])
        run_id = document.pop("run_id")
        return cls.of(read, lambda: run_id, **document)


def to_json(results: list[BacktestRun]) -> str:
    """Return the JSON array of ``oracle backtest --json``; the same bytes for the same results and trials."""
    return json.dumps([{**result.to_dict(), "evidence": result.evidence.to_dict()} for result in results], indent=2)
