"""`config/risk_limits.yaml` as a frozen value, and the JSON of it that the engine reads.

No limit has a default: a missing one refuses the file. Units stand in the value. Environment variables that start with
`SA_RISK__` lie over the file (`SA_RISK__POSITION_LIMITS__MAX_POSITION=4%`). Nothing is judged here.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from oracle.core.binding import Bound, Problem, Strict, bind, key
from oracle.core.config import RISK_PREFIX
from oracle.core.diagnostics import Diagnostic, render_line, sort
from oracle.core.environment import overlay
from oracle.core.errors import ConfigError
from oracle.core.models import AutonomyMode
from oracle.core.nodes import Mapping as MappingNode
from oracle.core.source import read_file
from oracle.risk.sections import (
    AutonomyTransitions,
    CircuitBreakers,
    DatedProfile,
    KillSwitch,
    PdtGuard,
    PortfolioLimits,
    PositionLimits,
)

#: Where limits are looked for when no path is given, under the current folder.
DEFAULT_PATH = Path("config/risk_limits.yaml")
#: The limits that come with oracle, for a folder without any.
SHIPPED_PATH = Path(__file__).resolve().parents[2] / DEFAULT_PATH


class RiskSettings(Strict):
    """All risk limits. Build with `RiskSettings.from_yaml()`."""

    autonomy_mode: AutonomyMode = key(..., "How far the engine may go without a person.", example="PAPER_ONLY")
    position_limits: PositionLimits = key(..., "Limits on one position.", example="{max_position: 5%, ...}")
    portfolio_limits: PortfolioLimits = key(..., "Limits on the account.", example="{max_drawdown: 10%, ...}")
    pdt_guard: PdtGuard = key(..., "Day-trading rules.", example="{account_type: margin, ...}")
    circuit_breakers: CircuitBreakers = key(..., "Breakers.", example="{vix_threshold: 35, ...}")
    kill_switch: KillSwitch = key(..., "Kill switch.", example="{cooldown: 60min}")
    autonomy_transitions: AutonomyTransitions = key(..., "Conditions for more autonomy.", example="{...}")

    @classmethod
    def from_yaml(cls, path: str | Path | None = None, env: Mapping[str, str] | None = None) -> Self:
        """Read limits and lay the environment over them.

        Parameters
        ----------
        path : YAML file; when None `config/risk_limits.yaml` under the current folder, or the one that oracle ships
        env : environment variables; those of this process when None. Only those that start with `SA_RISK__` count

        Raises
        ------
        ConfigError : carries every problem of the file and of the environment
        """
        bound = read_limits(path, os.environ if env is None else env)
        if bound.value is None:
            raise ConfigError(bound.diagnostics)
        for warning in bound.diagnostics:
            logging.getLogger("oracle.risk").warning(render_line(warning))
        return cls.model_validate(bound.value)

    def to_engine(self) -> str:
        """Return the limits as the engine's policy: JSON, fractions for ratios, unit last in each key."""
        position, portfolio, guard = self.position_limits, self.portfolio_limits, self.pdt_guard
        breakers = self.circuit_breakers
        policy = {
            "autonomy_mode": self.autonomy_mode.value,
            "position_limits": {
                "max_position_frac": position.max_position,
                "max_sector_frac": position.max_sector,
                "stop_loss_frac": position.stop_loss,
                "min_price_usd": float(position.min_price),
                "no_leverage": position.no_leverage,
            },
            "portfolio_limits": {
                "max_drawdown_frac": portfolio.max_drawdown,
                "max_daily_loss_frac": portfolio.max_daily_loss,
                "max_positions": portfolio.max_positions,
                "max_daily_trades": portfolio.max_daily_trades,
                "min_cash_reserve_frac": portfolio.min_cash_reserve,
            },
            "pdt_guard": {
                "profiles": [{"from": _iso(p.start), "to": _iso(p.end), "profile": p.profile} for p in guard.profiles],
                "account_type": guard.account_type,
                "max_day_trades": guard.max_day_trades,
                "window_business_days": guard.window,
                "min_equity_usd": float(guard.min_equity),
                "intraday_buffer_frac": guard.intraday_buffer,
                "maintenance_frac": guard.maintenance,
                "counting": guard.counting,
            },
            "circuit_breakers": {
                "vix_threshold": breakers.vix_threshold,
                "stale_data_s": breakers.stale_data // timedelta(seconds=1),
                "reconciliation_interval_s": breakers.reconciliation.interval // timedelta(seconds=1),
                "max_drift_frac": breakers.reconciliation.max_drift,
                "dead_man_switch_h": breakers.dead_man_switch // timedelta(hours=1),
            },
            "kill_switch": {"cooldown_min": self.kill_switch.cooldown // timedelta(minutes=1)},
        }
        return json.dumps(policy, indent=2)


def read_limits(path: str | Path | None, env: Mapping[str, str]) -> Bound[RiskSettings]:
    """Return the limits with all diagnostics, warnings included; nothing is raised."""
    if path is None:
        path = DEFAULT_PATH if DEFAULT_PATH.exists() else SHIPPED_PATH
    source = read_file(path)
    if source.root is None:
        return Bound(None, None, frozenset(), source.diagnostics)
    root = source.root
    refused: list[Diagnostic] = []
    if isinstance(root, MappingNode):
        root, refused = overlay(root, RiskSettings, env, prefix=RISK_PREFIX)
    bound = bind(RiskSettings, root, _problems)
    diagnostics = tuple(sort([*source.diagnostics, *refused, *bound.diagnostics]))
    failed = any(d.is_error for d in diagnostics)
    return replace(bound, value=None if failed else bound.value, diagnostics=diagnostics)


def _problems(limits: RiskSettings) -> Iterator[Problem]:
    """Yield broken rules across keys."""
    position, portfolio = limits.position_limits, limits.portfolio_limits
    if position.max_position > position.max_sector:
        yield Problem(
            ("position_limits", "max_position"),
            "S016",
            "the limit can never bind: a position is part of its sector, whose limit is smaller",
            f"{position.max_position:.4%}",
            f"at most max_sector, {position.max_sector:.4%}",
            severity="warning",
            about=(("position_limits", "max_position"), ("position_limits", "max_sector")),
        )
    if portfolio.max_daily_loss > portfolio.max_drawdown:
        yield Problem(
            ("portfolio_limits", "max_daily_loss"),
            "S016",
            "the limit can never bind: a day's loss is part of the drawdown, whose limit is smaller",
            f"{portfolio.max_daily_loss:.4%}",
            f"at most max_drawdown, {portfolio.max_drawdown:.4%}",
            severity="warning",
            about=(("portfolio_limits", "max_daily_loss"), ("portfolio_limits", "max_drawdown")),
        )
    yield from _profiles(limits.pdt_guard)
    for mode, transition in limits.autonomy_transitions:
        if transition.days_in_mode.unit != "days":
            at = ("autonomy_transitions", mode, "days_in_mode")
            yield Problem(
                at, "S012", "days_in_mode: calendar days are meant", str(transition.days_in_mode), "such as 30d"
            )


def _profiles(guard: PdtGuard) -> Iterator[Problem]:
    """Yield contradictions among the dated rules."""
    here = ("pdt_guard", "profiles")
    concerned = {"margin": ("legacy_pdt", "intraday_margin"), "cash": ("cash_account",)}[guard.account_type]
    for index, dated in enumerate(guard.profiles):
        if dated.start is not None and dated.end is not None and dated.end < dated.start:
            found, expected = dated.end.isoformat(), f"{dated.start.isoformat()} or later"
            yield Problem((*here, index, "to"), "S016", "the rule ends before it begins", found, expected)
        if dated.profile == "off" and any(p.profile in concerned and _overlap(p, dated) for p in guard.profiles):
            message = "the guard is off while another rule holds on some of its days"
            yield Problem((*here, index, "profile"), "S016", message, "off", "days of its own")
    if guard.account_type == "cash" and not any(p.profile in ("cash_account", "off") for p in guard.profiles):
        message = "no rule concerns a cash account"
        yield Problem(here, "S016", message, None, "`{profile: cash_account}`, or `{profile: off}`", on_key=True)


def _overlap(a: DatedProfile, b: DatedProfile) -> bool:
    """Return whether some day lies in both."""
    starts = a.start is None or b.end is None or a.start <= b.end
    return starts and (b.start is None or a.end is None or b.start <= a.end)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
