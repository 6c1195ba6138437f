"""Settings: `config/settings.yaml`, with environment variables (`SA_`) laid over it.

Every key has a default, whose reason stands in `config/settings.yaml` beside it; risk limits have none and live in
`config/risk_limits.yaml`, read by `oracle.risk.limits`. Secrets are `SecretStr` and are never printed.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import SecretStr

from oracle.core.binding import Bound, Problem, Strict, bind, key, locate
from oracle.core.costs import (
    AnnualRate,
    CommissionSettings,
    Fraction,
    InterestSettings,
    SlippageSettings,
    cost_problems,
)
from oracle.core.demands import Count, StrategySettings, strategy_problems
from oracle.core.diagnostics import Diagnostic, render_line, sort
from oracle.core.environment import overlay
from oracle.core.errors import ConfigError
from oracle.core.nodes import Mapping as MappingNode
from oracle.core.nodes import Mark, Node, Scalar, make_document
from oracle.core.searches import SweepSettings, sweep_problems
from oracle.core.source import Source, read_file
from oracle.core.units import (
    Boolean,
    Duration,
    Integer,
    Rate,
    RateOfCalls,
    Secret,
    Symbol,
    Text,
    between,
)

#: Where settings are looked for when no path is given, under the current folder.
DEFAULT_PATH = Path("config/settings.yaml")
#: Variables with this prefix override risk limits, not settings.
RISK_PREFIX = "SA_RISK__"

_PASSWORD = re.compile(r"://[^/\s:@]*:([^@\s]+)@")

#: Keys whose values are secrets; of a URL only the password is one.
_SECRETS: tuple[tuple[str, ...], ...] = (
    ("database", "url"),
    ("redis", "url"),
    ("api", "token"),
    ("data", "alpha_vantage", "api_key"),
)

#: Inputs that a limit needs and a run may do without: the VIX, sectors, prices as traded (for the price floor).
Waiver = Literal["vix", "sector", "raw_prices"]
Port = Annotated[Integer, between(1, 65535, "1 to 65535")]


class AppSettings(Strict):
    """The process as a whole."""

    environment: Literal["development", "staging", "production"] = key(
        "development", "Where this runs; shown in logs and alerts.", example="production"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = key("INFO", "Least level that is logged.", example="INFO")


class IBKRSettings(Strict):
    """How TWS or IB Gateway is reached."""

    host: Text = key("127.0.0.1", "Host of TWS or IB Gateway.", example="127.0.0.1")
    port: Port = key(4002, "Port: Gateway 4001 live, 4002 paper; TWS 7496 live, 7497 paper.", example="4002")
    client_id: Annotated[Integer, between(0, 999, "0 to 999")] = key(1, "Client id of the connection.", example="1")
    account_id: Text | None = key(None, "Account, where the login has several.", example="DU1234567")


class BrokerSettings(Strict):
    """Where orders go."""

    provider: Literal["ibkr", "simulated", "paper_stub"] = key("simulated", "Which broker.", example="ibkr")
    paper_trading: Boolean = key(True, "Whether only a paper account is accepted.", example="true")
    ibkr: IBKRSettings = key(IBKRSettings(), "Interactive Brokers.", example="{port: 4002}")


class AlphaVantageSettings(Strict):
    """Alpha Vantage."""

    api_key: Secret | None = key(None, "Key; from the environment.", example="from SA_DATA__ALPHA_VANTAGE__API_KEY")
    rate_limit: RateOfCalls = key(Rate(5, timedelta(minutes=1)), "Calls in a time.", example="5/min")
    daily_limit: RateOfCalls = key(Rate(25, timedelta(days=1)), "Calls in a day.", example="25/d")


class EdgarSettings(Strict):
    """SEC EDGAR."""

    user_agent: Text | None = key(
        None,
        "Who asks: organisation and contact address; the SEC refuses calls without.",
        example="Example a@example.com",
    )
    rate_limit: RateOfCalls = key(Rate(8, timedelta(seconds=1)), "Calls in a time.", example="8/s")


class FinraSettings(Strict):
    """FINRA short interest."""

    publication_lag: Annotated[Integer, between(0, 30, "0 to 30 sessions")] = key(
        9, "Sessions from settlement until the figures count as public.", unit="sessions", example="9"
    )


class DataSettings(Strict):
    """Prices and reference data."""

    store: Text = key("var/bars", "Folder of the bar store.", example="var/bars")
    trials: Text = key(
        "var/trials.sqlite", "File of the trial ledger, which counts attempts at an idea.", example="var/trials.sqlite"
    )
    universe: list[Symbol] = key([], "Symbols kept up to date beyond those that strategies name.", example="[SPY, VIX]")
    feed: Literal["store", "ibkr", "alpha_vantage"] = key("store", "Where new bars come from.", example="store")
    alpha_vantage: AlphaVantageSettings = key(AlphaVantageSettings(), "Alpha Vantage.", example="{rate_limit: 5/min}")
    edgar: EdgarSettings = key(EdgarSettings(), "SEC EDGAR.", example="{rate_limit: 8/s}")
    finra: FinraSettings = key(FinraSettings(), "FINRA.", example="{publication_lag: 9}")


class DatabaseSettings(Strict):
    """State: SQLite by default, PostgreSQL when wanted."""

    url: Secret = key(
        SecretStr("sqlite+aiosqlite:///var/oracle.db"), "SQLAlchemy URL.", example="sqlite+aiosqlite:///var/oracle.db"
    )


class RedisSettings(Strict):
    """Messenger and cache; in-process where there is no URL."""

    url: Secret | None = key(None, "Redis URL.", example="redis://localhost:6379/0")


class KellySettings(Strict):
    """Bounds on sizing by half Kelly."""

    max_fraction: Fraction = key(0.25, "Largest half-Kelly fraction.", unit="ratio of equity", example="25%")
    min_trades: Count = key(20, "Closed trades before the record counts.", unit="trades", example="20")


class ExecutionSettings(Strict):
    """Orders where a strategy says nothing."""

    order_type: Literal["market", "limit"] = key("market", "Type of entry orders.", example="limit")
    kelly: KellySettings = key(KellySettings(), "Half Kelly.", example="{max_fraction: 25%}")


class RouterSettings(Strict):
    """How large orders are sliced."""

    max_order_participation: Fraction = key(
        0.05, "Largest order against the 20-day mean volume.", unit="ratio of volume", example="5%"
    )
    max_slices: Annotated[Integer, between(1, 100, "1 to 100")] = key(5, "Most slices of one order.", example="5")


class MLSettings(Strict):
    """Models."""

    model_directory: Text = key("var/models", "Folder of trained models.", example="var/models")
    retrain_every: Annotated[Duration, between(86400, 86400 * 366, "1d to 366d")] = key(
        timedelta(days=30), "Longest age of a model before it is trained again.", example="30d"
    )


class SchedulerSettings(Strict):
    """When the jobs run; five-field cron lines in `time_zone`."""

    time_zone: Text = key("America/New_York", "Zone of the cron lines.", example="America/New_York")
    update_data: Text = key("30 17 * * mon-fri", "Fetch the day's bars.", example="30 17 * * mon-fri")
    decide: Text = key("45 15 * * mon-fri", "Compute signals before the close.", example="45 15 * * mon-fri")
    reconcile: Text = key("*/5 9-16 * * mon-fri", "Compare with the broker.", example="*/5 9-16 * * mon-fri")


class ApiSettings(Strict):
    """The web interface."""

    host: Text = key("127.0.0.1", "Address to listen on.", example="127.0.0.1")
    port: Port = key(8000, "Port to listen on.", example="8000")
    token: Secret | None = key(None, "Bearer token; without one nothing can be changed.", example="from SA_API__TOKEN")


class MonitoringSettings(Strict):
    """Metrics."""

    enabled: Boolean = key(True, "Whether Prometheus metrics are served.", example="true")
    port: Port = key(9464, "Port of the metrics.", example="9464")


class AlertsSettings(Strict):
    """Who is told."""

    urls: list[Secret] = key([], "Apprise URLs; from the environment.", example="from SA_ALERTS__URLS")
    minimum_severity: Literal["info", "warning", "critical"] = key(
        "warning", "Least severity that is sent.", example="warning"
    )


class SimulationSettings(Strict):
    """Conventions of a backtest."""

    commission: CommissionSettings = key(CommissionSettings(), "Commission.", example="{model: per_share}")
    slippage: SlippageSettings = key(SlippageSettings(), "Slippage.", example="{model: bps, rate: 5bps}")
    borrow_rate: AnnualRate = key(0.0, "Fee on the value of shorts.", unit="ratio per year", example="0.25%")
    interest: InterestSettings = key(InterestSettings(), "Interest on cash.", example="{benchmark: [{rate: 4%}]}")
    max_participation: Fraction | None = key(
        0.1, "Most of a bar's volume that one order fills; null for no bound.", unit="ratio of volume", example="10%"
    )
    resume_after: Annotated[Integer, between(1, 252, "1 to 252 sessions")] = key(
        20, "Sessions after which a breach of the drawdown limit is reset.", unit="sessions", example="20"
    )
    cash_buffer: Fraction = key(
        0.01, "Price reserve when a position is sized at the close.", unit="ratio of price", example="1%"
    )
    waive: list[Waiver] = key([], "Inputs of limits that the data lack.", example="[vix, sector]")


class Settings(Strict):
    """All settings. Build with `Settings.from_yaml()`."""

    app: AppSettings = key(AppSettings(), "The process.", example="{environment: development}")
    broker: BrokerSettings = key(BrokerSettings(), "Where orders go.", example="{provider: simulated}")
    data: DataSettings = key(DataSettings(), "Prices.", example="{store: var/bars}")
    database: DatabaseSettings = key(DatabaseSettings(), "State.", example="{url: ...}")
    redis: RedisSettings = key(RedisSettings(), "Messenger.", example="{url: ...}")
    strategy: StrategySettings = key(StrategySettings(), "What a strategy must show.", example="{minimum_sharpe: 1.0}")
    sweep: SweepSettings = key(SweepSettings(), "Sweeps.", example="{memory: 256 MB}")
    execution: ExecutionSettings = key(ExecutionSettings(), "Orders.", example="{order_type: market}")
    router: RouterSettings = key(RouterSettings(), "Slicing.", example="{max_slices: 5}")
    ml: MLSettings = key(MLSettings(), "Models.", example="{model_directory: var/models}")
    scheduler: SchedulerSettings = key(SchedulerSettings(), "When jobs run.", example="{time_zone: America/New_York}")
    api: ApiSettings = key(ApiSettings(), "The web interface.", example="{port: 8000}")
    monitoring: MonitoringSettings = key(MonitoringSettings(), "Metrics.", example="{port: 9464}")
    alerts: AlertsSettings = key(AlertsSettings(), "Who is told.", example="{minimum_severity: warning}")
    simulation: SimulationSettings = key(SimulationSettings(), "Conventions of a backtest.", example="{waive: [vix]}")

    @classmethod
    def from_yaml(cls, path: str | Path | None = None, env: Mapping[str, str] | None = None) -> Self:
        """Read settings and lay the environment over them.

        Parameters
        ----------
        path : YAML file; `config/settings.yaml` when None, and the defaults where even that is not there
        env : environment variables; those of this process when None. Only those that start with `SA_` count

        Raises
        ------
        ConfigError : carries every problem of the file and of the environment
        """
        bound = read_settings(path, os.environ if env is None else env)
        if bound.value is None:
            raise ConfigError(bound.diagnostics)
        for warning in bound.diagnostics:
            logging.getLogger("oracle.config").warning(render_line(warning))
        return cls.model_validate(bound.value)


def read_settings(path: str | Path | None, env: Mapping[str, str]) -> Bound[Settings]:
    """Return the settings with all diagnostics, warnings included; nothing is raised."""
    source = _source(path)
    if not isinstance(source.root, MappingNode):
        if source.root is None:
            return Bound(None, None, frozenset(), source.diagnostics)
        return bind(Settings, source.root, _problems)
    root, refused = overlay(source.root, Settings, env, ignore=(RISK_PREFIX,))
    bound = bind(Settings, root, _problems)
    warnings = _passwords(source.root)
    diagnostics = tuple(sort([*source.diagnostics, *refused, *bound.diagnostics, *warnings]))
    failed = any(d.is_error for d in diagnostics)
    return replace(bound, value=None if failed else bound.value, diagnostics=diagnostics)


def _source(path: str | Path | None) -> Source:
    if path is None and not DEFAULT_PATH.exists():
        document = make_document("the defaults", "")
        return Source(document, MappingNode((), Mark(1, 1, 0), document), ())
    return read_file(DEFAULT_PATH if path is None else path)


def _problems(settings: Settings) -> Iterator[Problem]:
    """Yield broken rules across keys."""
    yield from strategy_problems(settings.strategy)
    yield from sweep_problems(settings.sweep)
    simulation = settings.simulation
    yield from cost_problems(simulation.commission, simulation.interest, ("simulation",))
    if (
        settings.broker.provider == "ibkr"
        and settings.broker.paper_trading
        and settings.broker.ibkr.port in (4001, 7496)
    ):
        yield Problem(
            ("broker", "ibkr", "port"),
            "S016",
            "the port is that of live trading, but `paper_trading` is true",
            str(settings.broker.ibkr.port),
            "4002 (Gateway) or 7497 (TWS)",
            severity="warning",
        )


def _passwords(root: Node) -> list[Diagnostic]:
    """Return a warning for each secret that stands in a file instead of the environment."""
    found: list[Diagnostic] = []
    for at in _SECRETS:
        node, mark, _ = locate(root, at)
        if not isinstance(node, Scalar) or node.is_null:
            continue
        if at[-1] != "url" or _PASSWORD.search(node.text):
            found.append(_secret_in_file(node, mark, at))
    return found


def _secret_in_file(node: Scalar, mark: Mark, at: tuple[str, ...]) -> Diagnostic:
    variable = "SA_" + "__".join(at).upper()
    return Diagnostic(
        node.document.path,
        mark.line,
        mark.column,
        "S019",
        f"`{'.'.join(at)}` holds a secret in a file",
        "warning",
        expected=f"the environment variable {variable}",
    )
