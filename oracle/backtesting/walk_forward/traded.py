"""One window as it was fitted and traded: its choice, its backtests, and its place in JSON and tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from oracle.backtesting.tables import session_closes
from oracle.backtesting.walk_forward.objective import Choice
from oracle.backtesting.walk_forward.stability import annual_rate, ratio
from oracle.backtesting.walk_forward.windows import Window

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun


@dataclass(frozen=True)
class WindowResult:
    """One window: what was chosen, and its backtests.

    Attributes
    ----------
    params : the values traded, as literal text
    choice : how they were chosen; without a place no combination was eligible, and the defaults were traded
    train : backtest of `params` on the training period
    test : backtest of `params` from the close of `decided` to the end of the test
    part : the same up to the end of the stitched part; `test` itself where that is all of it
    fixed : backtest of the strategy's defaults over the stretch of `part`; `part` itself where they were chosen
    """

    window: Window
    params: dict[str, str]
    choice: Choice
    train: BacktestRun
    test: BacktestRun
    part: BacktestRun
    fixed: BacktestRun

    @property
    def is_fitted(self) -> bool:
        """Whether the params were chosen; False where no combination was eligible and the defaults stood in."""
        return self.choice.place is not None

    @cached_property
    def rates(self) -> tuple[float | None, float | None]:
        """Annual rate of return in training and in the test; see `stability.annual_rate`."""
        before, after = (
            annual_rate(run.metrics, session_closes(run.equity).height - 1) for run in (self.train, self.test)
        )
        return before, after

    def to_dict(self, metric: str) -> dict[str, Any]:
        """Return the window as in ``oracle walk-forward --json``."""
        before, after = self.train.metrics[metric], self.test.metrics[metric]
        return {
            "number": self.window.number,
            "train": self.window.train.to_dict(),
            "decided": self.window.decided.isoformat(),
            "test": self.window.test.to_dict(),
            "part": self.window.part.to_dict(),
            "params": dict(self.params),
            "fitted": self.is_fitted,
            "eligible": self.choice.eligible,
            "tied": self.choice.tied,
            "in_sample": before,
            "out_of_sample": after,
            "ratio": ratio(before, after),
            "in_sample_annual_rate": self.rates[0],
            "out_of_sample_annual_rate": self.rates[1],
            "plan_hash": self.test.plan_hash,
            "runs": {
                "train": run_dict(self.train),
                "test": run_dict(self.test),
                "part": run_dict(self.part),
                "fixed": run_dict(self.fixed),
            },
        }

    def to_row(self, metric: str) -> dict[str, Any]:
        """Return the window as a row of `WalkForward.frame`."""
        window = self.window
        return {
            "window": window.number,
            "train_start": window.train.start,
            "train_end": window.train.end,
            "decided": window.decided,
            "test_start": window.test.start,
            "test_end": window.test.end,
            "part_end": window.part.end,
            **{f"param_{name}": value for name, value in self.params.items()},
            "fitted": self.is_fitted,
            "eligible": self.choice.eligible,
            f"in_sample_{metric}": self.train.metrics[metric],
            f"out_of_sample_{metric}": self.test.metrics[metric],
            "train_trades": self.train.trade_count,
            "test_trades": self.test.trade_count,
            "plan_hash": self.test.plan_hash,
            "train_run_id": self.train.run_id,
            "test_run_id": self.test.run_id,
            "part_run_id": self.part.run_id,
        }


def run_dict(run: BacktestRun) -> dict[str, Any]:
    """Return what JSON says of one backtest."""
    return {"run_id": run.run_id, "trades": run.trade_count, "metrics": dict(run.metrics)}
